"""Transforms, convolutions, resizing and windows, by NumPy's and SciPy's own."""

import numpy as np
from scipy import ndimage
from scipy import signal as sp
from scipy.interpolate import CubicHermiteSpline

from .form import Form, parts, spaced, table


def spectrum(f, **options):
    """A transform of complex numbers."""
    return lambda x, y: f(x + 1j * y, **options)


def real(f, **options):
    return lambda x: f(x, **options)


def centres(m, n):
    """Where the middles of n cells lie among m entries."""
    return (np.arange(n) + 0.5) * m / n - 0.5


def nearest(*shape):
    def at(x):
        for axis, n in enumerate(shape):
            x = np.take(x, np.floor(centres(x.shape[axis], n) + 0.5).astype(int), axis)
        return x

    return at


def linear(*shape):
    def along(row, n):
        return np.interp(centres(len(row), n), np.arange(len(row)), row)

    def at(x):
        for axis, n in enumerate(shape):
            x = np.apply_along_axis(along, axis, x, n)
        return x

    return at


def cubic(slope):
    """Keys' kernel is the Hermite spline of these values and slopes."""
    spline = CubicHermiteSpline([-2, -1, 0, 1, 2], [0, 0, 1, 0, 0], [0, -slope, 0, slope, 0])
    return lambda t: np.where(abs(t) < 2, spline(np.clip(t, -2, 2)), 0)


def triangle(t):
    return np.interp(t, [-1, 0, 1], [0, 1, 0])


def smooth(kernel, *shape):
    """With antialias: the kernel as wide as an output cell, its sum in range one."""

    def along(row, n):
        m = len(row)
        w = kernel((centres(m, n)[:, None] - np.arange(m)) / max(m / n, 1))
        return w @ row / w.sum(1)

    def at(x):
        for axis, n in enumerate(shape):
            x = np.apply_along_axis(along, axis, x, n)
        return x

    return at


def cubic_of_torch(n):
    """Beyond the border its entries are repeated."""

    def along(row):
        places = np.arange(-3, len(row) + 3)
        return cubic(-0.75)(centres(len(row), n)[:, None] - places) @ np.pad(row, 3, mode="edge")

    return lambda x: np.apply_along_axis(along, 1, np.apply_along_axis(along, 0, x))


def inside(rng, shapes):
    """A grid, and points off its lines."""
    grid, points = shapes
    return [*spaced(rng, [grid]), rng.integers(0, 2, points) + rng.uniform(0.1, 0.9, points)]


def interpolated(x, y):
    return ndimage.map_coordinates(x, [y[:, 1], y[:, 0]], order=1, mode="nearest")


def real_2d(x, y):
    return np.fft.irfft2(x + 1j * y, s=(2, 4))


TRANSFORMS = {
    **parts("fft", np.fft.fft),
    **parts("fft of prime length", np.fft.fft),
    **parts("fft ortho", real(np.fft.fft, norm="ortho")),
    **parts("fft forward", real(np.fft.fft, norm="forward")),
    **parts("fft padded", real(np.fft.fft, n=8)),
    **parts("fft cut", real(np.fft.fft, n=3)),
    **parts("fft along axis 0", real(np.fft.fft, axis=0)),
    **parts("ifft", spectrum(np.fft.ifft)),
    **parts("ifft ortho", spectrum(np.fft.ifft, norm="ortho")),
    **parts("ifft forward, padded", spectrum(np.fft.ifft, n=7, norm="forward")),
    **parts("rfft", np.fft.rfft),
    **parts("rfft of odd length", np.fft.rfft),
    **parts("rfft ortho, padded", real(np.fft.rfft, n=9, norm="ortho")),
    **parts("rfft cut", real(np.fft.rfft, n=4)),
    **parts("fft2", np.fft.fft2),
    **parts("ifft2", spectrum(np.fft.ifft2)),
    **parts("rfft2", np.fft.rfft2),
    **parts("fftn ortho", real(np.fft.fftn, norm="ortho")),
    "irfft": spectrum(np.fft.irfft),
    "irfft of odd length": spectrum(np.fft.irfft, n=7),
    "irfft cut": spectrum(np.fft.irfft, n=4),
    "irfft padded, ortho": spectrum(np.fft.irfft, n=9, norm="ortho"),
    "irfft2": real_2d,
    "hfft": spectrum(np.fft.hfft),
    **parts("ihfft", np.fft.ihfft),
    "irfft of rfft": lambda x: np.fft.irfft(np.fft.rfft(x), len(x)),
    "abs of fft": lambda x: abs(np.fft.fft(x)),
    "fftshift": np.fft.fftshift,
    "ifftshift": np.fft.ifftshift,
    "fftfreq": lambda x: np.fft.fftfreq(5, 0.5) * x,
    "rfftfreq": lambda x: np.fft.rfftfreq(10, 0.5) * x,
}
CONVOLUTIONS = {
    "convolve: full": np.convolve,
    "convolve: same": lambda x, y: np.convolve(x, y, "same"),
    "convolve: valid": lambda x, y: np.convolve(x, y, "valid"),
    "correlate: valid": np.correlate,
    "correlate: full": lambda x, y: np.correlate(x, y, "full"),
    "convolve2d: full": sp.convolve2d,
    "correlate2d: valid": lambda x, y: sp.correlate2d(x, y, "valid"),
    "fftconvolve": sp.fftconvolve,
}
RESIZED = {
    "resize nearest": nearest(9),
    "resize nearest, fewer": nearest(4),
    "resize nearest of a grid": nearest(2, 7),
    "resize nearest default": lambda x: x[np.arange(9) * 6 // 9],
    "resize linear": linear(9),
    "resize linear, fewer": linear(4),
    "resize linear between corners": lambda x: np.interp(np.linspace(0, 5, 11), np.arange(6), x),
    "resize bilinear": linear(5, 2),
    "resize bilinear antialias": smooth(triangle, 2, 3),
    "resize bilinear default": linear(2, 3),
    "resize cubic antialias": smooth(cubic(-0.5), 2, 3),
    "resize cubic antialias, more": smooth(cubic(-0.5), 4, 6),
    "resize cubic default": cubic_of_torch(5),
}
WINDOWS = {
    "window: hann": lambda x: np.hanning(6) * x,
    "window: hann default": lambda x: sp.windows.hann(6, sym=False) * x,
    "window: hamming": lambda x: np.hamming(6) * x,
    "window: blackman": lambda x: np.blackman(6) * x,
    "window: bartlett": lambda x: np.bartlett(6) * x,
    "window: kaiser": lambda x: sp.windows.kaiser(6, 12) * x,
    "gradient of a grid": lambda x: np.gradient(x, 0.5),
}
FORMS = {
    **table({**TRANSFORMS, **CONVOLUTIONS, **RESIZED, **WINDOWS}),
    "sampled bilinearly": Form(interpolated, inside),
}
