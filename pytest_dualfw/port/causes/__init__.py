"""The table of causes: what is usually ported wrongly, each tested by running torch with it."""

from . import activations, attention, general, linear, norms, recurrent, reductions, rotary, shapes
from .cause import Alternative, Cause

# Those of one function come before those of any.
CAUSES: tuple[Cause, ...] = (
    *norms.CAUSES,
    *activations.CAUSES,
    *linear.CAUSES,
    *attention.CAUSES,
    *rotary.CAUSES,
    *recurrent.CAUSES,
    *reductions.CAUSES,
    *shapes.CAUSES,
    *general.CAUSES,
)

__all__ = ["CAUSES", "Alternative", "Cause"]
