"""Functions that are right, at points where a gradient checker is easily led to say otherwise."""

from ..table import Case
from . import arrays, control, custom, kinks, linear_algebra, nets, scales, structures, zeros

CORRECT: tuple[Case, ...] = (
    *kinks.CASES,
    *scales.CASES,
    *linear_algebra.CASES,
    *nets.CASES,
    *zeros.CASES,
    *custom.CASES,
    *arrays.CASES,
    *structures.CASES,
    *control.CASES,
)
