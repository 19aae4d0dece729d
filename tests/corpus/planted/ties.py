"""Gradients that are wrong only where entries are equal."""

from typing import Any

from ..table import Case, Rng
from .custom import VARIANTS, bug

TIES = "wrong at ties only"


def apart(rng: Rng) -> tuple[Any, ...]:
    """Entries that differ by at least a tenth, along both axes."""
    return ((rng.permutation(15) / 5 - 1 + rng.uniform(0, 0.1, 15)).reshape(3, 5),)


def two_apart(rng: Rng) -> tuple[Any, ...]:
    x = rng.standard_normal((3, 4))
    return x, x + rng.choice([-1, 1], (3, 4)) * rng.uniform(0.3, 1, (3, 4))


def largest(xp: Any, x: Any) -> Any:
    return xp.max(x, axis=-1)


def largest_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Every tied entry gets the whole cotangent."""
    return (xp.where(x == largest(xp, x)[:, None], g[:, None], 0 * x),)


def smallest_of_columns(xp: Any, x: Any) -> Any:
    return xp.min(x, axis=0)


def smallest_of_columns_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Every tied entry gets the whole cotangent."""
    return (xp.where(x == smallest_of_columns(xp, x), g, 0 * x),)


def ordered(xp: Any, x: Any) -> Any:
    return xp.sort(x, axis=-1)


def ordered_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Ranks by counting the smaller entries: tied ones get one cotangent twice."""
    rank = xp.sum(xp.astype(x[:, None, :] < x[:, :, None], xp.int32), axis=-1)
    hot = xp.astype(rank[:, :, None] == xp.arange(x.shape[-1]), x.dtype)
    return (xp.sum(hot * g[:, None, :], axis=-1),)


def median(xp: Any, x: Any) -> Any:
    """The middle of an odd number of entries."""
    return xp.sort(x, axis=-1)[:, x.shape[-1] // 2]


def median_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Every entry equal to the median gets the whole cotangent."""
    return (xp.where(x == median(xp, x)[:, None], g[:, None], 0 * x),)


def peak_to_peak(xp: Any, x: Any) -> Any:
    return xp.max(x, axis=0) - xp.min(x, axis=0)


def peak_to_peak_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Every tied entry gets the whole cotangent, at either end."""
    high = xp.where(x == xp.max(x, axis=0), g, 0 * x)
    return (high - xp.where(x == xp.min(x, axis=0), g, 0 * x),)


def larger(xp: Any, x: Any, y: Any) -> Any:
    return xp.maximum(x, y)


def larger_vjp(xp: Any, g: Any, x: Any, y: Any) -> Any:
    """Equal arguments both get the whole cotangent."""
    return xp.where(x >= y, g, 0 * g), xp.where(y >= x, g, 0 * g)


def distance(xp: Any, x: Any, y: Any) -> Any:
    return xp.abs(x - y)


def distance_vjp(xp: Any, g: Any, x: Any, y: Any) -> Any:
    """nan where the arguments are equal."""
    d = g * (x - y) / xp.abs(x - y)
    return d, -d


CASES: tuple[Case, ...] = (
    bug("ties_of_max", TIES, apart, largest, largest_vjp, **VARIANTS),
    bug("ties_of_min_of_columns", TIES, apart, smallest_of_columns, smallest_of_columns_vjp, **VARIANTS),
    bug("ties_of_sort", TIES, apart, ordered, ordered_vjp, **VARIANTS),
    bug("ties_of_median", TIES, apart, median, median_vjp, **VARIANTS),
    bug("ties_of_peak_to_peak", TIES, apart, peak_to_peak, peak_to_peak_vjp, **VARIANTS),
    bug("equal_arguments_of_maximum", TIES, two_apart, larger, larger_vjp, **VARIANTS),
    bug("equal_arguments_of_distance", TIES, two_apart, distance, distance_vjp, **VARIANTS),
)
