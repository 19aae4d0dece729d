"""Sums, means, losses and pooling ported wrongly."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, argument, bound, cause

LOSSES = """mse_loss l1_loss cross_entropy nll_loss binary_cross_entropy binary_cross_entropy_with_logits
    smooth_l1_loss huber_loss kl_div"""


def _reduction(call: Call) -> Iterator[Alternative]:
    given = call.kwargs.get("reduction", "mean")
    count = call.tensors[1].numel() if len(call.tensors) > 1 else call.tensors[0].numel()
    x = call.tensors[0]
    for words, factor in (
        (f"a {'sum' if given == 'mean' else 'mean'} instead of a {given}", count if given == "mean" else 1 / count),
        ("divided by the batch instead of all entries", count / len(x) if given == "mean" else 1 / len(x)),
        ("halved", 0.5),
        ("doubled", 2.0),
        ("the sign flipped", -1.0),
        ("a mean over classes too", 1 / x.shape[-1]),
        ("a sum over the last axis, a mean over the others", float(x.shape[-1])),
    ):
        yield words, partial(_times, factor)


def _times(factor: float, call: Call) -> Any:
    return call.run() * factor


def _logits(call: Call) -> Iterator[Alternative]:
    axis = 1 if call.tensors[0].dim() > 1 else 0
    if call.name == "cross_entropy":
        yield "a softmax before the cross entropy, which takes one already", partial(_first, lambda x: x.softmax(axis))
        for smoothing in (0.1, 0.05, 0.2, 0.0):
            if smoothing != call.kwargs.get("label_smoothing", 0.0):
                yield f"label smoothing {smoothing:g}", _smoothing(smoothing)
    if call.name == "binary_cross_entropy_with_logits":
        yield "a sigmoid before the loss, which takes one already", partial(_first, lambda x: x.sigmoid())


def _smoothing(amount: float) -> Any:
    return lambda c: c.run(label_smoothing=amount)


def _first(change: Any, call: Call) -> Any:
    return call.put(0, change(call.args[0]))


def _form(call: Call) -> Iterator[Alternative]:
    forms = {
        "squared error": lambda d: d.square().mean(),
        "absolute error": lambda d: d.abs().mean(),
        "root of the mean squared error": lambda d: d.square().mean().sqrt(),
    }
    for name, form in forms.items():
        yield f"{name} instead of {call.name}", bound(lambda c, form: form(c.args[0] - c.args[1]), form)


def _reduced(call: Call) -> Iterator[Alternative]:
    x = call.tensors[0]
    axes = [a for a in (*call.args[1:], call.kwargs.get("dim")) if isinstance(a, (int, tuple, list))]
    over = axes[0] if axes else tuple(range(x.dim()))
    over = (over,) if isinstance(over, int) else tuple(over)
    count = 1
    for axis in over:
        count *= x.shape[axis]
    mean = call.name == "mean"
    yield (
        ("a sum instead of a mean" if mean else "a mean instead of a sum"),
        partial(_times, count if mean else 1 / count),
    )
    for axis in range(x.dim()) if len(over) == 1 else ():
        if axis != over[0] % x.dim():
            yield f"over axis {axis} instead of {over[0] % x.dim()}", partial(_along, axis)
    if mean:
        kept = bool(call.kwargs.get("keepdim", False))
        yield "the maximum instead of the mean", lambda c: c.tensors[0].amax(over, keepdim=kept)
    if mean and len(over) == 1:
        yield "the last entry instead of the mean", lambda c: c.tensors[0].select(over[0], -1)
        yield "the first entry instead of the mean", lambda c: c.tensors[0].select(over[0], 0)


def _along(axis: int, call: Call) -> Any:
    named = {"dim": axis} if "dim" in call.kwargs else {}
    return call.function(call.tensors[0], **{**call.kwargs, **named}) if named else call.put(1, axis)


def _correction(call: Call) -> Iterator[Alternative]:
    for c in (0, 1):
        words = "the unbiased variance, divided by n - 1" if c else "the biased variance, divided by n"
        yield words, partial(_corrected, c)


def _corrected(correction: int, call: Call) -> Any:
    kept = {k: v for k, v in call.kwargs.items() if k not in ("unbiased", "correction")}
    axes = [a for a in call.args[1:] if isinstance(a, (int, tuple, list)) and not isinstance(a, bool)]
    return call.function(call.args[0], *axes[:1], **{**kept, "correction": correction})


def _epsilon(call: Call) -> Iterator[Alternative]:
    """A small number that is added, as in a norm that is written out."""
    small = [a for a in call.args if isinstance(a, float) and 0 < abs(a) < 1e-2]
    if len(small) == 1:
        at = next(i for i, a in enumerate(call.args) if a is small[0])
        for eps in (1e-3, 1e-5, 1e-6, 1e-8, 1e-4, 1e-12, 0.0):
            if eps != small[0]:
                yield f"epsilon {eps:g} instead of {small[0]:g}", bound(lambda c, eps: c.put(at, eps), eps)


def _pooled(call: Call) -> Iterator[Alternative]:
    if call.name == "avg_pool2d":
        yield "zeros of the padding not counted", lambda c: c.run(count_include_pad=False)
        yield "zeros of the padding counted", lambda c: c.run(count_include_pad=True)
    window = call["kernel_size"]
    yield "the other pooling, mean for maximum", partial(_windows, window, call.name.startswith("max"))


def _windows(window: Any, mean: bool, call: Call) -> Any:
    """Without padding or dilation: windows unfolded, then reduced."""
    k = (window, window) if isinstance(window, int) else tuple(window)
    s = call["stride"] or k
    s = (s, s) if isinstance(s, int) else tuple(s)
    x = call["input"].unfold(2, k[0], s[0]).unfold(3, k[1], s[1])
    return x.mean((-2, -1)) if mean else x.amax((-2, -1))


CAUSES: tuple[Cause, ...] = (
    cause("reduction of the loss", LOSSES, _reduction),
    cause("logits", "cross_entropy binary_cross_entropy_with_logits", _logits),
    cause("form of the loss", "mse_loss l1_loss smooth_l1_loss huber_loss", _form),
    cause("mean or sum", "mean sum", _reduced),
    cause("biased variance", "var std", _correction),
    cause("epsilon", "add radd clamp clamp_min maximum", _epsilon),
    cause("pooling", "avg_pool2d max_pool2d", _pooled),
    cause("corners", "interpolate", argument("align_corners", "align_corners", True, False)),
)
