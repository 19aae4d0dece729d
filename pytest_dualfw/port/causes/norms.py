"""Normalisation ported wrongly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, argument, bound, cause

OPS = "layer_norm group_norm batch_norm instance_norm rms_norm"
EPSILONS = (1e-3, 1e-5, 1e-6, 1e-4, 1e-8, 1e-12, 0.0)


@dataclass(frozen=True)
class Parts:
    """A normalisation taken apart: the input with the axes it is normalised over, statistics, scale and shift."""

    x: Any
    axes: tuple[int, ...]
    mean: Any
    var: Any
    eps: float
    affine: Callable[[Any], Any]

    def finish(self, centred: Any, root: Any) -> Any:
        return self.affine(centred / root)

    @property
    def centred(self) -> Any:
        return self.x - self.mean

    @property
    def root(self) -> Any:
        return (self.var + self.eps).sqrt()


def parts(call: Call) -> Parts:
    x = call["input"]
    eps = 1e-5 if call["eps"] is None else call["eps"]
    if call.name in ("layer_norm", "rms_norm"):
        axes = tuple(range(-len(call["normalized_shape"]), 0))
        return _parts(x, axes, eps, lambda y: _affine(y, call["weight"], call["bias"]))
    shape = (1, -1) + (1,) * (x.dim() - 2)
    weight, bias = (None if p is None else p.view(shape) for p in (call["weight"], call["bias"]))
    if call.name == "group_norm":
        grouped = x.reshape(x.shape[0], call["num_groups"], -1)
        return _parts(grouped, (-1,), eps, lambda y: _affine(y.reshape(x.shape), weight, bias))
    if call.name == "batch_norm" and not call["training"]:
        mean, var = call["running_mean"].view(shape), call["running_var"].view(shape)
        return Parts(x, (), mean, var, eps, lambda y: _affine(y, weight, bias))
    axes = tuple(range(2, x.dim())) if call.name == "instance_norm" else (0, *range(2, x.dim()))
    return _parts(x, axes, eps, lambda y: _affine(y, weight, bias))


def _parts(x: Any, axes: tuple[int, ...], eps: float, affine: Callable[[Any], Any]) -> Parts:
    return Parts(x, axes, x.mean(axes, keepdim=True), x.var(axes, correction=0, keepdim=True), eps, affine)


def _affine(y: Any, weight: Any, bias: Any) -> Any:
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _other_form(call: Call) -> Iterator[Alternative]:
    def with_(form: Callable[[Parts], Any]) -> Callable[[Call], Any]:
        return lambda c: (lambda p: p.finish(*form(p)))(parts(c))

    yield "epsilon added outside the root, sqrt(var) + eps", with_(lambda p: (p.centred, p.var.sqrt() + p.eps))
    yield "epsilon as a lower bound of the variance", with_(lambda p: (p.centred, p.var.clamp_min(p.eps).sqrt()))
    yield "the variance instead of the standard deviation", with_(lambda p: (p.centred, p.var + p.eps))
    yield (
        "the mean not subtracted (root mean square)",
        with_(lambda p: (p.x, (p.x.square().mean(p.axes, keepdim=True) + p.eps).sqrt())),
    )
    yield "the mean subtracted, nothing divided", with_(lambda p: (p.centred, 1.0))


def _unbiased(call: Call) -> Iterator[Alternative]:
    def edit(c: Call) -> Any:
        p = parts(c)
        var = p.x.var(p.axes, correction=1, keepdim=True)
        return p.finish(p.centred, (var + p.eps).sqrt())

    if call.name != "batch_norm" or call["training"]:
        yield "the unbiased variance, divided by n - 1", edit


def _affine_forms(call: Call) -> Iterator[Alternative]:
    weight, bias = call["weight"], call["bias"]
    if weight is not None:
        yield "the scale left out", lambda c: c.run(weight=None)
        yield "the scale as 1 + weight", lambda c: c.run(weight=1 + c["weight"])
    if bias is not None:
        yield "the shift left out", lambda c: c.run(bias=None)
    if weight is not None and bias is not None:
        yield "scale and shift left out", lambda c: c.run(weight=None, bias=None)
        yield "scale and shift exchanged", lambda c: c.run(weight=c["bias"], bias=c["weight"])


def _written_out(call: Call) -> Iterator[Alternative]:
    """A scale of a norm that is written out: the product with a parameter."""
    own = [i for i, a in enumerate(call.args) if getattr(a, "is_leaf", False) and a.requires_grad]
    if len(call.args) == 2 and len(own) == 1:
        yield "the scale as 1 + weight", bound(lambda c, i: c.put(i, 1 + c.args[i]), own[0])


def _axes(call: Call) -> Iterator[Alternative]:
    x = call["input"]
    if call.name in ("layer_norm", "rms_norm") and x.dim() > 2:
        for axes in [(i,) for i in range(x.dim() - 1)] + [tuple(range(1, x.dim()))]:
            yield f"normalised over axis {listed(axes)}", _over(axes)
    if call.name == "group_norm":
        groups, channels = call["num_groups"], x.shape[1]
        for n in [n for n in range(1, channels + 1) if channels % n == 0 and n != groups]:
            yield f"{n} groups instead of {groups}", bound(lambda c, n: c.run(num_groups=n), n)
        yield "groups of every n-th channel instead of neighbours", _interleaved


def listed(axes: tuple[int, ...]) -> str:
    return " and ".join(map(str, axes))


def _over(axes: tuple[int, ...]) -> Callable[[Call], Any]:
    def edit(c: Call) -> Any:
        p = parts(c)
        q = _parts(p.x, axes, p.eps, p.affine)
        return q.finish(q.centred, q.root)

    return edit


def _interleaved(call: Call) -> Any:
    x, groups = call["input"], call["num_groups"]
    n, c, *rest = x.shape
    turned = x.view(n, c // groups, groups, *rest).transpose(1, 2).reshape(x.shape)
    plain = call.function(turned, groups, None, None, call["eps"])
    back = plain.view(n, groups, c // groups, *rest).transpose(1, 2).reshape(x.shape)
    shape = (1, -1) + (1,) * len(rest)
    return _affine(back, *(None if call[p] is None else call[p].view(shape) for p in ("weight", "bias")))


def _mode(call: Call) -> Iterator[Alternative]:
    if call["training"]:
        yield "eval mode, the running statistics", lambda c: c.run(training=False)
    else:
        yield (
            "train mode, the batch's own statistics",
            lambda c: c.run(running_mean=None, running_var=None, training=True),
        )


CAUSES: tuple[Cause, ...] = (
    cause("epsilon", OPS, argument("eps", "epsilon", *EPSILONS)),
    cause("place of epsilon", OPS, _other_form),
    cause("biased variance", "layer_norm group_norm batch_norm instance_norm", _unbiased),
    cause("scale and shift", OPS, _affine_forms),
    cause("scale and shift", "mul", _written_out),
    cause("normalised axes", OPS, _axes),
    cause("train or eval", "batch_norm", _mode),
)
