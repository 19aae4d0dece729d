"""Fourier transforms, convolution, correlation, resizing, windows."""

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np

from ..formulas.correlations import convolution
from ..formulas.resizing import between_corners, cubic_kernel, cubic_of_torch, nearest, resized, sampled
from ..formulas.scans import slopes_of_grid
from ..formulas.tapers import cosine_window, kaiser_window, triangular_window
from ..formulas.transforms import backward, forward, half, real_backward, real_backward_2d
from ..tensors import HUGE, TIES, TINY, Exact, TensorRow, fixed, shaped
from .inputs import products

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


def _parts(name: str, torch: str, jax: str, truth: Callable[[int], Exact], **options: Any) -> tuple[TensorRow, ...]:
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
        resized((2, 3), cubic_kernel, antialias=True),
        inputs=SMALL_GRID,
    ),
    TensorRow(
        "resize cubic antialias, more",
        "F.interpolate(x[None, None], size=(4, 6), mode='bicubic', align_corners=False, antialias=True)[0, 0]",
        "jax.image.resize(x, (4, 6), 'cubic', antialias=True)",
        resized((4, 6), cubic_kernel, antialias=True),
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
        kaiser_window,
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
