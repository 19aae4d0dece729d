"""Convolutions, pooling, normalization, attention, recurrent cells, padding and losses of a matrix of logits."""

from ..tensors import TensorRow
from .layers_cells import CELLS
from .layers_classes import CLASSES
from .layers_windows import WINDOWS

LAYERS: tuple[TensorRow, ...] = (*WINDOWS, *CELLS, *CLASSES)
