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


def called_for(asked: Request, dtype: str) -> list[Oracle]:
    """The oracles of a request. A reference vjp is trusted over differences, which cannot know of a gradient that is
    meant to differ from the function's own; forward mode is asked for with the variants.
    """
    value, by_differences = asked.reference, asked.reference_vjp is None
    rows: list[tuple[bool, list[Oracle]]] = [
        (True, [Structure()]),
        (True, [ReferenceValue(value)] if value else []),
        (True, _references(asked)),
        (dtype != "float64" and (by_differences or value is None), [Float64Rerun()]),
        (by_differences, [DifferenceLadder()]),
        (True, _elsewhere(asked)),
        (by_differences and asked.variants, [ForwardMode()]),
    ]
    return [oracle for called, oracles in rows if called for oracle in oracles]


def witnesses(asked: Request, dtype: str) -> list[Oracle]:
    """All that can have an opinion of a gradient, where a vote is to be taken."""
    rerun: list[Oracle] = [] if dtype == "float64" else [Float64Rerun()]
    return [*_references(asked), *rerun, DifferenceLadder(), *_elsewhere(asked), ForwardMode()]


def _references(asked: Request) -> list[Oracle]:
    """Of the gradient."""
    if asked.reference_vjp is not None:
        return [ReferenceVjp(asked.reference_vjp)]
    return [ComplexStep(asked.reference)] if asked.reference else []


def _elsewhere(asked: Request) -> list[Oracle]:
    return [OtherFramework(name, fn) for name, fn in asked.others.items()]


__all__ = ["Oracle", "called_for", "witnesses"]
