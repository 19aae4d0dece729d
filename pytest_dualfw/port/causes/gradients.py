"""Right values with wrong gradients: a branch that is cut off, a gradient that is scaled."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, cause
from .norms import OPS, parts


def _detached(call: Call) -> Iterator[Alternative]:
    for i, a in enumerate(call.args):
        if hasattr(a, "requires_grad") and a.is_floating_point():
            yield f"no gradient into operand {i + 1} of {call.name} (stop_gradient)", partial(_cut, i)
    for name, a in call.kwargs.items():
        if hasattr(a, "requires_grad") and a.is_floating_point():
            yield f"no gradient into {name} of {call.name} (stop_gradient)", _cutting(name)
    yield f"no gradient through {call.name} (stop_gradient)", lambda c: _map(c.run(), lambda y: y.detach())


def _cut(position: int, call: Call) -> Any:
    return call.put(position, call.args[position].detach())


def _cutting(name: str) -> Callable[[Call], Any]:
    return lambda c: c.function(*c.args, **{**c.kwargs, name: c.kwargs[name].detach()})


def _map(out: Any, change: Callable[[Any], Any]) -> Any:
    return tuple(change(y) for y in out) if isinstance(out, tuple) else change(out)


def _scaled(call: Call) -> Iterator[Alternative]:
    n = call.tensors[0].shape[0] if call.tensors and call.tensors[0].dim() else 1
    for factor, words in ((-1.0, "with its sign flipped"), (2.0, "counted twice"), (0.5, "halved")):
        yield f"the gradient through {call.name} {words}", partial(_through, factor)
    for factor, words in ((float(n), f"times {n}"), (1.0 / n, f"divided by {n}")) if n > 2 else ():
        yield f"the gradient through {call.name} {words} (the length of the first axis)", partial(_through, factor)
    yield f"the gradient of {call.name} taken for that of the identity (straight through)", _straight


def _through(factor: float, call: Call) -> Any:
    return _map(call.run(), lambda y: y * factor + (y * (1 - factor)).detach())


def _straight(call: Call) -> Any:
    x = call.tensors[0]
    return x + (call.run() - x).detach()


def _statistics(call: Call) -> Iterator[Alternative]:
    yield "no gradient through mean and variance (stop_gradient)", partial(_held, ("mean", "var"))
    yield "no gradient through the variance (stop_gradient)", partial(_held, ("var",))
    yield "no gradient through the mean (stop_gradient)", partial(_held, ("mean",))


def _held(which: tuple[str, ...], call: Call) -> Any:
    p = parts(call)
    mean = p.mean.detach() if "mean" in which else p.mean
    var = p.var.detach() if "var" in which else p.var
    return p.affine((p.x - mean) / (var + p.eps).sqrt())


GRADIENT_CAUSES: tuple[Cause, ...] = (
    cause("detached statistics", OPS, _statistics),
    cause("detached", "", _detached),
    cause("scaled gradient", "", _scaled),
)
