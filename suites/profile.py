"""What the quick profile runs: every op on every target; samples, transformations, and rows of the sweep, at home.

A framework's home is the target of the run with the widest dtype: jitted in JAX, where one compiled call costs less
than op-by-op dispatch, eager elsewhere. The first sample of an op runs everywhere; eager torch costs next to nothing
and runs everything but the sweep, whose truths are computed anew for each dtype.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_dualfw import Target

DEVICES = ("cpu", "gpu", "tpu")
DTYPES = ("float64", "float32", "bfloat16", "float16")
EVERYWHERE = "test_value_and_gradient"
SAMPLED, SEARCH = 10, "test_search"


@dataclass(frozen=True)
class Item:
    """What decides: the test, its case and sample, and the target."""

    test: str
    case: str
    first: bool
    target: Target
    swept: bool = False

    @classmethod
    def of(cls, item: pytest.Item) -> "Item | None":
        """None for a test that is not about a sample of an op or a row of the sweep: it always runs."""
        params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        case: Any = params.get("case")
        row: Any = params.get("row")
        fw, device, dtype, mode = (str(params.get(f"dualfw_{axis}")) for axis in ("fw", "device", "dtype", "mode"))
        if device not in DEVICES or not (hasattr(case, "sample") or hasattr(row, "truth")):
            return None
        name, target = getattr(item, "originalname", item.name), Target(fw, device, dtype, mode)
        if case is None:
            return cls(name, row.name, False, target, swept=True)
        return cls(name, str(case), case.sample is case.op.samples[0], target)


def keeps_in_quick(items: list[Item]) -> set[Item]:
    """The items that stay. Each test of each framework has its own home, since a test may leave targets out. Of the
    sweep's rows one in ``SAMPLED`` stays, ever the same, and none is searched.
    """
    at_home = {i for i in _at_home(items) if not i.swept or _sampled(i)}
    return at_home | {i for i in items if _is_cheap(i) or (i.first and i.test == EVERYWHERE)}


def keeps_in_full(items: list[Item]) -> set[Item]:
    """All but the sweep away from home, which is for nights."""
    at_home = _at_home(items)
    return {i for i in items if not i.swept or i in at_home}


def _at_home(items: list[Item]) -> set[Item]:
    targets: dict[tuple[str, str], set[Target]] = {}
    for i in items:
        targets.setdefault((i.target.fw, i.test), set()).add(i.target)
    homes = {key: _home(found) for key, found in targets.items()}
    return {i for i in items if i.target == homes[i.target.fw, i.test]}


def _sampled(item: Item) -> bool:
    return item.test != SEARCH and zlib.crc32(item.case.encode()) % SAMPLED == 0


def _is_cheap(item: Item) -> bool:
    return (item.target.fw, item.target.mode) == ("torch", "eager") and not item.swept


def _home(targets: set[Target]) -> Target:
    return min(targets, key=lambda t: (DTYPES.index(t.dtype), (t.mode == "jit") != (t.fw == "jax")))
