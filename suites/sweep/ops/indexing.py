"""To be filled."""

from ..tensors import TensorRow

INDEXING: tuple[TensorRow, ...] = ()
