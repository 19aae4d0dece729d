"""JAX's side of DLPack."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..dlpack import DTYPES, PLAIN, Array, Side


def side(fw: Any) -> Side:
    def plain(dtype: str = "float32") -> Any:
        return jnp.array(PLAIN.astype(jnp.dtype(dtype)))

    def of(dtype: str) -> Callable[[], Any]:
        return lambda: plain(dtype)

    make: dict[str, Callable[[], Any]] = {
        **{dtype: of(dtype) for dtype in DTYPES},
        "plain": plain,
        "number": lambda: plain()[0, 2],
        "transposed": lambda: plain().T,
        "every other column": lambda: plain()[:, ::2],
        "empty": lambda: plain()[:0],
        "deleted": lambda: deleted(plain()),
    }
    return Side(make, values, take, lambda x: int(x.unsafe_buffer_pointer()), lambda x: False)


def values(x: Any) -> Array:
    """Of a copy: an array keeps the NumPy values that it was once asked for."""
    return np.array(jax.device_put(x, may_alias=False))


def take(x: Any, copy: bool | None) -> Any:
    return jax.dlpack.from_dlpack(x, copy=copy)


def deleted(x: Any) -> Any:
    x.delete()
    return x
