"""To be filled."""

from ..tensors import TensorRow

LINALG: tuple[TensorRow, ...] = ()
