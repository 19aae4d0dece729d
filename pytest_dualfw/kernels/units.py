"""Numbers as a reader takes them in: three digits, and the unit that keeps them before the point."""

import math

_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))
_MEMORY = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
_BINARY = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B"))
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_WORDS = ((1e9, "billion"), (1e6, "million"))


def seconds(value: float) -> str:
    """``1.24 ms``; from a minute on ``95 s``."""
    return _in_units(value, _TIMES)


def round_time(value: float) -> str:
    """``10 us``: a number of an axis, without the digits that a round one has not."""
    scale, unit = next((u for u in _TIMES if value >= 0.9995 * u[0]), _TIMES[-1])
    return f"{value / scale:.3g} {unit}"


def memory(value: float) -> str:
    """``3.15 MB``, in powers of ten as the makers of memory count bandwidth."""
    return _in_units(value, _MEMORY)


def binary(value: int) -> str:
    """``32 KiB``, in powers of two as the makers of processors count caches."""
    scale, unit = next((u for u in _BINARY if value >= u[0]), _BINARY[-1])
    return f"{value / scale:g} {unit}"


def bandwidth(value: float) -> str:
    return f"{memory(value)}/s"


def rate(value: float) -> str:
    """Floating-point operations a second: ``83.5 GFLOP/s``."""
    number, _, unit = _in_units(value, _PREFIXES).partition(" ")
    return f"{number} {unit}FLOP/s"


def count(value: float) -> str:
    """``12,400``; from a million on ``1.24 million``; rounded up, ``never`` where it is infinite."""
    if math.isinf(value):
        return "never"
    if value < 1e6:
        return f"{math.ceil(value):,d}"
    return _in_units(value, _WORDS)


def times(value: float) -> str:
    """A ratio: four digits near one, where a third of a percent is seen, and fewer far from it."""
    digits = 3 if value < 10 else 1 if value < 1000 else 0
    return f"{value:.{digits}f}"


def percent(part: float) -> str:
    """``61 %``, and more digits where that would be few: ``5.0 %``, ``0.03 %``."""
    places = 0 if part >= 0.0995 else 1 if part >= 0.00095 else 2
    return f"{100 * part:.{places}f} %"


def digits(value: float) -> str:
    """Three of them: ``1.24``, ``12.4``, ``124``, ``1240``."""
    places = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{places}f}"


def _in_units(value: float, units: tuple[tuple[float, str], ...]) -> str:
    """In the largest unit that leaves at least one whole after rounding to three digits."""
    scale, unit = next((u for u in units if value >= 0.9995 * u[0]), units[-1])
    return f"{digits(value / scale)} {unit}"
