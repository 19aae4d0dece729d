"""Fourier transforms, convolution, correlation, resizing, windows."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import HUGE, TIES, TINY, TensorRow, fixed, shaped
from ..tensors import Exacts as Array
from .linalg import products

Arrays = Callable[..., Any]
Pair = tuple[Array, Array]


@lru_cache(maxsize=256)
def _waves(n: int, digits: int) -> Pair:
    """Cosine and sine of 2 pi j k / n. They depend on the digits in force, which a cache must know."""
    angles = [[mp.mpf(2 * (j * k % n)) / n for j in range(n)] for k in range(n)]
    return np.array([[mp.cospi(a) for a in row] for row in angles]), np.array(
        [[mp.sinpi(a) for a in row] for row in angles]
    )


def _along(x: Array, waves: Array, axis: int) -> Array:
    return np.moveaxis(np.moveaxis(x, axis, -1) @ waves, -1, axis)


def cut_or_padded(x: Array, n: int, axis: int = -1) -> Array:
    """With zeros at the end."""
    x = np.moveaxis(x, axis, -1)[..., :n]
    zeros = np.full((*x.shape[:-1], n - x.shape[-1]), mp.mpf(0), dtype=object)
    return np.moveaxis(np.concatenate([x, zeros], -1), -1, axis)


def fourier(re: Array, im: Array, axis: int = -1, sign: int = -1) -> Pair:
    """Sums of x_j exp(sign 2 pi i j k / n), not scaled."""
    c, s = _waves(re.shape[axis], mp.mp.dps)
    return (
        _along(re, c, axis) - sign * _along(im, s, axis),
        _along(im, c, axis) + sign * _along(re, s, axis),
    )


def _transformed(re: Array, im: Array, axes: tuple[int, ...], sign: int, scale: Any) -> Pair:
    for axis in axes:
        re, im = fourier(re, im, axis, sign)
    return re * scale, im * scale


def forward(part: int, axes: tuple[int, ...] = (-1,), norm: str = "backward", n: int | None = None) -> Arrays:
    """Real (0) or imaginary part (1) of the transform of real numbers."""

    def at(x: Array) -> Array:
        x = x if n is None else cut_or_padded(x, n)
        return _transformed(x, 0 * x, axes, -1, _scale(x, axes, norm))[part]

    return at


def backward(part: int, axes: tuple[int, ...] = (-1,), norm: str = "backward", n: int | None = None) -> Arrays:
    """The same of the inverse transform of complex numbers."""
    opposite = {"backward": "forward", "forward": "backward", "ortho": "ortho"}[norm]

    def at(x: Array, y: Array) -> Array:
        x, y = (v if n is None else cut_or_padded(v, n) for v in (x, y))
        return _transformed(x, y, axes, 1, _scale(x, axes, opposite))[part]

    return at


def _scale(x: Array, axes: tuple[int, ...], norm: str) -> Any:
    size = mp.mpf(int(np.prod([x.shape[axis] for axis in axes])))
    return {"backward": mp.mpf(1), "ortho": 1 / mp.sqrt(size), "forward": 1 / size}[norm]


def half(f: Arrays) -> Arrays:
    """The frequencies that a transform of real numbers keeps."""
    return lambda x: (lambda y: y[..., : y.shape[-1] // 2 + 1])(f(x))


def real_backward(x: Array, y: Array, n: int, sign: int = 1, scale: Any = None) -> Array:
    """From half of a Hermitian spectrum along the last axis; the imaginary parts of its real entries do not count."""
    x, y = cut_or_padded(x, n // 2 + 1), cut_or_padded(y, n // 2 + 1)
    c, s = _waves(n, mp.mp.dps)
    total = 0
    for k in range(n // 2 + 1):
        if k == 0 or 2 * k == n:
            total = total + x[..., k : k + 1] * c[k]
        else:
            total = total + 2 * (x[..., k : k + 1] * c[k] - sign * y[..., k : k + 1] * s[k])
    return total * (mp.mpf(1) / n if scale is None else scale)


def real_backward_2d(x: Array, y: Array, n: int) -> Array:
    re, im = _transformed(x, y, (0,), 1, mp.mpf(1) / x.shape[0])
    return real_backward(re, im, n)


def convolved(x: Array, y: Array) -> Array:
    """Full, in any number of dimensions."""
    shape = [m + n - 1 for m, n in zip(x.shape, y.shape, strict=True)]
    out = np.full(shape, mp.mpf(0), dtype=object)
    for place in np.ndindex(y.shape):
        out[tuple(slice(p, p + m) for p, m in zip(place, x.shape, strict=True))] += x * y[place]
    return out


def convolution(mode: str, *, reverse: bool = False) -> Arrays:
    """Correlation is convolution with the second argument reversed."""

    def at(x: Array, y: Array) -> Array:
        full = convolved(x, np.flip(y) if reverse else y)
        for axis, (m, n) in enumerate(zip(x.shape, y.shape, strict=True)):
            kept = {"full": m + n - 1, "same": max(m, n), "valid": m - n + 1}[mode]
            start = (m + n - 1 - kept) // 2
            full = np.moveaxis(np.moveaxis(full, axis, 0)[start : start + kept], 0, axis)
        return full

    return at


def _triangle(t: Any) -> Any:
    return max(1 - abs(t), mp.mpf(0))


def _keys(t: Any, a: float = -0.5) -> Any:
    """Keys' cubic kernel."""
    t = abs(t)
    if t <= 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * (t**3 - 5 * t**2 + 8 * t - 4) if t < 2 else mp.mpf(0)


