"""Functions whose gradients are wrong, each in one way, on both frameworks wherever both can have the fault."""

from ..table import Case
from . import (
    elementwise,
    entries,
    finite,
    hidden,
    indexing,
    layers,
    losses,
    precision,
    protocol,
    recurrent,
    second,
    ties,
)

PLANTED: tuple[Case, ...] = (
    *elementwise.CASES,
    *losses.CASES,
    *layers.CASES,
    *recurrent.CASES,
    *entries.CASES,
    *indexing.CASES,
    *precision.CASES,
    *protocol.CASES,
    *finite.CASES,
    *ties.CASES,
    *second.CASES,
    *hidden.CASES,
)
