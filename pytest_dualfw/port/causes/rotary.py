"""Rotary embeddings ported wrongly: which entries of a head are turned together, and how fast.

Two orders are about: neighbours, 2i with 2i + 1 (J. Su et al., RoFormer, 2021, section 3.2.2), and halves, i with
i + d/2 (GPT-NeoX). Weights made for one give other numbers under the other, and no error.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..model import Call, Edit, Point
from .cause import Alternative, Cause, bound, cause

BASES = (10000.0, 500000.0, 1000000.0, 1000.0, 100.0)
ORDERS = ("neighbours turned together instead of halves", "halves turned together instead of neighbours")
PARTINGS = ("getitem", "chunk", "split", "tensor_split")


def turned_otherwise(points: Sequence[Point]) -> Iterator[tuple[str, Mapping[int, Edit]]]:
    """What runs in the place of all calls that part the last axis in two, and of those that join the parts again."""
    for words, other in zip(ORDERS, (_in_neighbours, _in_halves), strict=True):
        edits = {p.index: edit for p in points if (edit := other(p.call)) is not None}
        if {p.call.name in PARTINGS for p in points if p.index in edits} == {True, False}:
            yield words, edits


def _in_neighbours(call: Call) -> Edit | None:
    n = _last_axis(call)
    if call.name in PARTINGS and n % 2 == 0:
        halves, pairs = (slice(0, n // 2), slice(n // 2, n)), (slice(0, n, 2), slice(1, n, 2))
        return _parted(call, halves, pairs)
    if call.name in ("cat", "concat") and _joins_two(call, 0):
        return lambda c: _interleaved(c.run())
    return None


def _in_halves(call: Call) -> Edit | None:
    n = _last_axis(call)
    if call.name == "getitem" and n % 2 == 0:
        return _parted(call, (slice(0, n, 2), slice(1, n, 2)), (slice(0, n // 2), slice(n // 2, n)))
    if call.name == "stack" and _joins_two(call, 1):
        return lambda c: c.run().transpose(-1, -2)  # what flattens it finds the first parts, then the second
    if call.name == "repeat_interleave" and call.args[1:] in ((2, -1), (2, call.args[0].dim() - 1)):
        return lambda c: c.args[0].repeat(*[1] * (c.args[0].dim() - 1), 2)
    return None


def _last_axis(call: Call) -> int:
    x: Any = call.args[0] if call.args else None
    return int(x.shape[-1]) if hasattr(x, "dim") and x.dim() else 1


def _parted(call: Call, mine: Sequence[slice], other: Sequence[slice]) -> Edit | None:
    """A call that takes one of two parts of the last axis, or both, taking the other two."""
    n = _last_axis(call)
    if call.name != "getitem":
        taken = call.run()
        halved = len(taken) == 2 and all(x.shape[-1] == n // 2 for x in taken)
        return (lambda c: tuple(c.args[0][..., o] for o in other)) if halved else None
    key = call.args[1] if isinstance(call.args[1], tuple) else (call.args[1],)
    reaches = any(k is ... for k in key) or len(key) == call.args[0].dim()
    for part, instead in zip(mine, other, strict=True):
        if reaches and isinstance(key[-1], slice) and range(n)[key[-1]] == range(n)[part]:
            return bound(lambda c, changed: c.args[0][changed], (*key[:-1], instead))
    return None


def _joins_two(call: Call, more: int) -> bool:
    """Two of one shape, along the last axis; ``more``: along a new one."""
    parts = call.args[0]
    axis = call.args[1] if len(call.args) > 1 else call.kwargs.get("dim", call.kwargs.get("axis", 0))
    return len(parts) == 2 and parts[0].shape == parts[1].shape and axis in (-1, parts[0].dim() - 1 + more)


def _interleaved(joined: Any) -> Any:
    """The first of one part, the first of the other, the second of one, and so on."""
    return joined.unflatten(-1, (2, -1)).transpose(-1, -2).flatten(-2)


def _paired(call: Call) -> Iterator[Alternative]:
    """Entries as complex numbers: what queries and keys have in common may lie in any order."""
    yield ORDERS[1], lambda c: c.put(0, c.args[0].transpose(-1, -2).reshape(c.args[0].shape).contiguous())


def _base(call: Call) -> Iterator[Alternative]:
    """A number to the power of a tensor, as the wavelengths of positions are written."""
    numbers = [i for i, a in enumerate(call.args) if isinstance(a, (int, float)) and not isinstance(a, bool)]
    if len(call.args) != 2 or len(numbers) != 1 or call.args[numbers[0]] < 10:
        return
    given = float(call.args[numbers[0]])
    for base in [b for b in BASES if b != given]:
        yield f"base {base:g} instead of {given:g}", _with_base(numbers[0], base)


def _with_base(at: int, base: float) -> Callable[[Call], Any]:
    return lambda c: c.put(at, base)


CAUSES: tuple[Cause, ...] = (
    cause("rotary order", "view_as_complex", _paired),
    cause("base", "rpow pow", _base),
)
