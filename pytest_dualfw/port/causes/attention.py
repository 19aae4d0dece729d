"""Softmax, scales, masks and heads ported wrongly."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ..model import Call, Edit, Point
from .cause import Alternative, Cause, bound, cause

SPLITS = ("view", "reshape", "unflatten")
SCALES = ("mul", "div", "rmul", "truediv")


def _axis(call: Call) -> Iterator[Alternative]:
    x = call.tensors[0]
    given = next((a for a in (*call.args[1:], call.kwargs.get("dim")) if isinstance(a, int)), -1) % x.dim()
    for axis in [a for a in range(x.dim()) if a != given]:
        yield f"over axis {axis} instead of {given}", partial(_over, axis)
    if call.name == "softmax":
        yield "log_softmax instead of softmax", lambda c: c.run().log()
    else:
        yield "softmax instead of log_softmax", lambda c: c.run().exp()


def _over(axis: int, call: Call) -> Any:
    x = call.tensors[0]
    return x.softmax(axis) if call.name == "softmax" else x.log_softmax(axis)


def _number(call: Call) -> float | None:
    """The Python number that a tensor is scaled by."""
    numbers = [a for a in call.args if isinstance(a, (int, float)) and not isinstance(a, bool)]
    return float(numbers[0]) if len(numbers) == 1 and len(call.args) == 2 else None


def _scale(call: Call) -> Iterator[Alternative]:
    s = _number(call)
    if s is None:
        return
    yield f"the scale {s:.4g} left out", lambda c: c.tensors[0] * 1
    if s > 0 and s != 1:
        for other, words in ((s * s, "squared"), (math.sqrt(s), "under a root"), (1 / s, "inverted")):
            yield f"the scale {s:.4g} {words}: {other:.4g}", partial(_scaled, other)


def _scaled(factor: float, call: Call) -> Any:
    x = call.tensors[0]
    return x * factor if call.name in ("mul", "rmul") else x / factor


def other_heads(points: Sequence[Point]) -> Iterator[tuple[str, Mapping[int, Edit]]]:
    """Another number of heads, in all calls that split entries into heads and in the scale that follows from it."""
    splits = [p for p in points if p.call.name in SPLITS and _splits_last(p)]
    found = {p.value.shape[-2:] for p in splits}
    for h, d in found if len(found) == 1 else ():  # heads that share keys come in two numbers
        for other in [n for n in range(1, h * d + 1) if h * d % n == 0 and n != h]:
            edits: dict[int, Edit] = {p.index: _split_into(p, other) for p in splits}
            edits |= {p.index: _scaled_for(h / other) for p in points if _scales_by_root(p, d)}
            yield f"{other} heads of {h * d // other} entries instead of {h} of {d}", edits


def _splits_last(point: Point) -> bool:
    x, shape = point.call.args[0], point.value.shape
    return len(shape) == x.dim() + 1 and shape[:-2] == tuple(x.shape[:-1]) and min(shape[-2:]) > 1


def _split_into(point: Point, heads: int) -> Edit:
    shape = (*point.value.shape[:-2], heads, -1)
    return lambda call: call.args[0].reshape(shape)


def _scales_by_root(point: Point, entries: int) -> bool:
    s = _number(point.call) if point.call.name in SCALES else None
    return s is not None and any(math.isclose(s, r) for r in (math.sqrt(entries), 1 / math.sqrt(entries)))


def _scaled_for(longer: float) -> Edit:
    """``longer`` is by how much a head's entries become more: the scores are divided by the root of it too."""
    return bound(lambda call, root: call.run() / root, math.sqrt(longer))


def _mask(call: Call) -> Iterator[Alternative]:
    mask = _mask_of(call)
    if mask is None:
        return
    yield "the mask left out", partial(_masked, None)
    yield "the mask inverted", partial(_masked, lambda m: ~m)
    if mask.dim() > 1 and mask.shape[-1] > 1:
        yield "the causal mask off by one: a query does not see its own key", partial(_masked, partial(_diagonal, -1))
        yield "the causal mask off by one: a query sees the next key", partial(_masked, partial(_diagonal, 1))
        yield "queries and keys of the mask exchanged", partial(_masked, lambda m: m.mT)


def _mask_of(call: Call) -> Any:
    if call.name == "masked_fill":
        return call["mask"]
    return call["condition"] if call.name == "where" and len(call.args) > 1 else None


def _masked(change: Any, call: Call) -> Any:
    x = call["input"]
    if change is None:
        return x * 1 if hasattr(x, "dim") else call["other"] * 1
    if call.name == "masked_fill":  # bars where the mask is true
        return call.run(mask=~change(~call["mask"]))
    return call.run(condition=change(call["condition"]))


def _diagonal(by: int, mask: Any) -> Any:
    """A lower triangle with its diagonal moved; a row that nothing is left in keeps its first entry."""
    ones = mask.new_ones(mask.shape)
    moved = ones.tril(by)
    return moved | (ones.tril(0) & ~moved.any(-1, keepdim=True))


def _additive(call: Call) -> Iterator[Alternative]:
    """A mask of zeros and minus infinity that is added."""
    if any(hasattr(a, "isinf") and bool(a.isinf().any()) for a in call.args[1:]):
        yield "the mask left out", lambda c: c.args[0] * 1


CAUSES: tuple[Cause, ...] = (
    cause("axis of softmax", "softmax log_softmax", _axis),
    cause("scale", " ".join(SCALES), _scale),
    cause("mask", "masked_fill where", _mask),
    cause("mask", "add", _additive),
)
