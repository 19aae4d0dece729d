"""Indices: shifted by one in the backward pass, duplicates overwritten, padding and masks off by one."""

from typing import Any

import numpy as np

from ..table import Case, Function, Rng
from .custom import BOTH, add, bug, normal, put, uniform

INDEX = "off by one and duplicates"


def duplicated(rng: Rng) -> tuple[Any, ...]:
    """A table of five rows and twelve indices into it, each row named at least twice."""
    return rng.standard_normal((5, 3)), rng.permutation(np.arange(12) % 5)


def gather(xp: Any, w: Any, index: Any) -> Any:
    return w[index]


def gather_vjp(collected: Function) -> Function:
    return lambda xp, g, w, index: (collected(0 * w, index, g), None)


def segments(rng: Rng) -> tuple[Any, ...]:
    return rng.standard_normal((12, 2)), rng.permutation(np.arange(12) % 5)


def segment_sum(xp: Any, x: Any, index: Any) -> Any:
    return add(0 * x[:5], index, x)


def segment_sum_vjp(xp: Any, g: Any, x: Any, index: Any) -> Any:
    """Reads the segment after the right one."""
    return g[(index + 1) % 5], None


def cumsum(xp: Any, x: Any) -> Any:
    return xp.cumulative_sum(x, axis=0)


def cumsum_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Exclusive where the sum over the later cotangents includes the entry's own."""
    return (xp.sum(g, axis=0) - xp.cumulative_sum(g, axis=0),)


def differences(xp: Any, x: Any) -> Any:
    return x[1:] - x[:-1]


def differences_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The last entry gets nothing."""
    zero = 0 * x[:1]
    return (xp.concat([zero, g[:-1], zero]) - xp.concat([g, zero]),)


def roll(xp: Any, x: Any) -> Any:
    return xp.roll(x, 1, axis=0)


def roll_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Rolled on where it should be rolled back."""
    return (xp.roll(g, 1, axis=0),)


def odd_entries(xp: Any, x: Any) -> Any:
    return x[1::2]


def odd_entries_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Written to the even entries."""
    return (xp.reshape(xp.stack([g, 0 * g], axis=1), tuple(x.shape)),)


def lower(xp: Any, x: Any) -> Any:
    return xp.tril(x)


def lower_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The diagonal is left out."""
    return (xp.tril(g, k=-1),)


def shifted(xp: Any, x: Any, by: int) -> Any:
    """y_t = x_(t + by), zero outside."""
    if by == 0:
        return x
    zero = 0 * x[: abs(by)]
    return xp.concat([x[by:], zero]) if by > 0 else xp.concat([zero, x[:by]])


def conv(xp: Any, x: Any, w: Any) -> Any:
    """y_t = sum_k w_k x_(t + k - 1), zero padded."""
    return sum(w[k] * shifted(xp, x, k - 1) for k in range(3))


def conv_vjp(pad: int = 1, flipped: bool = True, dw_pad: int = 1) -> Function:
    """Right for a padding of one, the kernel flipped in dx."""

    def pullback(xp: Any, g: Any, x: Any, w: Any) -> Any:
        dx = sum(w[k] * shifted(xp, g, (pad - k) * (1 if flipped else -1)) for k in range(3))
        return dx, xp.stack([xp.sum(g * shifted(xp, x, k - dw_pad)) for k in range(3)])

    return pullback


def windows(xp: Any, x: Any) -> Any:
    return xp.reshape(x, (-1, 2))


def max_pool(xp: Any, x: Any) -> Any:
    return xp.max(windows(xp, x), axis=1)


def max_pool_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The whole cotangent goes to the window's other entry."""
    x = windows(xp, x)
    return (xp.reshape(xp.where(x < xp.max(x, axis=1, keepdims=True), g[:, None], 0 * x), (-1,)),)


def windowed(rng: Rng) -> tuple[Any, ...]:
    """Windows whose two entries differ by at least a half."""
    first = rng.standard_normal(6)
    return (np.stack([first, first + rng.choice([-1, 1], 6) * rng.uniform(0.5, 1, 6)], 1).ravel(),)


def moving_average(xp: Any, x: Any) -> Any:
    return (x[:-2] + x[1:-1] + x[2:]) / 3


def moving_average_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The window starts one entry late."""
    zero = 0 * x[:1]
    a = xp.concat([g, zero, zero])
    return ((a + xp.roll(a, 1, axis=0) + xp.roll(a, -1, axis=0)) / 3,)


SERIES = normal((9, 2))
CONV = uniform(0.5, 2, (9,), (3,))

CASES: tuple[Case, ...] = (
    bug("gather_overwrites", INDEX, duplicated, gather, gather_vjp(put)),
    bug(
        "gather_shifted",
        INDEX,
        duplicated,
        gather,
        gather_vjp(lambda a, i, g: add(a, (i + 1) % 5, g)),
        cells=BOTH,
    ),
    bug("segment_sum_shifted", INDEX, segments, segment_sum, segment_sum_vjp),
    bug("cumsum_exclusive", INDEX, SERIES, cumsum, cumsum_vjp, cells=BOTH),
    bug("differences_end", INDEX, SERIES, differences, differences_vjp),
    bug("roll_same_way", INDEX, SERIES, roll, roll_vjp),
    bug("stride_offset", INDEX, normal((10,)), odd_entries, odd_entries_vjp),
    bug("triangle_without_diagonal", INDEX, normal((4, 4)), lower, lower_vjp),
    bug("conv_padding_of_input", INDEX, CONV, conv, conv_vjp(pad=0), cells=BOTH),
    bug("conv_padding_of_kernel", INDEX, CONV, conv, conv_vjp(dw_pad=0)),
    bug("conv_kernel_not_flipped", INDEX, CONV, conv, conv_vjp(flipped=False)),
    bug("max_pool_other_entry", INDEX, windowed, max_pool, max_pool_vjp),
    bug("moving_average_late", INDEX, SERIES, moving_average, moving_average_vjp),
)
