"""The one type that the references speak of: a NumPy array of float64, or complex128 under a complex step."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.inexact[Any]]
Indices: TypeAlias = NDArray[np.integer[Any]]
