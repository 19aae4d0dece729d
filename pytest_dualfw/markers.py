"""The markers: which targets a test is for, which it skips, where it is expected to fail, what it needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from .target import DEVICES, DTYPES, MODES, Target, listed

if TYPE_CHECKING:
    from .tolerance import Tolerance

AXES = ("fw", "device", "dtype", "mode")

# marker -> (positional allowed, keywords allowed, help)
MARKERS: dict[str, tuple[bool, tuple[str, ...], str]] = {
    "fw_only": (True, AXES, "fw_only(*frameworks, device=, dtype=, mode=): the test is for these targets only"),
    "fw_skip": (
        False,
        (*AXES, "reason"),
        "fw_skip(fw=, device=, dtype=, mode=, reason=): skip the test on these targets",
    ),
    "fw_xfail": (
        False,
        (*AXES, "reason", "raises", "strict"),
        "fw_xfail(fw=, device=, dtype=, mode=, reason=, raises=, strict=True): expected to fail there; it still runs",
    ),
    "fw_requires": (
        False,
        ("torch", "jax", "memory_gb", "reason"),
        "fw_requires(torch='>=2.4', jax='>=0.6', memory_gb=8): skip where the version or the device's memory is less",
    ),
    "fw_tolerance": (
        False,
        ("rtol", "atol", "why"),
        "fw_tolerance(rtol=, atol=, why=): tolerance of this test's comparisons, set by hand for a reason",
    ),
}


class MarkerError(ValueError):
    """A marker with arguments it does not take; the message lists those it takes."""


@dataclass(frozen=True)
class Selector:
    """Which targets a marker means: for each axis the names allowed, or all where none is given."""

    fw: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    dtype: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()

    def selects(self, target: Target) -> bool:
        wanted = ((getattr(self, axis), getattr(target, axis)) for axis in AXES)
        return all(not names or value in names for names, value in wanted)


def selector(mark: pytest.Mark, frameworks: Iterable[str]) -> Selector:
    """Read a marker's targets. MarkerError for an unknown argument or name."""
    _check_keywords(mark)
    given = {axis: _names(mark.kwargs.get(axis)) for axis in AXES}
    given["fw"] += tuple(mark.args)
    known = {"fw": (*frameworks, "both"), "device": DEVICES, "dtype": DTYPES, "mode": MODES}
    for axis, names in given.items():
        _check_names(mark, axis, names, known[axis])
    return Selector(**given)


def tolerance(mark: pytest.Mark) -> "Tolerance":
    """The tolerance a ``fw_tolerance`` marker sets. MarkerError where it is malformed or gives no reason."""
    from .tolerance import Tolerance  # brings NumPy, which collecting does not need

    _check_keywords(mark)
    try:
        return Tolerance(**mark.kwargs)
    except ValueError as error:
        raise MarkerError(f"{_spelled(mark)}: {error}") from error


def check(mark: pytest.Mark, frameworks: Iterable[str]) -> None:
    """Raise MarkerError where ``mark`` is one of ours and malformed."""
    if mark.name == "fw_tolerance":
        tolerance(mark)
    elif mark.name == "fw_requires":
        _check_keywords(mark)
        _check_versions(mark)
    elif mark.name in MARKERS:
        selector(mark, frameworks)


def plain_marks(target: Target) -> list[str]:
    """Marks for ``-m "fw_jax and fw_gpu"``; -k would match substrings of test names."""
    frameworks = ("torch", "jax", "both") if target.fw == "both" else (target.fw,)
    return [f"fw_{part}" for part in (*frameworks, target.device, target.dtype, target.mode)]


def _check_keywords(mark: pytest.Mark) -> None:
    positional, keywords, _ = MARKERS[mark.name]
    unknown = [k for k in mark.kwargs if k not in keywords]
    if unknown:
        raise MarkerError(f"{_spelled(mark)} has an unknown argument {unknown[0]!r}; allowed are {listed(keywords)}")
    if mark.args and not positional:
        raise MarkerError(f"{_spelled(mark)} takes no positional argument; allowed are {listed(keywords)}")


def _check_versions(mark: pytest.Mark) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    for name in ("torch", "jax"):
        try:
            SpecifierSet(mark.kwargs.get(name, ""))
        except InvalidSpecifier as error:
            asked = mark.kwargs[name]
            raise MarkerError(f"{_spelled(mark)} asks for {name} {asked!r}; write a version like '>=2.4'") from error


def _check_names(mark: pytest.Mark, axis: str, names: tuple[Any, ...], known: tuple[str, ...]) -> None:
    unknown = [n for n in names if n not in known]
    if unknown:
        raise MarkerError(f"{_spelled(mark)} names an unknown {axis} {unknown[0]!r}; allowed are {listed(known)}")


def _names(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _spelled(mark: pytest.Mark) -> str:
    given = [*map(repr, mark.args), *(f"{k}={v!r}" for k, v in mark.kwargs.items())]
    return f"{mark.name}({', '.join(given)})"
