"""All rows. Order is the order of the verdict table."""

from ..table import OpSpec
from .activations import ACTIVATIONS
from .backprop import BACKPROP
from .layers import LAYERS
from .losses import LOSSES
from .recurrent import RECURRENT

OPS: tuple[OpSpec, ...] = (
    *ACTIVATIONS,
    *LOSSES,
    *LAYERS,
    *RECURRENT,
    *BACKPROP,
)
