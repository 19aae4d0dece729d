"""Converted weights held against torch's: which was converted wrongly, and how."""

from collections.abc import Iterator, Mapping

import numpy as np

from ..exchange import Row
from ..layouts import candidates
from .model import Array
from .prepare import Prepared

# Weights are converted in single precision at least; a wrong layout is off by as much as the weights are.
RELATIVE = 1e-5


def wrong_weights(made: Prepared) -> Iterator[tuple[str, str]]:
    """Path and what is wrong with it, of each weight that is not torch's under the map."""
    if made.asked.jax_params is None:
        return
    shapes, held = made.tree.shapes, made.tree.values
    wanted = made.map.there(made.values, shapes)
    for path, x in held.items():
        if not _close(x, wanted[path]):
            rows = [row for row in made.map.rows if row.there == path]
            yield path, next(_words(rows, x, wanted[path], made.values), "holds other numbers")


def _close(x: Array, y: Array) -> bool:
    scale = float(np.max(np.abs(y), initial=0.0))
    return x.shape == y.shape and bool(np.all(np.abs(x - y) <= RELATIVE * scale))


def _words(rows: list[Row], x: Array, wanted: Array, values: Mapping[str, Array]) -> Iterator[str]:
    first = rows[0]
    block = first.block(values[first.here])
    if len(rows) > 1:
        yield from (
            f"holds {r.here!r} alone, where {' and '.join(repr(o.here) for o in rows)} are summed"
            for r in rows
            if _close(x, r.layout.there(r.block(values[r.here]), x.shape))
        )
    for layout in candidates(block.shape, x.shape):
        if _close(x, layout.there(block, x.shape)):
            yield f"holds {first.here!r} in the layout {layout.name!r}; the function takes {first.layout.name!r}"
    for name, other in values.items():
        for layout in candidates(other.shape, x.shape)[:4]:
            if name != first.here and np.ptp(other) and _close(x, layout.there(other, x.shape)):
                yield f"holds torch's {name!r} instead of {first.here!r}"
    yield from _flips(x, wanted, first.here)
    error = float(np.max(np.abs(x - wanted)))
    share = int(np.sum(np.abs(x - wanted) > RELATIVE * np.max(np.abs(wanted))))
    yield f"is not {first.here!r}: {share} of {x.size} entries differ, by up to {error:.3g}"


def _flips(x: Array, wanted: Array, name: str) -> Iterator[str]:
    if wanted.ndim > 2 and _close(x, np.flip(wanted, tuple(range(wanted.ndim - 2)))):
        yield f"holds {name!r} with the kernel flipped"
    scale = float(np.vdot(x, wanted) / np.vdot(wanted, wanted)) if np.any(wanted) else 0.0
    if scale and _close(x, wanted * scale):
        yield f"holds {name!r} times {scale:.6g}"
