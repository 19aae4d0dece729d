"""All rows, family by family."""

from .attention import ATTENTION
from .convolution import CONVOLUTION
from .elementwise import ELEMENTWISE
from .matmul import MATMUL
from .mlp import MLP
from .normalising import NORMALISING
from .optimiser import OPTIMISER
from .ordering import ORDERING
from .recurrent import RECURRENT
from .reductions import REDUCTIONS
from .table_lookup import TABLE_LOOKUP
from .training import TRAINING

KERNELS = (
    *MATMUL,
    *NORMALISING,
    *MLP,
    *CONVOLUTION,
    *TABLE_LOOKUP,
    *ATTENTION,
    *RECURRENT,
    *REDUCTIONS,
    *ORDERING,
    *ELEMENTWISE,
    *OPTIMISER,
    *TRAINING,
)

__all__ = ["KERNELS"]
