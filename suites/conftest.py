"""The quick profile leaves many items out, ``--fw-profile=full`` some of the sweep, ``--fw-profile=nightly`` none.

Of the kernels only the tiny size runs unless timings were asked for.
"""

import pytest

from .profile import Item, Marks, allowed, given, keeps, measuring, profile_of
from .progress import shown


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "profile(name): the least profile that runs the test: full or nightly")
    config.addinivalue_line("markers", "asked(option): the test runs only where the option was given a value")
    config.addinivalue_line("markers", "home: the quick profile runs the test on each framework's home target alone")
    if profile_of(config) == "nightly" and (progress := shown(config)):
        config.pluginmanager.register(progress)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    profile = profile_of(config)
    seen = [Item.of(item) for item in items]
    kept = keeps(profile, [facts for facts in seen if facts], measured=measuring(config))
    marked = allowed(profile, [Marks.of(item) for item in items])
    asked = [all(given(config, mark.args[0]) for mark in item.iter_markers("asked")) for item in items]
    stays = [
        ok and was_asked and (not facts or facts in kept)
        for ok, was_asked, facts in zip(marked, asked, seen, strict=True)
    ]
    out = [item for item, stay in zip(items, stays, strict=True) if not stay]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item, stay in zip(items, stays, strict=True) if stay]
