"""Numbers of a history in few characters: four digits or more of each, as differences in base 64."""

import math
from collections.abc import Iterator, Sequence

from ..text import positive

# The digits of base64url. page.js reads them back.
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PLACES = 4
# A double holds fifteen digits, so that the largest number must not have more once the smallest has four.
MOST_PLACES = 15


def packed(values: Sequence[float | None]) -> str:
    """``-6:8gDpB``: an exponent of ten, then for each number the difference of its whole multiple of that power from
    the one before, in the variable length of source maps (ECMA-426); a zero stands for no number.
    """
    numbers = [positive(v) for v in values]
    exponent = _exponent([n for n in numbers if n is not None])
    return f"{exponent}:{''.join(_digits(code) for code in _codes(numbers, exponent))}"


def _exponent(numbers: list[float]) -> int:
    if not numbers:
        return 0
    fine = math.floor(math.log10(min(numbers))) - PLACES + 1
    return max(fine, math.floor(math.log10(max(numbers))) - MOST_PLACES + 1)


def _codes(numbers: list[float | None], exponent: int) -> Iterator[int]:
    """Differences as numbers from 1 on, the sign in the last bit."""
    last = 0
    for n in numbers:
        if n is None:
            yield 0
            continue
        whole = round(n / 10.0**exponent)
        step, last = whole - last, whole
        yield 1 + (2 * step if step >= 0 else -2 * step - 1)


def _digits(code: int) -> str:
    """Five bits each, the lowest first; the sixth says that more follow."""
    found = ""
    while True:
        code, low = divmod(code, 32)
        found += DIGITS[low + (32 if code else 0)]
        if not code:
            return found
