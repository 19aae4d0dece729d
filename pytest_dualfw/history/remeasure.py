"""Which night to measure again in the same run, before anything is stored: what comes and goes is never told then."""

import numpy as np

from .model import Numbers
from .robust import measured
from .rules import RULES

# A night is compared with the median of so many before, and five at least; two more measurements and the median of the
# three are kept.
RECENT, FEWEST, TIMES = 10, 5, 2


def needs_remeasuring(earlier: Numbers, value: float, quantity: str, floor: float) -> bool:
    """Whether ``value`` lies so far on the worse side of the nights before that it is to be measured twice more, and
    the median of the three kept.

    ``earlier`` are the series' values of the nights before, NaN where there is none; ``floor`` is the smallest change
    that the machine can see, as a fraction.
    """
    rule, known = RULES[quantity], earlier[measured(earlier)][-RECENT:]
    if len(known) < FEWEST or not value > 0:
        return False
    limit = 1 + max(rule.again, floor if rule.clocked else 0.0)
    factor = value / float(np.median(known))
    return (factor if rule.worse > 0 else 1 / factor) > limit
