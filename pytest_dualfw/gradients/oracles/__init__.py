"""The oracles: independent sources of the expected value and gradient. One file each, listed here.

The order is that of the report: values before gradients, exact sources before estimates.
"""

from ..request import Request
from .complex_step import ComplexStep
from .difference import DifferenceLadder
from .forward import ForwardMode
from .other_framework import OtherFramework
from .protocol import Oracle
from .reference import ReferenceValue, ReferenceVjp
from .rerun import Float64Rerun
from .structure import Structure


def called_for(asked: Request, dtype: str, *, failing: bool = False) -> list[Oracle]:
    """The oracles of a request. A reference vjp is trusted over differences, which cannot know of a gradient that is
    meant to differ from the function's own; forward mode is asked for with the variants, and where others disagree.
    """
    chosen: list[Oracle] = [Structure()]
    if asked.reference is not None:
        chosen.append(ReferenceValue(asked.reference))
    if asked.reference_vjp is not None:
        return [*chosen, ReferenceVjp(asked.reference_vjp)]
    if asked.reference is not None:
        chosen.append(ComplexStep(asked.reference))
    if dtype != "float64":
        chosen.append(Float64Rerun())
    chosen.append(DifferenceLadder())
    chosen += [OtherFramework(name, fn) for name, fn in asked.others.items()]
    return [*chosen, ForwardMode()] if asked.variants or failing else chosen


__all__ = ["Oracle", "called_for"]
