"""The first tier: a robust CUSUM that sees, night by night and at once for all nights, where a level may have moved."""

import numpy as np
import numpy.typing as npt

from .model import Numbers
from .robust import MAD_TO_SD, medians, trailing

# Nights that a night is compared with; the last ones before it stay out, so that a step is not its own reference.
REFERENCE, LAG = 20, 10
# Page's allowance and threshold, in standard deviations: half of the step to be found, and its run length.
ALLOWANCE, THRESHOLD = 0.75, 5.0
# A suspicion holds while the median of so many nights lies beyond.
HELD = 3


def suspicion(x: Numbers, least: float, first: int) -> npt.NDArray[np.int64]:
    """For each night of the logarithms ``x`` the direction in which the level seems to have moved: 1, -1, or 0 where it
    does not and before night ``first``. ``least`` is the smallest step worth telling.

    CUSUM of Page (1954) on deviations from the median of the reference in units of its MAD, both directions. A
    deviation is cut at the threshold: one night alone never suffices.
    """
    level, spread = _reference(x, least)
    deviation = np.where(np.isfinite(level) & (np.arange(len(x)) >= first), x - level, 0.0)
    z = np.clip(deviation / spread, -THRESHOLD, THRESHOLD)
    recent = medians(trailing(deviation, HELD, own=True))
    direction = np.zeros(len(x), dtype=np.int64)
    for sign in (1, -1):
        direction[(_cusum(sign * z - ALLOWANCE) > THRESHOLD) & (sign * recent >= least)] = sign
    return direction


def _reference(x: Numbers, least: float) -> tuple[Numbers, Numbers]:
    nights, windows = np.arange(len(x))[:, None], trailing(x, REFERENCE + LAG)
    index = nights - REFERENCE - LAG + np.arange(REFERENCE + LAG)
    windows = np.where(index < np.maximum(nights - LAG, LAG), windows, np.nan)
    level = medians(windows)
    spread = MAD_TO_SD * medians(np.abs(windows - level[:, None]))
    # Rounded or constant numbers have no spread; a tenth of what is worth telling stands for it.
    return level, np.fmax(spread, least / 10)


def _cusum(z: Numbers) -> Numbers:
    """S_n = max(0, S_(n-1) + z_n), as C_n - min(C_m, m <= n) of the sums C."""
    sums = np.concatenate([[0.0], np.cumsum(z)])
    return np.asarray((sums - np.minimum.accumulate(sums))[1:])