def resize_weights(m: int, n: int, kernel: Arrays, *, antialias: bool) -> Array:
    """Rows of output: the kernel about the output's centre, widened where entries get fewer, over its sum in range."""
    ratio = mp.mpf(m) / n
    width = max(ratio, mp.mpf(1)) if antialias else mp.mpf(1)
    rows = []
    for i in range(n):
        centre = (i + mp.mpf(0.5)) * ratio - mp.mpf(0.5)
        row = [kernel((centre - j) / width) for j in range(m)]
        rows.append([w / mp.fsum(row) for w in row])
    return np.array(rows, dtype=object)


def resized(shape: tuple[int, ...], kernel: Arrays = _triangle, *, antialias: bool = False) -> Arrays:
    def at(x: Array) -> Array:
        for axis, n in enumerate(shape):
            weights = resize_weights(x.shape[axis], n, kernel, antialias=antialias)
            x = _along(x, weights.T, axis)
        return x

    return at


def cubic_of_torch(n: int) -> Arrays:
    """torch's documented bicubic without antialias: Keys' kernel with a = -0.75, and the ends repeated."""

    def along(x: Array) -> Array:
        m = x.shape[-1]
        out = []
        for i in range(n):
            centre = (i + mp.mpf(0.5)) * m / n - mp.mpf(0.5)
            first = int(mp.floor(centre)) - 1
            places = range(first, first + 4)
            out.append(sum(x[..., min(max(j, 0), m - 1)] * _keys(centre - j, -0.75) for j in places))
        return np.stack(out, -1)

    return lambda x: along(along(x).T).T


