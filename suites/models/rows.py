"""The table of models."""

from .dense import DENSE
from .sequence import SEQUENCE
from .table import ModelSpec
from .transformers import TRANSFORMERS
from .vision import VISION

MODELS: tuple[ModelSpec, ...] = (*DENSE, *SEQUENCE, *TRANSFORMERS, *VISION)
