"""What counts as a change, quantity by quantity: the least step worth telling, and which way is worse."""

import math
import sys
from dataclasses import dataclass

from .model import COMPILE, EAGER, JIT, MEMORY, RATIO


@dataclass(frozen=True)
class Rule:
    """``least`` is the smallest step that is told, ``again`` how far a night lies on the worse side of the nights
    before to be measured again, both as fractions. ``worse`` is the direction that a user would mind. ``clocked``
    says that the machine's floor limits what can be seen.
    """

    least: float
    again: float
    worse: int = 1
    clocked: bool = True


# Compilers vary by more than kernels from night to night; allocated memory hardly does.
RULES = {
    RATIO: Rule(0.03, 0.04, worse=-1),
    JIT: Rule(0.03, 0.04),
    EAGER: Rule(0.03, 0.04),
    COMPILE: Rule(0.20, 0.20),
    MEMORY: Rule(0.05, 0.05, clocked=False),
}

_LARGEST = math.log(sys.float_info.max)


def factor(move: float) -> float:
    """What a difference of logarithms multiplies by, within what a number can hold."""
    return math.exp(max(-_LARGEST, min(move, _LARGEST)))


def least(quantity: str, floor: float) -> float:
    """The smallest step that is told, as a logarithm. ``floor`` is the smallest change that the machine can see, as a
    fraction: a step is told from twice that.
    """
    rule = RULES[quantity]
    return math.log1p(max(rule.least, 2 * floor if rule.clocked else 0.0))
