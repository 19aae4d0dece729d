"""Other inputs of the same shapes on which a bug shows that the given input hides. A variant is a row."""

from collections.abc import Callable

import numpy as np

from ..frameworks.base import is_floating
from .problem import Arrays


def _on_floats(change: Callable[..., object]) -> Callable[[Arrays], Arrays]:
    return lambda leaves: [np.asarray(change(x)).astype(x.dtype) if is_floating(x.dtype) else x for x in leaves]


# name -> change of the leaves
VARIANTS: dict[str, Callable[[Arrays], Arrays]] = {
    "negated": _on_floats(lambda x: -x),
    "scaled": _on_floats(lambda x: 100 * x),
    "first of batch": lambda leaves: [x[:1] if x.ndim else x for x in leaves],
}
