"""Rows of the layers."""

from .affine import AFFINE
from .attention import ATTENTION
from .normalisation import NORMALISATION
from .windows import WINDOWS

LAYERS = (*AFFINE, *WINDOWS, *NORMALISATION, *ATTENTION)
