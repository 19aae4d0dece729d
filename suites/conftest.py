"""The quick profile leaves many items out, ``--fw-profile=full`` some of the sweep, ``--fw-profile=nightly`` none."""

import pytest

from .profile import Item, keeps_in_full, keeps_in_quick

KEEPS = {"quick": keeps_in_quick, "full": keeps_in_full}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    profile = config.getoption("fw_profile", None) or config.getini("fw_profile") or "quick"
    if profile not in KEEPS:
        return
    seen = [Item.of(item) for item in items]
    kept = KEEPS[profile]([facts for facts in seen if facts])
    out = [item for item, facts in zip(items, seen, strict=True) if facts and facts not in kept]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item, facts in zip(items, seen, strict=True) if not facts or facts in kept]
