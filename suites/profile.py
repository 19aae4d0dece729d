"""What the quick profile runs: every op on every target; samples, transformations, and rows of the sweep, at home.

A framework's home is the target of the run with the widest dtype: jitted in JAX, where one compiled call costs less
than op-by-op dispatch, eager elsewhere. The first sample of an op runs everywhere; eager torch costs next to nothing
and runs everything but the sweep, whose truths are computed anew for each dtype.

Kernels are measured only where that is asked for (``--benchmark-only``): all sizes then, in every profile. Otherwise
the tiny size is checked; in the quick profile with the widest dtype, and not where compiling alone takes seconds.

Any other test says where it belongs by marks: ``profile("full")`` keeps it out of quick, ``profile("nightly")`` out of
full too, and ``home`` lets it run, in quick, on its framework's home alone.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pytest_dualfw import Target

DEVICES = ("cpu", "gpu", "tpu")
DTYPES = ("float64", "float32", "bfloat16", "float16")
EVERYWHERE = "test_value_and_gradient"
SAMPLED = 10
# Of rows of numbers, and of rows of arrays, for whose every shape something is compiled.
SEARCHES = SEARCH, SHAPES = "test_search", "test_shapes"
CHECKED_SIZE = "tiny"
PROFILES = ("quick", "full", "nightly")


@dataclass(frozen=True)
class Item:
    """What decides: the test, its case and sample, and the target; of a kernel its ``size`` and whether compiling it
    is ``slow``.
    """

    test: str
    case: str
    first: bool
    target: Target
    swept: bool = False
    size: str = ""
    slow: bool = False

    @classmethod
    def of(cls, item: pytest.Item) -> "Item | None":
        """None for a test that is not about a sample of an op, a row of the sweep or a kernel: it always runs."""
        params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        case: Any = params.get("case")
        row: Any = params.get("row")
        kernel: Any = params.get("kernel")
        target = _target_of(item)
        if target is None or not (hasattr(case, "sample") or hasattr(row, "truth") or hasattr(kernel, "size")):
            return None
        name = getattr(item, "originalname", item.name)
        if kernel is not None:
            return cls(name, str(kernel), False, target, size=kernel.size, slow=kernel.spec.slow_to_compile)
        if case is None:
            return cls(name, row.name, False, target, swept=True)
        return cls(name, str(case), case.sample is case.op.samples[0], target)


@dataclass(frozen=True)
class Marks:
    """What a test's marks say: the ``least`` profile that holds it, its target where quick runs it at home alone."""

    test: str
    least: str
    target: Target | None

    @classmethod
    def of(cls, item: pytest.Item) -> "Marks":
        least = [mark.args[0] for mark in item.iter_markers("profile")]
        target = _target_of(item) if item.get_closest_marker("home") else None
        test = item.nodeid.partition("[")[0]
        return cls(test, max(least, key=PROFILES.index, default="quick"), target)


def allowed(profile: str, marks: list[Marks]) -> list[bool]:
    """Whether each test belongs to the profile, by its marks."""
    homes = _homes((m.test, m.target) for m in marks if m.target)
    held = [PROFILES.index(m.least) <= PROFILES.index(profile) for m in marks]
    if profile != "quick":
        return held
    return [
        held_here and (m.target is None or m.target == homes[m.target.fw, m.test])
        for held_here, m in zip(held, marks, strict=True)
    ]


def _target_of(item: pytest.Item) -> Target | None:
    params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    fw, device, dtype, mode = (str(params.get(f"dualfw_{axis}")) for axis in ("fw", "device", "dtype", "mode"))
    return Target(fw, device, dtype, mode) if device in DEVICES else None


def given(config: pytest.Config, option: str) -> str:
    """An option's value, from the command line or the configuration; empty where it has none."""
    return config.getoption(option, None) or config.getini(option) or ""


def profile_of(config: pytest.Config) -> str:
    return given(config, "fw_profile") or "quick"


def measuring(config: pytest.Config) -> bool:
    """Whether the run was asked for timings."""
    return any(config.getoption(f"benchmark_{option}", False) for option in ("only", "enable"))


def keeps(profile: str, items: list[Item], *, measured: bool) -> set[Item]:
    """The items that stay in the profile; ``measured``: kernels are timed."""
    kernels = [i for i in items if i.size]
    stay = kernels if measured else [i for i in kernels if i.size == CHECKED_SIZE]
    if profile == "quick" and not measured:
        stay = _in_both_modes(_at_home(stay), [i for i in stay if not i.slow])
    return KEEPS[profile]([i for i in items if not i.size]) | set(stay)


def keeps_in_quick(items: list[Item]) -> set[Item]:
    """The items that stay. Each test of each framework has its own home, since a test may leave targets out. Of the
    sweep's rows one in ``SAMPLED`` stays, ever the same, and none is searched.
    """
    at_home = {i for i in _at_home(items) if not i.swept or _sampled(i)}
    return at_home | {i for i in items if _is_cheap(i) or (i.first and i.test == EVERYWHERE)}


def keeps_in_full(items: list[Item]) -> set[Item]:
    """All but the sweep away from home, and the search of shapes, which are for nights."""
    at_home = _at_home(items)
    return {i for i in items if not i.swept or (i in at_home and i.test != SHAPES)}


def _at_home(items: list[Item]) -> set[Item]:
    homes = _homes((i.test, i.target) for i in items)
    return {i for i in items if i.target == homes[i.target.fw, i.test]}


def _homes(tests: Iterable[tuple[str, Target]]) -> dict[tuple[str, str], Target]:
    """The home of each framework and test."""
    targets: dict[tuple[str, str], set[Target]] = {}
    for test, target in tests:
        targets.setdefault((target.fw, test), set()).add(target)
    return {key: _home(found) for key, found in targets.items()}


def _in_both_modes(kept: set[Item], items: list[Item]) -> list[Item]:
    """One test of a kernel judges both modes, and its twin costs nothing more."""
    places = {replace(i.target, mode="") for i in kept}
    return [i for i in items if replace(i.target, mode="") in places]


def _sampled(item: Item) -> bool:
    return item.test not in SEARCHES and zlib.crc32(item.case.encode()) % SAMPLED == 0


def _is_cheap(item: Item) -> bool:
    return (item.target.fw, item.target.mode) == ("torch", "eager") and not item.swept


def _home(targets: set[Target]) -> Target:
    return min(targets, key=lambda t: (DTYPES.index(t.dtype), (t.mode == "jit") != (t.fw == "jax")))


KEEPS: dict[str, Callable[[list[Item]], set[Item]]] = {
    "quick": keeps_in_quick,
    "full": keeps_in_full,
    "nightly": set,
}
