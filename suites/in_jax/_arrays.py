"""Options that are arrays."""

from typing import Any

import jax.numpy as jnp
import numpy as np


def like(array: Any, x: Any) -> Any:
    """The NumPy ``array`` as a JAX array: of the dtype of ``x`` if floating, of its own if not. None stays None.

    It lies on the default device until it meets ``x``, which is where JAX computes then.
    """
    if array is None:
        return None
    floating = np.issubdtype(array.dtype, np.floating)
    return jnp.asarray(array, x.dtype if floating else None)
