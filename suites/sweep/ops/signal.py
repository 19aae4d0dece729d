"""To be filled."""

from ..tensors import TensorRow

SIGNAL: tuple[TensorRow, ...] = ()
