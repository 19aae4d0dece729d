"""To be filled."""

from ..tensors import TensorRow

LAYERS: tuple[TensorRow, ...] = ()
