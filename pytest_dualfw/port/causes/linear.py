"""Linear maps, convolutions and embeddings ported wrongly."""

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, argument, bound, cause

CONV = "conv1d conv2d conv3d"
TRANSPOSED = "conv_transpose1d conv_transpose2d conv_transpose3d"
AFFINE = f"linear {CONV} {TRANSPOSED}"


def _bias(call: Call) -> Iterator[Alternative]:
    if call["bias"] is not None:
        yield "the bias left out", lambda c: c.run(bias=None)
        yield "the bias added twice", lambda c: c.run(bias=c["bias"] * 2)
        yield "the bias subtracted", lambda c: c.run(bias=-c["bias"])


def _weight(call: Call) -> Iterator[Alternative]:
    w = call["weight"]
    if w.shape[0] == w.shape[1]:
        words = "the weight transposed" if call.name == "linear" else "in and out channels of the kernel exchanged"
        yield words, lambda c: c.run(weight=c["weight"].transpose(0, 1))
    places = tuple(range(2, w.dim()))
    if places:
        yield (
            "the kernel flipped (convolution instead of correlation)",
            lambda c: c.run(weight=c["weight"].flip(places)),
        )
    if len(places) > 1 and w.shape[-1] == w.shape[-2]:
        yield "height and width of the kernel exchanged", lambda c: c.run(weight=c["weight"].mT)
        yield "the kernel rotated by 90 degrees", lambda c: c.run(weight=c["weight"].rot90(1, (-2, -1)))


def _flat_features(call: Call) -> Iterator[Alternative]:
    """Features that are places times channels there, channels times places here."""
    n = call["weight"].shape[1]
    for c in [c for c in range(2, n) if n % c == 0]:
        yield f"input features in the order of {n // c} places x {c} channels (NHWC flattened)", partial(_reordered, c)


def _reordered(channels: int, call: Call) -> Any:
    w = call["weight"]
    return call.run(weight=w.reshape(w.shape[0], -1, channels).transpose(1, 2).reshape(w.shape))


def _padding(call: Call) -> Iterator[Alternative]:
    w, x = call["weight"], call["input"]
    size = tuple(w.shape[2:])
    stride, dilation = (_each(call[n], len(size)) for n in ("stride", "dilation"))
    same = [_same(n, k, s, d) for n, k, s, d in zip(x.shape[2:], size, stride, dilation, strict=True)]
    yield "padding SAME", partial(_padded, same)
    yield "padding SAME, the odd one before", partial(_padded, [(b, a) for a, b in same])
    yield "padding VALID (none)", partial(_padded, [(0, 0)] * len(size))
    given = call["padding"]
    if not isinstance(given, str):
        amounts = _each(given, len(size))
        for moved in [m for m in product((-1, 0, 1), repeat=1) if m[0]]:
            shifted = [(max(p - moved[0], 0), p + moved[0]) for p in amounts]
            yield f"the padding shifted by {moved[0]}", partial(_padded, shifted)


def _each(value: Any, n: int) -> tuple[int, ...]:
    if value is None or isinstance(value, str):
        return (1,) * n
    return (value,) * n if isinstance(value, int) else tuple(value) * (n if len(value) == 1 else 1)


def _same(n: int, k: int, s: int, d: int) -> tuple[int, int]:
    """What XLA and TensorFlow add for SAME: the odd one after."""
    total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
    return total // 2, total - total // 2


def _padded(amounts: list[tuple[int, int]], call: Call) -> Any:
    x = call["input"]
    shape = [*x.shape[:2], *(n + a + b for n, (a, b) in zip(x.shape[2:], amounts, strict=True))]
    wide = x.new_zeros(shape)
    inner = tuple(slice(a, a + n) for n, (a, _) in zip(x.shape[2:], amounts, strict=True))
    wide[(slice(None), slice(None), *inner)] = x
    return call.run(input=wide, padding=0)


def _geometry(call: Call) -> Iterator[Alternative]:
    for name, values in (("dilation", (1, 2)), ("stride", (1, 2)), ("groups", (1, call["input"].shape[1]))):
        for value in values:
            yield f"{name} {value}", bound(lambda c, name, value: c.run(**{name: value}), name, value)


def _embedded(call: Call) -> Iterator[Alternative]:
    n, d = call["weight"].shape
    yield "the embedding multiplied by sqrt(d)", lambda c: c.run() * d**0.5
    yield "indices shifted by one", lambda c: c.run(input=(c["input"] + 1) % n)
    yield "indices shifted by minus one", lambda c: c.run(input=(c["input"] - 1) % n)
    yield "the first entry's embedding zero (padding)", _padding_zero


def _padding_zero(call: Call) -> Any:
    kept = (call["input"] != 0).unsqueeze(-1)
    return call.run() * kept


CAUSES: tuple[Cause, ...] = (
    cause("bias", AFFINE, _bias),
    cause("layout of the weight", AFFINE, _weight),
    cause("order of flattened features", "linear", _flat_features),
    cause("padding", CONV, _padding),
    cause("stride, dilation, groups", CONV, _geometry),
    cause("embedding", "embedding", _embedded),
    cause("padding mode", "pad", argument("mode", "padding mode", "constant", "reflect", "replicate", "circular")),
)
