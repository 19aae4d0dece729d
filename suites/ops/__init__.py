"""All rows. Order is the order of the verdict table."""

from ..table import OpSpec
from .losses import LOSSES

OPS: tuple[OpSpec, ...] = (*LOSSES,)
