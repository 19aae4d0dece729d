"""To be filled."""

from ..tensors import TensorRow

ORDERING: tuple[TensorRow, ...] = ()
