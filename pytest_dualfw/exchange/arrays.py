"""What a file of parameters can hold: names, and arrays of numbers."""

from collections.abc import Collection, Mapping
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from ..target import listed

Array = NDArray[Any]
Params = Mapping[str, Array]

# Floats that NumPy itself does not know.
EXTENSIONS: dict[str, np.dtype[Any]] = {
    name: np.dtype(getattr(ml_dtypes, name))
    for name in ("bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
}
INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
NUMBERS = ("bool", *INTEGERS, "float16", "float32", "float64", "complex64", "complex128")


def checked(params: Params, dtypes: Collection[str], form: str) -> dict[str, Array]:
    """The arrays as a file of the form ``form`` takes them: in C order, of this machine's byte order.

    TypeError for what is no dict of NumPy arrays, ValueError for a name or a dtype that the form cannot hold.
    """
    if not isinstance(params, Mapping):
        raise TypeError(f"save takes a dict of names and NumPy arrays; got {_kind(params)}")
    for name in params:
        _check_name(name)
    return {name: _plain(name, x, dtypes, form) for name, x in params.items()}


def _check_name(name: Any) -> None:
    if not isinstance(name, str):
        raise TypeError(f"a parameter's name is a string; got {name!r}, {_kind(name)}")
    if not name or "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise ValueError(f"no file can hold the name {name!r}; a name is not empty and has no null and no surrogate")


def _plain(name: str, x: Any, dtypes: Collection[str], form: str) -> Array:
    if not isinstance(x, (np.ndarray, np.generic)):
        raise TypeError(f"save takes NumPy arrays; {name!r} is {_kind(x)}, which fw.to_numpy makes one")
    if x.dtype.name not in dtypes or x.dtype.hasobject:
        raise ValueError(f"{form} does not hold {x.dtype} ({name!r}); it holds {listed(list(dtypes))}")
    native: Array = np.asarray(x, dtype=x.dtype.newbyteorder("="), order="C")
    return native


def _kind(x: Any) -> str:
    return f"{type(x).__module__.partition('.')[0]}.{type(x).__qualname__}"
