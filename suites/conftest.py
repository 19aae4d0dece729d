"""The quick profile leaves items out; ``--fw-profile=full`` runs them all."""

import pytest

from .profile import Item, keeps_in_quick


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    profile = config.getoption("fw_profile", None) or config.getini("fw_profile") or "quick"
    if profile != "quick":
        return
    seen = [Item.of(item) for item in items]
    kept = keeps_in_quick([facts for facts in seen if facts])
    out = [item for item, facts in zip(items, seen, strict=True) if facts and facts not in kept]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item, facts in zip(items, seen, strict=True) if not facts or facts in kept]
