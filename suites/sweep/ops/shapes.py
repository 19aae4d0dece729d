"""To be filled."""

from ..tensors import TensorRow

SHAPES: tuple[TensorRow, ...] = ()
