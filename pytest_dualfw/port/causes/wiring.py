"""Mistakes of several calls at once: a residual taken elsewhere, a norm before instead of after it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ..model import Call, Edit, Point

# A name, words, and what runs in the place of several calls.
Rewiring = tuple[str, str, Mapping[int, Edit]]

WEIGHTED = {"linear", "conv1d", "conv2d", "conv3d", "embedding"}
NORMS = {"layer_norm", "rms_norm", "batch_norm", "group_norm"}
# So many values before a call are tried as its operand.
NEAR = 12


def rewirings(points: Sequence[Point], at: int) -> Iterator[Rewiring]:
    """Alternatives to the call of point ``at`` that concern other calls too."""
    yield from _exchanged(points, at)
    yield from _norm_moved(points, at)
    yield from _other_operand(points, at)


def _exchanged(points: Sequence[Point], at: int) -> Iterator[Rewiring]:
    """Two layers with each other's weights, here and in every layer that is like this one."""
    one = points[at]
    if one.call.name not in WEIGHTED:
        return
    for k in range(max(at - 2 * NEAR, 0), min(at + 2 * NEAR, len(points))):
        if points[k].index != one.index and _alike_weighted(one, points[k]):
            pairs = [(points[i], points[i + k - at]) for i in _pairs(points, at, k)]
            words = f"{one.place} and {points[k].place} with each other's weights"
            yield "exchanged weights", words, _with_each_others(pairs[:1])
            if len(pairs) > 1:
                yield "exchanged weights", f"{words}, in all {len(pairs)} such places", _with_each_others(pairs)


def _pairs(points: Sequence[Point], at: int, k: int) -> list[int]:
    """The pair of calls first, then those as far apart in modules of the same names."""
    names = [points[i].module.rpartition(".")[2] for i in (at, k)]
    like = [
        i
        for i in range(max(at - k, 0), len(points) - max(k - at, 0))
        if i != at
        and [points[j].module.rpartition(".")[2] for j in (i, i + k - at)] == names
        and points[i].call.name in WEIGHTED
        and _alike_weighted(points[i], points[i + k - at])
    ]
    return [at, *like]


def _alike_weighted(one: Point, other: Point) -> bool:
    mine, theirs = one.call["weight"], other.call["weight"]
    return one.call.name == other.call.name and mine is not theirs and mine.shape == theirs.shape


def _with_each_others(pairs: Sequence[tuple[Point, Point]]) -> dict[int, Edit]:
    return {a.index: partial(_weighted_as, b.call) for pair in pairs for a, b in (pair, pair[::-1])}


def _weighted_as(other: Call, call: Call) -> Any:
    return call.run(**{name: other[name] for name in ("weight", "bias") if call[name] is not None})


def _norm_moved(points: Sequence[Point], at: int) -> Iterator[Rewiring]:
    """x + f(norm(x)) for norm(x + f(x)), and the other way round; the norm and the sum are looked for from here on."""
    norms = [p for p in points[max(at - 2 * NEAR, 0) : at + 2 * NEAR] if p.call.name in NORMS]
    sums = [p for p in points[max(at - 2 * NEAR, 0) : at + 2 * NEAR] if _adds(p)]
    for norm in norms:
        for total in sums:
            if total.index > norm.index and _takes(total, norm.call.tensors[0]):
                yield "place of the norm", f"{norm.place} after the residual is added", _after(norm, total)
            if total.index < norm.index and _is_output(norm.call.tensors[0], total):
                words = f"{norm.place} before the block, the residual added after it"
                tried = (_before(points, norm, total, i) for i in (0, 1))
                yield from (("place of the norm", words, edits) for edits in tried if len(edits) > 1)


def _adds(point: Point) -> bool:
    return point.call.name == "add" and sum(hasattr(a, "requires_grad") for a in point.call.args) == 2


def _takes(point: Point, tensor: Any) -> bool:
    return any(t is tensor for t in point.call.tensors)


def _is_output(tensor: Any, point: Point) -> bool:
    return tensor.shape == point.value.shape and bool((tensor.detach().numpy() == point.value).all())


def _after(norm: Point, total: Point) -> dict[int, Edit]:
    kept: dict[str, Call] = {}

    def skipped(call: Call) -> Any:
        kept["norm"] = call
        return call.args[0] * 1

    return {norm.index: skipped, total.index: lambda call: kept["norm"].put(0, call.run())}


def _before(points: Sequence[Point], norm: Point, total: Point, residual: int) -> dict[int, Edit]:
    """Each call between that takes what the sum takes as its residual is given the norm of it instead."""
    x = total.call.args[residual]

    def normed(call: Call) -> Any:
        args = [norm.call.put(0, a) if _same(a, x) else a for a in call.args]
        return call.function(*args, **call.kwargs)

    users = {p.index: normed for p in points if p.index < total.index and _takes(p, x)}
    return {**users, norm.index: lambda call: call.args[0] * 1}


def _same(a: Any, b: Any) -> bool:
    return hasattr(a, "shape") and a.shape == b.shape and bool((a.detach() == b.detach()).all())


def _other_operand(points: Sequence[Point], at: int) -> Iterator[Rewiring]:
    """The call takes another value of the same shape that was there before."""
    point = points[at]
    for position, operand in enumerate(point.call.args):
        if not hasattr(operand, "requires_grad") or not operand.is_floating_point():
            continue
        like = [p for p in points[:at] if p.value.shape == tuple(operand.shape) and p.index != point.index]
        for source in reversed(like[-NEAR:]):
            words = f"{point.place} takes the result of {source.place} as operand {position + 1}"
            yield "wiring", words, _fed(source, point, position)


def _fed(source: Point, point: Point, position: int) -> dict[int, Edit]:
    kept: dict[str, Any] = {}

    def keep(call: Call) -> Any:
        kept["value"] = call.run()
        return kept["value"]

    return {source.index: keep, point.index: lambda call: call.put(position, kept["value"])}
