"""All rows, by family."""

from ..row import Row
from .activations import ACTIVATIONS
from .arithmetic import ARITHMETIC
from .elementary import ELEMENTARY
from .indexing import INDEXING
from .layers import LAYERS
from .linalg import LINALG
from .losses import LOSSES
from .ordering import ORDERING
from .reductions import REDUCTIONS
from .shapes import SHAPES
from .signal import SIGNAL
from .special import SPECIAL

FAMILIES: dict[str, tuple[Row, ...]] = {
    "elementary": ELEMENTARY,
    "arithmetic": ARITHMETIC,
    "special": SPECIAL,
    "activations": ACTIVATIONS,
    "losses": LOSSES,
    "reductions": REDUCTIONS,
    "ordering": ORDERING,
    "shapes": SHAPES,
    "indexing": INDEXING,
    "linalg": LINALG,
    "signal": SIGNAL,
    "layers": LAYERS,
}
