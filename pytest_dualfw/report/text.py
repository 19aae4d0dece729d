"""Text and numbers that others wrote, made fit to be shown: cleaned, shortened openly, rounded."""

import hashlib
import math
import re
from typing import Any

# Controls (but for tab and line feed) and lone surrogates: no document may hold them.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONG = re.compile(r"\d+\.\d{5,}(?:e[+-]?\d+)?")
REPLACEMENT = "\ufffd"
# A name of a test or a kernel has at most so many characters on the page.
NAME = 200
# A message or a reason has more.
MESSAGE = 4000
ABSENT = "\N{EN DASH}"


def visible(text: str) -> str:
    """The text with a replacement character for each that no document may hold."""
    return _UNFIT.sub(REPLACEMENT, text)


def shortened(text: str, longest: int) -> str:
    """At most so many characters of the text, and how many more there are."""
    more = len(text) - longest
    return text if more <= 0 else f"{text[:longest]}… and {more:,d} more characters"


def anchor(test: str) -> str:
    """Where the page tells of a test: ``t-`` and a hash of its id, which a URL can hold whatever the id is."""
    return "t-" + hashlib.sha256(test.encode(errors="surrogatepass")).hexdigest()[:10]


def number(value: Any) -> float | None:
    """A number, also one that JSON holds as text (an infinity); None for NaN and for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(found) else found


def positive(value: Any) -> float | None:
    """A finite number above zero, as times and ratios are; None for all else."""
    found = number(value)
    return found if found is not None and 0 < found < math.inf else None


def figure(value: float | None) -> str:
    """Three digits: ``0.0123``, ``1.2e-08``; ``∞``; a dash where there is none."""
    if value is None:
        return ABSENT
    return f"{value:.3g}".replace("inf", "∞")


def rounded(text: str) -> str:
    """The text with its long decimal numbers cut to four digits: ``(-74.89,)`` of ``(-74.89428364214164,)``."""
    return _LONG.sub(lambda found: f"{float(found[0]):.4g}", text)


def moment(started: str) -> str:
    """``2026-11-22 00:08`` of ``2026-11-22T00:08:18Z``."""
    return started[:16].replace("T", " ")


def plural(count: int, noun: str) -> str:
    """``1 finding``, ``1,234 findings``."""
    return f"{count:,d} {noun}{'' if count == 1 else 's'}"
