"""Reshapes ported wrongly: the order in which axes are flattened, split and joined."""

from collections.abc import Iterator
from functools import partial
from itertools import permutations
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, bound, cause

RESHAPES = "flatten reshape view unflatten"
# Joined axes are tried in every order up to so many.
MOST_AXES = 5


def _before(call: Call) -> Iterator[Alternative]:
    """Axes permuted before they are joined: NHWC flattened, heads joined without being moved back."""
    x, shape = call.tensors[0], _result(call)
    if shape is None or not 2 < x.dim() <= MOST_AXES or len(shape) >= x.dim():
        return
    for order in permutations(range(x.dim())):
        if list(order) != sorted(order) and (order[0] == 0 or len(shape) == 1):
            channels_last = order == (0, *range(2, x.dim()), 1)
            words = "axes in the order NHWC" if channels_last else f"axes in the order {order}"
            yield f"flattened with {words}", bound(lambda c, order: c.tensors[0].permute(order).reshape(shape), order)


def _after(call: Call) -> Iterator[Alternative]:
    """An axis split the other way round: entries before heads."""
    x, shape = call.tensors[0], _result(call)
    if shape is None or len(shape) != x.dim() + 1 or x.dim() > MOST_AXES:
        return
    at = next(i for i, (a, b) in enumerate(zip((*x.shape, 0), shape, strict=True)) if a != b)
    swapped = [*shape]
    swapped[at], swapped[at + 1] = shape[at + 1], shape[at]
    if shape[at] > 1 and shape[at + 1] > 1:
        words = f"the axis of {x.shape[at]} split into {swapped[at]} x {swapped[at + 1]} in the other order"
        yield words, lambda c: c.tensors[0].reshape(swapped).transpose(at, at + 1)


def _result(call: Call) -> tuple[int, ...] | None:
    out = call.run()
    return tuple(out.shape) if hasattr(out, "shape") else None


def _joined(call: Call) -> Iterator[Alternative]:
    parts = call.args[0] if call.args and isinstance(call.args[0], (list, tuple)) else ()
    for order in permutations(range(len(parts))) if 1 < len(parts) < 5 else ():
        if list(order) != sorted(order):
            yield f"parts joined in the order {order}", partial(_ordered, order)


def _ordered(order: tuple[int, ...], call: Call) -> Any:
    return call.put(0, [call.args[0][i] for i in order])


def _split(call: Call) -> Iterator[Alternative]:
    out = call.run()
    for order in permutations(range(len(out))) if 1 < len(out) < 5 else ():
        if list(order) != sorted(order):
            yield f"parts taken in the order {order}", bound(lambda c, order: tuple(c.run()[i] for i in order), order)


def _repeated(call: Call) -> Iterator[Alternative]:
    """Entries repeated one by one, or all of them again and again: heads that share keys."""
    x, out = call.tensors[0], call.run()
    longer = [i for i in range(-x.dim(), 0) if out.dim() == x.dim() and out.shape[i] != x.shape[i]]
    if len(longer) == 1 and x.shape[longer[0]] > 1:
        n = out.shape[longer[0]] // x.shape[longer[0]]
        order = "a b a b instead of a a b b" if call.name == "repeat_interleave" else "a a b b instead of a b a b"
        yield f"entries in the order {order}", partial(_again, longer[0], n, call.name == "repeat_interleave")


def _again(axis: int, n: int, tiled: bool, call: Call) -> Any:
    x = call.tensors[0]
    return x.repeat([n if i == axis else 1 for i in range(-x.dim(), 0)]) if tiled else x.repeat_interleave(n, axis)


def _picked(call: Call) -> Iterator[Alternative]:
    """One entry of an axis: the last state of a sequence, its first token."""
    key = call.args[1] if len(call.args) > 1 else None
    key = key if isinstance(key, tuple) else (key,)
    places = [i for i, k in enumerate(key) if isinstance(k, int)]
    if len(places) != 1 or not all(isinstance(k, (int, slice)) for k in key):
        return
    at = places[0]
    for other, words in (
        (0, "the first entry"),
        (-1, "the last entry"),
        (-2, "the last entry but one"),
        (1, "the second"),
    ):
        if other != key[at]:
            yield (
                f"{words} of axis {at} instead of entry {key[at]}",
                partial(_entry, (*key[:at], other, *key[at + 1 :])),
            )
    yield f"the mean over axis {at} instead of entry {key[at]}", lambda c: c.args[0].mean(at)
    yield f"the maximum over axis {at} instead of entry {key[at]}", lambda c: c.args[0].amax(at)


def _entry(key: tuple[Any, ...], call: Call) -> Any:
    return call.args[0][key]


CAUSES: tuple[Cause, ...] = (
    cause("order of flattening", RESHAPES, _before),
    cause("order of splitting", RESHAPES, _after),
    cause("order of repeated entries", "repeat_interleave repeat tile", _repeated),
    cause("entry of an axis", "getitem", _picked),
    cause("order of parts", "cat concat stack", _joined),
    cause("order of parts", "chunk split tensor_split unbind", _split),
)