def nearest(shape: tuple[int, ...], *, centred: bool) -> Arrays:
    """The entry whose cell holds the output's centre, or, in torch's first mode, the output's left end."""

    def places(m: int, n: int) -> list[int]:
        return [(2 * i + 1) * m // (2 * n) if centred else i * m // n for i in range(n)]

    return lambda x: x[np.ix_(*(places(m, n) for m, n in zip(x.shape, shape, strict=True)))]


def between_corners(shape: tuple[int, ...]) -> Arrays:
    """Linear; the first and last entries stay."""

    def weights(m: int, n: int) -> Array:
        return np.array([[_triangle(mp.mpf(i * (m - 1)) / (n - 1) - j) for j in range(m)] for i in range(n)])

    def at(x: Array) -> Array:
        for axis, n in enumerate(shape):
            x = _along(x, weights(x.shape[axis], n).T, axis)
        return x

    return at


def sampled(x: Array, points: Array) -> Array:
    """Bilinear at points (column, row); beyond the border as on it."""

    def at(column: Any, row: Any) -> Any:
        row, column = (min(max(v, mp.mpf(0)), mp.mpf(n - 1)) for v, n in zip((row, column), x.shape, strict=True))
        weights = np.array(
            [[_triangle(row - i) * _triangle(column - j) for j in range(x.shape[1])] for i in range(len(x))]
        )
        return (weights * x).sum()

    return np.array([at(*p) for p in points], dtype=object)


def cosine_window(*coefficients: str, periodic: bool = False) -> Arrays:
    """a_0 - a_1 cos(t) + a_2 cos(2t) times the argument, over one period of t."""

    def at(x: Array) -> Array:
        n = len(x) if periodic else len(x) - 1
        a = [mp.mpf(c) for c in coefficients]
        window = [sum((-1) ** k * a[k] * mp.cospi(mp.mpf(2 * k * i) / n) for k in range(len(a))) for i in range(len(x))]
        return x * np.array(window, dtype=object)

    return at


def triangular_window(x: Array) -> Array:
    n = len(x) - 1
    return x * np.array([1 - abs(mp.mpf(2 * i) / n - 1) for i in range(n + 1)], dtype=object)


@lru_cache(maxsize=16)
def _kaiser(n: int, digits: int) -> Array:
    beta = 12
    arguments = [beta * mp.sqrt(1 - (mp.mpf(2 * i) / (n - 1) - 1) ** 2) for i in range(n)]
    return np.array([mp.besseli(0, t) / mp.besseli(0, beta) for t in arguments], dtype=object)


def slopes_of_grid(x: Array) -> Array:
    """Central differences at a distance of a half, one-sided at the ends."""
    inner = [x[i + 1] - x[i - 1] for i in range(1, len(x) - 1)]
    return np.array([(x[1] - x[0]) * 2, *inner, (x[-1] - x[-2]) * 2], dtype=object)


SIX = shaped((6,))
FIVE = shaped((5,))
FEWER = shaped((6,), skip=(TIES, TINY))
SPECTRUM = shaped((5,), (5,), skip=(TIES, TINY))
HALF_SPECTRUM = shaped((4,), (4,), skip=(TIES, TINY))
GRID = shaped((3, 4), skip=(TIES, TINY))
GRIDS = shaped((2, 3), (2, 3), skip=(TIES, TINY))
PLAIN = shaped((6,), skip=(TIES, TINY, HUGE))
SMALL_GRID = shaped((3, 4), skip=(TIES, TINY, HUGE))
COMPLEX = "torch.complex(x, y)", "lax.complex(x, y)"


def _parts(name: str, torch: str, jax: str, truth: Callable[[int], Arrays], **options: Any) -> tuple[TensorRow, ...]:
    """A row of the real and one of the imaginary part."""
    return tuple(
        TensorRow(f"{name}: {part}", f"{torch}.{short}", f"{jax}.{short}", truth(k), **options)
        for k, (part, short) in enumerate((("real part", "real"), ("imaginary part", "imag")))
    )


TRANSFORMS: tuple[TensorRow, ...] = (
    *_parts("fft", "torch.fft.fft(x)", "jnp.fft.fft(x)", forward, inputs=(*SIX, fixed("one", [1.5]))),
    *_parts("fft of prime length", "torch.fft.fft(x)", "jnp.fft.fft(x)", forward, inputs=FIVE),
    *_parts(
        "fft ortho",
        "torch.fft.fft(x, norm='ortho')",
        "jnp.fft.fft(x, norm='ortho')",
        lambda k: forward(k, norm="ortho"),
        inputs=FEWER,
    ),
    *_parts(
        "fft forward",
        "torch.fft.fft(x, norm='forward')",
        "jnp.fft.fft(x, norm='forward')",
        lambda k: forward(k, norm="forward"),
        inputs=FEWER,
    ),
    *_parts("fft padded", "torch.fft.fft(x, n=8)", "jnp.fft.fft(x, n=8)", lambda k: forward(k, n=8), inputs=FEWER),
    *_parts("fft cut", "torch.fft.fft(x, n=3)", "jnp.fft.fft(x, n=3)", lambda k: forward(k, n=3), inputs=FEWER),
    *_parts(
        "fft along axis 0",
        "torch.fft.fft(x, dim=0)",
        "jnp.fft.fft(x, axis=0)",
        lambda k: forward(k, (0,)),
        inputs=GRID,
    ),
    *_parts("ifft", f"torch.fft.ifft({COMPLEX[0]})", f"jnp.fft.ifft({COMPLEX[1]})", backward, inputs=SPECTRUM),
    *_parts(
        "ifft ortho",
        f"torch.fft.ifft({COMPLEX[0]}, norm='ortho')",
        f"jnp.fft.ifft({COMPLEX[1]}, norm='ortho')",
        lambda k: backward(k, norm="ortho"),
        inputs=SPECTRUM,
    ),
    *_parts(
        "ifft forward, padded",
        f"torch.fft.ifft({COMPLEX[0]}, n=7, norm='forward')",
        f"jnp.fft.ifft({COMPLEX[1]}, n=7, norm='forward')",
        lambda k: backward(k, norm="forward", n=7),
        inputs=SPECTRUM,
    ),
    *_parts(
        "rfft",
        "torch.fft.rfft(x)",
        "jnp.fft.rfft(x)",
        lambda k: half(forward(k)),
        inputs=(*SIX, fixed("one", [1.5])),
    ),
    *_parts("rfft of odd length", "torch.fft.rfft(x)", "jnp.fft.rfft(x)", lambda k: half(forward(k)), inputs=FIVE),
    *_parts(
        "rfft ortho, padded",
        "torch.fft.rfft(x, n=9, norm='ortho')",
        "jnp.fft.rfft(x, n=9, norm='ortho')",
        lambda k: half(forward(k, n=9, norm="ortho")),
        inputs=FEWER,
    ),
    *_parts(
        "rfft cut", "torch.fft.rfft(x, n=4)", "jnp.fft.rfft(x, n=4)", lambda k: half(forward(k, n=4)), inputs=FEWER
    ),
    *_parts("fft2", "torch.fft.fft2(x)", "jnp.fft.fft2(x)", lambda k: forward(k, (0, 1)), inputs=GRID),
    *_parts(
        "ifft2",
        f"torch.fft.ifft2({COMPLEX[0]})",
        f"jnp.fft.ifft2({COMPLEX[1]})",
        lambda k: backward(k, (0, 1)),
        inputs=GRIDS,
    ),
    *_parts("rfft2", "torch.fft.rfft2(x)", "jnp.fft.rfft2(x)", lambda k: half(forward(k, (0, 1))), inputs=GRID),
    *_parts(
        "fftn ortho",
        "torch.fft.fftn(x, norm='ortho')",
        "jnp.fft.fftn(x, norm='ortho')",
        lambda k: forward(k, (0, 1, 2), norm="ortho"),
        inputs=shaped((2, 3, 2), skip=(TIES, TINY)),
    ),
)

SIGNAL: tuple[TensorRow, ...] = (
    *TRANSFORMS,
    TensorRow(
        "irfft",
        f"torch.fft.irfft({COMPLEX[0]})",
        f"jnp.fft.irfft({COMPLEX[1]})",
        lambda x, y: real_backward(x, y, 6),
        inputs=HALF_SPECTRUM,
    ),
    TensorRow(
        "irfft of odd length",
        f"torch.fft.irfft({COMPLEX[0]}, n=7)",
        f"jnp.fft.irfft({COMPLEX[1]}, n=7)",
        lambda x, y: real_backward(x, y, 7),
        inputs=HALF_SPECTRUM,
    ),
    TensorRow(
        "irfft cut",
        f"torch.fft.irfft({COMPLEX[0]}, n=4)",
        f"jnp.fft.irfft({COMPLEX[1]}, n=4)",
        lambda x, y: real_backward(x, y, 4),
        inputs=HALF_SPECTRUM,
    ),
    TensorRow(
        "irfft padded, ortho",
        f"torch.fft.irfft({COMPLEX[0]}, n=9, norm='ortho')",
        f"jnp.fft.irfft({COMPLEX[1]}, n=9, norm='ortho')",
        lambda x, y: real_backward(x, y, 9, scale=mp.mpf(1) / 3),
        inputs=HALF_SPECTRUM,
    ),
    TensorRow(
        "irfft2",
        f"torch.fft.irfft2({COMPLEX[0]}, s=(2, 4))",
        f"jnp.fft.irfft2({COMPLEX[1]}, s=(2, 4))",
        lambda x, y: real_backward_2d(x, y, 4),
        inputs=GRIDS,
    ),
    TensorRow(
        "hfft",
        f"torch.fft.hfft({COMPLEX[0]})",
        f"jnp.fft.hfft({COMPLEX[1]})",
        lambda x, y: real_backward(x, y, 6, sign=-1, scale=1),
        inputs=HALF_SPECTRUM,
    ),
    TensorRow(
        "ihfft: real part",
        "torch.fft.ihfft(x).real",
        "jnp.fft.ihfft(x).real",
        half(forward(0, norm="forward")),
        inputs=FEWER,
    ),
    TensorRow(
        "ihfft: imaginary part",
        "torch.fft.ihfft(x).imag",
        "jnp.fft.ihfft(x).imag",
        lambda x: -half(forward(1, norm="forward"))(x),
        inputs=FEWER,
    ),
    TensorRow(
        "irfft of rfft",
        "torch.fft.irfft(torch.fft.rfft(x), n=x.shape[0])",
        "jnp.fft.irfft(jnp.fft.rfft(x), n=x.shape[0])",
        lambda x: x,
        inputs=(*FIVE, fixed("one", [1.5])),
    ),
    TensorRow(
        "abs of fft",
        "torch.abs(torch.fft.fft(x))",
        "jnp.abs(jnp.fft.fft(x))",
        lambda x: np.frompyfunc(mp.hypot, 2, 1)(forward(0)(x), forward(1)(x)),
        inputs=FEWER,
    ),
    TensorRow("fftshift", "torch.fft.fftshift(x)", "jnp.fft.fftshift(x)", lambda x: np.roll(x, 2), inputs=FIVE),
    TensorRow("ifftshift", "torch.fft.ifftshift(x)", "jnp.fft.ifftshift(x)", lambda x: np.roll(x, -2), inputs=FIVE),
    TensorRow(
        "fftfreq",
        "torch.fft.fftfreq(5, 0.5, dtype=x.dtype) * x",
        "jnp.fft.fftfreq(5, 0.5, dtype=x.dtype) * x",
        lambda x: x * np.array([mp.mpf(k) * 2 / 5 for k in (0, 1, 2, -2, -1)]),
        inputs=FIVE,
    ),
    TensorRow(
        "rfftfreq",
        "torch.fft.rfftfreq(10, 0.5, dtype=x.dtype) * x",
        "jnp.fft.rfftfreq(10, 0.5, dtype=x.dtype) * x",
        lambda x: x * np.array([mp.mpf(k) / 5 for k in range(6)]),
        inputs=SIX,
    ),
    TensorRow(
        "convolve: full",
        "F.conv1d(x[None, None], y.flip(0)[None, None], padding=y.shape[0] - 1)[0, 0]",
        "jnp.convolve(x, y)",
        convolution("full"),
        inputs=(*products((5,), (3,)), fixed("one", [1.5], [-2.0])),
    ),
    TensorRow(
        "convolve: same",
        "F.conv1d(x[None, None], y.flip(0)[None, None], padding='same')[0, 0]",
        "jnp.convolve(x, y, mode='same')",
        convolution("same"),
        inputs=products((5,), (3,)),
    ),
    TensorRow(
        "convolve: valid",
        "F.conv1d(x[None, None], y.flip(0)[None, None])[0, 0]",
        "jnp.convolve(x, y, mode='valid')",
        convolution("valid"),
        inputs=products((5,), (3,)),
    ),
    TensorRow(
        "correlate: valid",
        "F.conv1d(x[None, None], y[None, None])[0, 0]",
        "jnp.correlate(x, y)",
        convolution("valid", reverse=True),
        inputs=products((5,), (3,)),
    ),
    TensorRow(
        "correlate: full",
        "F.conv1d(x[None, None], y[None, None], padding=y.shape[0] - 1)[0, 0]",
        "jnp.correlate(x, y, mode='full')",
        convolution("full", reverse=True),
        inputs=products((5,), (3,)),
    ),
    TensorRow(
        "convolve2d: full",
        "F.conv2d(x[None, None], y.flip(0, 1)[None, None], padding=1)[0, 0]",
        "jsp.signal.convolve2d(x, y)",
        convolution("full"),
        inputs=products((3, 3), (2, 2)),
    ),
    TensorRow(
        "correlate2d: valid",
        "F.conv2d(x[None, None], y[None, None])[0, 0]",
        "jsp.signal.correlate2d(x, y, mode='valid')",
        convolution("valid", reverse=True),
        inputs=products((3, 3), (2, 2)),
    ),
    TensorRow(
        "fftconvolve",
        "torch.fft.irfft(torch.fft.rfft(x, n=7) * torch.fft.rfft(y, n=7), n=7)",
        "jsp.signal.fftconvolve(x, y)",
        convolution("full"),
        inputs=products((5,), (3,)),
    ),
    TensorRow(
        "resize nearest",
        "F.interpolate(x[None, None], size=9, mode='nearest-exact')[0, 0]",
        "jax.image.resize(x, (9,), 'nearest')",
        nearest((9,), centred=True),
        inputs=SIX,
    ),
    TensorRow(
        "resize nearest, fewer",
        "F.interpolate(x[None, None], size=4, mode='nearest-exact')[0, 0]",
        "jax.image.resize(x, (4,), 'nearest')",
        nearest((4,), centred=True),
        inputs=PLAIN,
    ),
    TensorRow(
        "resize nearest of a grid",
        "F.interpolate(x[None, None], size=(2, 7), mode='nearest-exact')[0, 0]",
        "jax.image.resize(x, (2, 7), 'nearest')",
        nearest((2, 7), centred=True),
        inputs=SMALL_GRID,
    ),
    TensorRow(
        "resize nearest default",
        "F.interpolate(x[None, None], size=9)[0, 0]",
        "jax.image.resize(x, (9,), 'nearest')",
        nearest((9,), centred=False),
        inputs=PLAIN,
        note="defaults differ: the truth is torch's, which looks up the left end of an entry, not its centre",
    ),
    TensorRow(
        "resize linear",
        "F.interpolate(x[None, None], size=9, mode='linear', align_corners=False)[0, 0]",
        "jax.image.resize(x, (9,), 'linear', antialias=False)",
        resized((9,)),
        inputs=SIX,
    ),
    TensorRow(
        "resize linear, fewer",
        "F.interpolate(x[None, None], size=4, mode='linear', align_corners=False)[0, 0]",
        "jax.image.resize(x, (4,), 'linear', antialias=False)",
        resized((4,)),
        inputs=PLAIN,
    ),
    TensorRow(
        "resize linear between corners",
        "F.interpolate(x[None, None], size=11, mode='linear', align_corners=True)[0, 0]",
        "jax.image.scale_and_translate(x, (11,), (0,), jnp.array([2.0]), jnp.array([-0.5]), 'linear', antialias=False)",
        between_corners((11,)),
        inputs=PLAIN,
    ),
    TensorRow(
        "resize bilinear",
        "F.interpolate(x[None, None], size=(5, 2), mode='bilinear', align_corners=False)[0, 0]",
        "jax.image.resize(x, (5, 2), 'bilinear', antialias=False)",
        resized((5, 2)),
        inputs=SMALL_GRID,
    ),
    TensorRow(
        "resize bilinear antialias",
        "F.interpolate(x[None, None], size=(2, 3), mode='bilinear', align_corners=False, antialias=True)[0, 0]",
        "jax.image.resize(x, (2, 3), 'bilinear', antialias=True)",
        resized((2, 3), antialias=True),
        inputs=SMALL_GRID,
    ),
    TensorRow(
        "resize bilinear default",
        "F.interpolate(x[None, None], size=(2, 3), mode='bilinear')[0, 0]",
        "jax.image.resize(x, (2, 3), 'bilinear')",
        resized((2, 3)),
        inputs=SMALL_GRID,
        note="defaults differ: the truth is torch's, without antialias",
    ),
    TensorRow(
        "resize cubic antialias",
        "F.interpolate(x[None, None], size=(2, 3), mode='bicubic', align_corners=False, antialias=True)[0, 0]",
        "jax.image.resize(x, (2, 3), 'cubic', antialias=True)",
        resized((2, 3), _keys, antialias=True),
        inputs=SMALL_GRID,
    ),
    TensorRow(
        "resize cubic antialias, more",
        "F.interpolate(x[None, None], size=(4, 6), mode='bicubic', align_corners=False, antialias=True)[0, 0]",
        "jax.image.resize(x, (4, 6), 'cubic', antialias=True)",
        resized((4, 6), _keys, antialias=True),
        inputs=SMALL_GRID,
    ),
    TensorRow(
        "resize cubic default",
        "F.interpolate(x[None, None], size=(5, 5), mode='bicubic')[0, 0]",
        "jax.image.resize(x, (5, 5), 'cubic')",
        cubic_of_torch(5),
        inputs=shaped((3, 3), skip=(TIES, TINY, HUGE)),
        note="defaults differ: the truth is torch's, a = -0.75 and the border repeated; JAX has a = -0.5",
    ),
    TensorRow(
        "sampled bilinearly",
        "F.grid_sample(x[None, None], (y - 1)[None, None], align_corners=True, padding_mode='border')[0, 0, 0]",
        "jsp.ndimage.map_coordinates(x, [y[:, 1], y[:, 0]], order=1, mode='nearest')",
        sampled,
        inputs=(
            fixed(
                "ordinary",
                [[1.0, -2.0, 0.5], [3.0, 1.5, -1.0], [0.25, 2.0, 4.0]],
                [[0.25, 1.5], [1.75, 0.125], [1.0, 0.5], [-0.25, 2.5]],
            ),
            fixed("zeros", np.zeros((3, 3)), [[0.25, 1.5], [1.75, 0.125]]),
        ),
    ),
    TensorRow(
        "window: hann",
        "torch.hann_window(6, periodic=False, dtype=x.dtype) * x",
        "jnp.hanning(6).astype(x.dtype) * x",
        cosine_window("0.5", "0.5"),
        inputs=SIX,
    ),
    TensorRow(
        "window: hann default",
        "torch.hann_window(6, dtype=x.dtype) * x",
        "jnp.hanning(6).astype(x.dtype) * x",
        cosine_window("0.5", "0.5", periodic=True),
        inputs=PLAIN,
        note="defaults differ: the truth is torch's, which is periodic; jnp.hanning is symmetric",
    ),
    TensorRow(
        "window: hamming",
        "torch.hamming_window(6, periodic=False, dtype=x.dtype) * x",
        "jnp.hamming(6).astype(x.dtype) * x",
        cosine_window("0.54", "0.46"),
        inputs=SIX,
    ),
    TensorRow(
        "window: blackman",
        "torch.blackman_window(6, periodic=False, dtype=x.dtype) * x",
        "jnp.blackman(6).astype(x.dtype) * x",
        cosine_window("0.42", "0.5", "0.08"),
        inputs=SIX,
    ),
    TensorRow(
        "window: bartlett",
        "torch.bartlett_window(6, periodic=False, dtype=x.dtype) * x",
        "jnp.bartlett(6).astype(x.dtype) * x",
        triangular_window,
        inputs=SIX,
    ),
    TensorRow(
        "window: kaiser",
        "torch.kaiser_window(6, periodic=False, beta=12.0, dtype=x.dtype) * x",
        "jnp.kaiser(6, 12.0).astype(x.dtype) * x",
        lambda x: x * _kaiser(6, mp.mp.dps),
        inputs=SIX,
    ),
    TensorRow(
        "gradient of a grid",
        "torch.gradient(x, spacing=0.5)[0]",
        "jnp.gradient(x, 0.5)",
        slopes_of_grid,
        inputs=SIX,
    ),
)
