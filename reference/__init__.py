"""NumPy float64 references: ``op(*primals)`` and, beside it, ``op_vjp(g, *primals)`` with a hand-derived gradient.

The cotangent comes first and there is one gradient for each primal (None for an integer or an absent one). The code is
naive on purpose, computes in the dtype it is given, and shares nothing with what it judges.
"""

from . import activations, backprop, layers, losses, optimisers, recurrent
from .activations import *  # noqa: F403
from .backprop import *  # noqa: F403
from .layers import *  # noqa: F403
from .losses import *  # noqa: F403
from .optimisers import *  # noqa: F403
from .recurrent import *  # noqa: F403

__all__: list[str] = []
__all__ += activations.__all__
__all__ += backprop.__all__
__all__ += layers.__all__
__all__ += losses.__all__
__all__ += optimisers.__all__
__all__ += recurrent.__all__
