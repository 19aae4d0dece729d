"""The quick profile leaves many items out, ``--fw-profile=full`` some of the sweep, ``--fw-profile=nightly`` none.

Of the kernels only the tiny size runs unless timings were asked for.
"""

import pytest

from .profile import Item, keeps, measuring, profile_of
from .progress import shown


def pytest_configure(config: pytest.Config) -> None:
    if profile_of(config) == "nightly" and (progress := shown(config)):
        config.pluginmanager.register(progress)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seen = [Item.of(item) for item in items]
    kept = keeps(profile_of(config), [facts for facts in seen if facts], measured=measuring(config))
    out = [item for item, facts in zip(items, seen, strict=True) if facts and facts not in kept]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item, facts in zip(items, seen, strict=True) if not facts or facts in kept]
