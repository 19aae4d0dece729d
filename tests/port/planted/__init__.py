"""Ports with one mistake each, and their right twins."""

from ..table import Slip
from . import convolution, decoder, perceptron, recurrent, training, transformer

_MODULES = (perceptron, convolution, transformer, decoder, recurrent, training)

PLANTED: tuple[Slip, ...] = tuple(slip for m in _MODULES for slip in m.SLIPS)

TWINS: tuple[Slip, ...] = (
    *(Slip(m.name, m, {}, "", "") for m in {id(s.model): s.model for s in PLANTED}.values()),
    *perceptron.TWINS,
    *training.TWINS,
)
