"""int8 in place of floating numbers: rounding, clipping, straight-through gradients, products, against the reference.

The numbers are drawn so that nobody can be in doubt about an integer: x = s (k - z + f) with |f| <= 0.45, or halves of
an exact scale, which every dtype divides exactly and which round to even.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from pytest_dualfw.reference import linear, linear_vjp, mse, mse_vjp
from pytest_dualfw.reference.precision import quantisation as q
from pytest_dualfw.reference.precision.bounds import accumulated, gamma

from pytest_dualfw import Check
from pytest_dualfw.compare import compare
from pytest_dualfw.tolerance import UNIT_ROUNDOFF, Floats, conditioned_bound, jitter_spread

Array = np.ndarray[Any, Any]

SYMMETRIC, SIGNED, UNSIGNED = (-127, 127), (-128, 127), (0, 255)
CHANNELS, WIDTH, BATCH = 5, 48, 7
# As far beyond the span as a tenth of it: every row is clipped at both ends.
BEYOND = 12
LEAVES = ("value", "dx", "ds", "dz")


@dataclass(frozen=True)
class Grid:
    """Which integers stand for which numbers. ``axis`` is that of the channels, None for one scale for all; ``exact``
    scales are powers of two, and halves are drawn; ``learned`` scales and zero points have gradients. ``below``: zero
    points are negative.
    """

    span: q.Span
    axis: int | None = None
    shifted: bool = False
    exact: bool = False
    learned: bool = False
    below: bool = False

    def __str__(self) -> str:
        words = {
            "channel" if self.axis is not None else "tensor": True,
            "affine" if self.shifted else "symmetric": True,
            f"{self.span[0]}to{self.span[1]}": True,
            "halves": self.exact,
            "learned": self.learned,
            "below_zero": self.below,
        }
        return "-".join(word for word, said in words.items() if said)

    @property
    def op_name(self) -> str:
        return "fake_quantise"

    @property
    def options(self) -> dict[str, Any]:
        return {"span": self.span, "axis": self.axis}

    def scales(self, rng: np.random.Generator) -> tuple[Array, Array]:
        """s and z of this grid."""
        shape = () if self.axis is None else (CHANNELS,)
        s = 2.0 ** rng.integers(-6, -2, shape) if self.exact else rng.uniform(0.01, 0.1, shape)
        z = rng.integers(1, 31, shape) * (-1 if self.below else 1) if self.shifted else np.zeros(shape)
        return np.asarray(s, np.float64), np.asarray(z, np.float64)

    def numbers(self, s: Array, z: Array, rng: np.random.Generator) -> Array:
        """(CHANNELS, WIDTH) of them: the ends of the span, both sides of it, and what lies between."""
        k = rng.integers(self.span[0] - BEYOND, self.span[1] + BEYOND + 1, (CHANNELS, WIDTH))
        k[:, :2] = self.span
        f = rng.choice([-0.5, 0.5], k.shape) if self.exact else rng.uniform(-0.45, 0.45, k.shape)
        f[np.isin(k, (self.span[0] - 1, *self.span, self.span[1] + 1))] = 0  # where a half may fall on either side
        return np.asarray(s.reshape(-1, 1) * (k - z.reshape(-1, 1) + f))

    def sizes(self, g: Array, x: Array, s: Array, z: Array) -> tuple[Array, Array]:
        """What the sums ds and dz are made of, in absolute values, however their terms are grouped."""
        over = tuple(i for i in range(x.ndim) if i != self.axis)
        k = q.quantise(x, s, z, **self.options)
        along = s.reshape(-1, 1) if self.axis == 0 else s
        away = np.abs(q.dequantise(k, s, z, axis=self.axis) / along) + np.abs(x / along)
        return np.sum(np.abs(g) * away, axis=over), np.sum(np.abs(g) * along, axis=over)


GRIDS = (
    Grid(SYMMETRIC),
    Grid(SYMMETRIC, exact=True),
    Grid(SYMMETRIC, axis=0),
    Grid(SIGNED, shifted=True),
    Grid(SIGNED, shifted=True, exact=True, below=True),
    Grid(UNSIGNED, axis=0, shifted=True),
    Grid(SYMMETRIC, learned=True),
    Grid(SIGNED, shifted=True, learned=True),
    Grid(SYMMETRIC, axis=0, learned=True),
    Grid(UNSIGNED, axis=0, shifted=True, learned=True),
)

BELOW_ZERO = (
    Grid(SIGNED, shifted=True, learned=True, below=True),
    Grid(SIGNED, axis=0, shifted=True, learned=True, below=True),
)


@dataclass(frozen=True)
class Quantised:
    """``fake_quantise`` of one grid and its gradients along a cotangent, in NumPy."""

    grid: Grid
    leaves: tuple[Array, ...]
    found: tuple[Array, ...]

    @classmethod
    def of(cls, grid: Grid, fw: Any, rng: np.random.Generator, op: Any = None) -> "Quantised":
        """Run ``op`` (default: the framework's own) as the target's mode says."""
        here = _spelled(fw)
        s, z = (_seen(fw, a) for a in grid.scales(rng))
        x = grid.numbers(s, z, rng)
        leaves = tuple(_seen(fw, a) for a in (x, s, z, np.asarray(rng.normal(size=x.shape))))
        fake = partial(op or here.fake_quantise, learned=grid.learned, **grid.options)
        given = tuple(map(fw.asarray, leaves))
        free = 3 if grid.learned else 1
        _, y, gradients = fw.differentiated(_along(fake))(given[:free], *given[free:])
        return cls(grid, leaves, tuple(fw.to_numpy(a).astype(np.float64) for a in (y, *gradients)))

    def checks(self, dtype: str) -> Iterator[Check]:
        """The value and the gradients: of x alone, or of the scale and the zero point too.

        No integer is in doubt, so the value and dx (s g / s in plain JAX) are rounded once or twice; ds and dz sum.
        """
        x, s, z, g = self.leaves
        u, sums = UNIT_ROUNDOFF[dtype], gamma(CHANNELS * WIDTH, UNIT_ROUNDOFF[dtype])
        value = q.fake_quantise(x, s, z, **self.grid.options)
        expected = (value, *q.fake_quantise_vjp(g, x, s, z, **self.grid.options))
        bounds = (2 * u * np.abs(value), 3 * u * np.abs(g), *(sums * size for size in self.grid.sizes(g, x, s, z)))
        for what, obtained, y, bound in zip(LEAVES, self.found, expected, bounds, strict=False):
            yield compare(what, "reference", obtained, y, np.asarray(bound))


@dataclass(frozen=True)
class Trained:
    """The loss of a linear layer whose weights and inputs are quantised, and its gradients, in NumPy.

    mean((x^ w^^T - t)^2), x^ on one scale for all, w^ on one for each output; both scales are learned.
    """

    leaves: tuple[Array, ...]
    found: tuple[Array, ...]

    INPUTS = Grid(SIGNED, shifted=True, learned=True)
    WEIGHTS = Grid(SYMMETRIC, axis=0, learned=True)
    NAMES = ("loss", "dw", "ds of the weights", "ds of the inputs", "dz of the inputs")

    @classmethod
    def of(cls, fw: Any, rng: np.random.Generator, op: Any = None) -> "Trained":
        """Run the layer with ``op`` (default: the framework's own) as the target's mode says."""
        here = _spelled(fw)
        (sw, _), (sx, zx) = ([_seen(fw, a) for a in grid.scales(rng)] for grid in (cls.WEIGHTS, cls.INPUTS))
        w, x = cls.WEIGHTS.numbers(sw, np.zeros_like(sw), rng), cls.INPUTS.numbers(sx, zx, rng)
        leaves = tuple(_seen(fw, a) for a in (w, sw, sx, zx, x, rng.normal(size=(len(x), len(w)))))
        run = fw.differentiated(here.loss(op or here.fake_quantise, cls.WEIGHTS.options, cls.INPUTS.options))
        given = tuple(map(fw.asarray, leaves))
        loss, _, gradients = run(given[:4], *given[4:])
        return cls(leaves, tuple(fw.to_numpy(y).astype(np.float64) for y in (loss, *gradients)))

    def checks(self, dtype: str, rng: np.random.Generator) -> Iterator[Check]:
        extra = [gamma(WIDTH * CHANNELS, UNIT_ROUNDOFF[dtype]) * size for size in self._sizes()]
        expected, spreads = jitter_spread(self._reference, list(self.leaves), dtype, rng)
        for what, obtained, y, spread, sums in zip(self.NAMES, self.found, expected, spreads, extra, strict=True):
            yield compare(what, "reference", obtained, y, conditioned_bound(y, spread, dtype) + sums)

    def _reference(self, leaves: list[Floats]) -> list[Floats]:
        w, sw, sx, zx, x, _ = leaves
        loss, dw_hat, dx_hat = self._around(leaves)
        dw, dsw, _ = q.fake_quantise_vjp(dw_hat, w, sw, np.zeros_like(sw), **self.WEIGHTS.options)
        _, dsx, dzx = q.fake_quantise_vjp(dx_hat, x, sx, zx, **self.INPUTS.options)
        return [loss, dw, dsw, dsx, dzx]

    def _around(self, leaves: list[Floats]) -> tuple[Floats, Floats, Floats]:
        """The loss, and the gradients where the layer meets the quantised numbers."""
        w, sw, sx, zx, x, t = leaves
        x_hat = q.fake_quantise(x, sx, zx, **self.INPUTS.options)
        w_hat = q.fake_quantise(w, sw, np.zeros_like(sw), **self.WEIGHTS.options)
        y = linear(x_hat, w_hat)
        dx_hat, dw_hat, _ = linear_vjp(mse_vjp(np.ones(()), y, t)[0], x_hat, w_hat)
        return mse(y, t), dw_hat, dx_hat

    def _sizes(self) -> list[Any]:
        w, sw, sx, zx, x, _ = self.leaves
        _, dw_hat, dx_hat = self._around(list(self.leaves))
        of_weights = self.WEIGHTS.sizes(dw_hat, w, sw, np.zeros_like(sw))[0]
        return [0.0, 0.0, of_weights, *self.INPUTS.sizes(dx_hat, x, sx, zx)]


@dataclass(frozen=True)
class Weights:
    """x w^^T for weights on a grid that clips none of them, and with it x w^T, in NumPy."""

    grid: Grid
    x: Array
    w: Array
    s: Array
    found: Array

    @classmethod
    def of(cls, grid: Grid, fw: Any, rng: np.random.Generator, op: Any = None) -> "Weights":
        here = _spelled(fw)
        x, w = _seen(fw, rng.normal(size=(BATCH, WIDTH))), _seen(fw, rng.normal(size=(CHANNELS, WIDTH)))
        largest = q.symmetric_scale(w, grid.span, grid.axis)
        s = _seen(fw, np.asarray(largest * (1 + 2.0**-20)))  # rounded down it would clip
        run = fw.compile(here.product(op or here.fake_quantise, **grid.options))
        y = run(*map(fw.asarray, (x, w, s, np.zeros_like(s))))
        return cls(grid, x, w, s, fw.to_numpy(y).astype(np.float64))

    def check(self, dtype: str) -> Check:
        """Against the unquantised product: half a scale of each weight, and the rounding of the product itself."""
        u, exact = UNIT_ROUNDOFF[dtype], linear(self.x, self.w)
        rounding = accumulated(linear, (self.x, np.abs(self.w) + self.s.reshape(-1, 1)), u)
        # The quotient by s may round over a half, the number s q is rounded: an ulp of each weight.
        bound = q.weight_error(self.x, self.s) + 2 * rounding + u * np.abs(exact)
        return compare("quantised product", "bound of quantisation", self.found, exact, bound)

    def used(self) -> float:
        """The largest error over half a scale of each weight."""
        error = np.abs(self.found - linear(self.x, self.w))
        return float(np.max(error / q.weight_error(self.x, self.s)))


@dataclass(frozen=True)
class Integers:
    """A product of integers accumulated in int32, in NumPy: exact, or wrong."""

    arguments: tuple[Array, ...]
    found: Array

    # 2 * 4096 * 255^2 fits int32, and no sum of that length in float32 is exact, nor in int16.
    DEPTH = 4096

    @classmethod
    def of(cls, fw: Any, rng: np.random.Generator, op: Any = None) -> "Integers":
        """x (32, DEPTH) of int8 with a zero point, w (16, DEPTH) of int8 with one for each row."""
        x, w = (rng.integers(-128, 128, (rows, cls.DEPTH)).astype(np.int8) for rows in (32, 16))
        x[:4], w[:4] = rng.integers(100, 128, (2, 4, cls.DEPTH))  # sums that are large, and odd
        zx, zw = np.int32(-11), rng.integers(-20, 21, 16).astype(np.int32)
        arguments = (x, w, np.asarray(zx), zw)
        run = fw.compile(op or _spelled(fw).integer_product)
        return cls(arguments, fw.to_numpy(run(*map(fw.asarray, arguments))))

    def check(self) -> Check:
        x, w, zx, zw = (a.astype(np.int64) for a in self.arguments)
        exact = q.integer_product(x, zx, w, zw).astype(np.float64)
        return compare("integer product", "exact sum", self.found, exact, np.zeros_like(exact))


def _along(op: Callable[..., Any]) -> Callable[..., Any]:
    """``(leaves, *rest, g)`` to sum g op(leaves, rest), and the value."""

    def scalar(leaves: Any, *rest: Any) -> Any:
        y = op(*leaves, *rest[:-1])
        return (rest[-1] * y).sum(), y

    return scalar


def _spelled(fw: Any) -> Any:
    return import_module(f".in_{fw.name}.quantised", __package__)


def _seen(fw: Any, x: Array) -> Array:
    """``x`` as the target has it."""
    found: Array = fw.to_numpy(fw.asarray(x)).astype(np.float64)
    return found
