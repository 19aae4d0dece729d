"""What can go wrong with any call: it was forgotten, done twice, wired to another value, computed in few digits."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, bound, cause

NARROW = ("bfloat16", "half", "float")


def _forgotten(call: Call) -> Iterator[Alternative]:
    like = [i for i, a in enumerate(call.args) if hasattr(a, "requires_grad")]
    out = call.run()
    if not hasattr(out, "shape"):
        return
    for i in like:
        if call.args[i].shape == out.shape and call.args[i].dtype == out.dtype:
            words = f"{call.name} left out" if len(like) == 1 else f"{call.name} left out, only operand {i + 1} kept"
            yield words, bound(lambda c, i: c.args[i] * 1, i)
    yield f"the result of {call.name} with its sign flipped", lambda c: -c.run()
    yield f"the result of {call.name} doubled", lambda c: c.run() * 2
    yield f"the result of {call.name} halved", lambda c: c.run() * 0.5


def _operands(call: Call) -> Iterator[Alternative]:
    if call.name in ("sub", "div", "matmul", "truediv") and len(call.tensors) == 2:
        a, b = call.tensors
        if a.shape == b.shape:
            yield "operands exchanged", lambda c: c.function(c.args[1], c.args[0])
    if call.name == "matmul":
        for i, x in enumerate(call.tensors):
            if x.dim() > 1 and x.shape[-1] == x.shape[-2]:
                yield f"operand {i + 1} transposed", bound(lambda c, i: c.put(i, c.args[i].mT), i)


def _twice(call: Call) -> Iterator[Alternative]:
    if len(call.tensors) == 2:
        for i in (0, 1):
            if hasattr(call.args[i], "requires_grad"):
                yield f"operand {i + 1} taken twice", bound(lambda c, i: c.put(i, c.args[i] * 2), i)


def _dropped(call: Call) -> Iterator[Alternative]:
    p = call["p"] or 0.0
    if 0 < p < 1:
        yield f"scaled by 1 - p = {1 - p:g} in eval mode, as old dropout does", lambda c: c.args[0] * (1 - p)
        yield f"scaled by 1 / (1 - p) = {1 / (1 - p):.4g} in eval mode", lambda c: c.args[0] / (1 - p)


def _narrow(call: Call) -> Iterator[Alternative]:
    for name in NARROW:
        words = {"half": "float16", "float": "float32"}.get(name, name)
        yield f"computed in {words}", partial(_in, name)


def _in(name: str, call: Call) -> Any:
    def cast(x: Any) -> Any:
        return getattr(x, name)() if hasattr(x, "is_floating_point") and x.is_floating_point() else x

    out = call.function(*map(cast, call.args), **{k: cast(v) for k, v in call.kwargs.items()})
    return out.double() if hasattr(out, "double") else out


CAUSES: tuple[Cause, ...] = (
    cause("dropout", "dropout dropout1d dropout2d", _dropped),
    cause("operands", "", _operands),
    cause("left out", "", _forgotten),
    cause("taken twice", "add sub mul matmul", _twice),
    cause("precision", "", _narrow),
)
