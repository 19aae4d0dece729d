"""Moving, joining and cutting of entries: by index, or by another function of NumPy than the truth's."""

import numpy as np
from scipy import linalg

from .form import table


def columns_first(x, *shape):
    """The numbers of x, column by column, into the columns of another shape."""
    numbers = iter(x.T.flat)
    out = np.empty(shape)
    for j, i in np.ndindex(shape[::-1]):
        out[i, j] = next(numbers)
    return out


def refilled(*shape):
    """The numbers of x in their order."""
    return lambda x: np.fromiter(x.flat, float).reshape(shape)


def moved(pattern):
    return lambda x: np.einsum(pattern, x)


def where(keep):
    """Zeros, but where ``keep(i, j)``."""
    return lambda x: np.array([[v if keep(i, j) else 0 for j, v in enumerate(row)] for i, row in enumerate(x)])


def turned(x):
    """By a quarter, against the clock."""
    return x.T[::-1]


def twice(x, axis):
    return np.concatenate([x, x], axis)


def vander(n, *, increasing):
    return lambda x: np.vander(x, n, increasing=increasing)


MOVED = {
    "reshape": refilled(4, 3),
    "reshape: -1": refilled(2, 6),
    "reshape: by columns": lambda x: columns_first(x, 2, 6),
    "ravel": refilled(12),
    "ravel: a transpose": lambda x: np.concatenate([*x.T]),
    "flatten: two axes": refilled(2, 6),
    "unflatten": lambda x: np.stack([x[:, :2], x[:, 2:]], 1),
    "transpose": moved("ij->ji"),
    "permute": moved("ijk->kij"),
    "moveaxis": moved("ijk->jki"),
    "moveaxis: two": moved("ijk->jki"),
    "swapaxes": moved("ijk->kji"),
    "matrix transpose": moved("ijk->ikj"),
    "flip": np.flipud,
    "flip: both axes": lambda x: turned(turned(x)),
    "fliplr": lambda x: x[:, [3, 2, 1, 0]],
    "flipud": lambda x: x[[2, 1, 0]],
    "rot90: 1": turned,
    "rot90: 2": lambda x: turned(turned(x)),
    "rot90: -1": lambda x: turned(turned(turned(x))),
    "roll": lambda x: np.hstack([x[:, -1:], x[:, :-1]]),
    "roll: of all": lambda x: x.flat[(np.arange(12) - 14) % 12].reshape(3, 4),
    "roll: both axes": lambda x: x[[1, 2, 0]][:, [2, 3, 0, 1]],
}
REPEATED = {
    "tile": lambda x: np.block([[x, x], [x, x]]),
    "tile: last axis": lambda x: np.hstack([x, x]),
    "repeat: a new axis": lambda x: np.stack([np.hstack([x, x])] * 2),
    "tile: no times": lambda x: np.zeros((0, 8)),
    "repeat_interleave": lambda x: x[:, [0, 0, 1, 1, 2, 2, 3, 3]],
    "repeat_interleave: of all": lambda x: [v for v in x.flat for _ in range(2)],
    "repeat_interleave: counts": lambda x: np.repeat(x, [1, 0, 3], 0),
    "expand": lambda x: np.broadcast_to(x, (2, 3, 4)),
    "broadcast_to": lambda x: twice(x, 1),
    "broadcast_tensors": lambda x, y: np.hstack([x] * 4),
    "meshgrid: ij": lambda x, y: np.outer(x, np.ones(4)),
    "meshgrid: xy": lambda x, y: np.outer(y, np.ones(3)),
    "meshgrid default": lambda x, y: np.outer(x, np.ones(4)),
    "cartesian_prod": lambda x, y: [[a, b] for a in x for b in y],
    "combinations": lambda x: x[np.transpose(np.triu_indices(4, 1))],
}
JOINED = {
    "stack: axis 0": lambda x, y: np.array([x, y]),
    "stack: axis 1": lambda x, y: np.concatenate([x[:, None], y[:, None]], 1),
    "stack: axis -1": lambda x, y: [[*zip(a, b, strict=True)] for a, b in zip(x, y, strict=True)],
    "cat: axis 0": lambda x, y: np.array([*x, *y]),
    "cat: axis 1": lambda x, y: [[*a, *b] for a, b in zip(x, y, strict=True)],
    "cat: with none": lambda x, y: y,
    "hstack": lambda x, y: [[*a, *b] for a, b in zip(x, y, strict=True)],
    "vstack": lambda x, y: np.array([*x, *y]),
    "dstack": lambda x, y: np.moveaxis(np.array([x, y]), 0, 2),
    "hstack: vectors": lambda x, y: [*x, *y],
    "column_stack: vectors": lambda x, y: np.array([x, y]).T,
    "block_diag": linalg.block_diag,
    "outer": lambda x, y: [[a * b for b in y] for a in x],
    "kron": lambda x, y: np.block([[v * y for v in row] for row in x]),
    "vander": vander(4, increasing=False),
    "vander, slopes": vander(4, increasing=False),
    "vander: increasing": vander(3, increasing=True),
    "vander: increasing, slopes": vander(3, increasing=True),
}
CUT = {
    "split": lambda x: np.delete(x, 0, 1),
    "split: equal": lambda x: np.hsplit(x, 2)[1],
    "split: unequal": lambda x: np.array_split(x, 3, 1)[0],
    "hsplit": lambda x: np.delete(x, [2, 3], 1),
    "vsplit": lambda x: np.zeros((0, 4)),
    "unbind": lambda x: [row[2] for row in x],
    "squeeze": np.ravel,
    "squeeze: axis 0": lambda x: np.ravel(x)[:, None],
    "unsqueeze": lambda x: np.expand_dims(x, 1),
    "atleast_2d": lambda x: x.reshape(1, 4),
    "atleast_3d": lambda x: x.reshape(1, 4, 1),
    "slice": lambda x: x[np.ix_([1, 2], [1, 2])],
    "slice: beyond the end": lambda x: x[np.ix_([1, 2], [0, 1])],
    "slice: steps": lambda x: x[np.ix_([0, 2], [1, 3])],
    "slice: negative steps": lambda x: x[:, [3, 1]],
    "slice: new axes": lambda x: np.expand_dims(np.delete(x, 0, 1), 1),
    "narrow": lambda x: x[:, [1, 2]],
    "select": lambda x: [row[3] for row in x],
    "as_strided": lambda x: np.take(x, np.add.outer([1, 4, 7], [0, 2, 4])),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, 1),
    "windows: steps": lambda x: np.lib.stride_tricks.sliding_window_view(x, 3)[::2],
    "delete": lambda x: x[[0, 2]],
    "insert": lambda x, y: np.insert(x, 2, y, 1),
}
DIAGONALS = {
    "diagonal": lambda x: [x[i, i] for i in range(3)],
    "diagonal: above": lambda x: [x[i, i + 1] for i in range(3)],
    "diagonal: of a cube": lambda x: x[:, [1, 2], [0, 1]],
    "diag: of a matrix": lambda x: [x[1, 0], x[2, 1]],
    "diag: of a vector": lambda x: np.eye(4) * x,
    "diag: below": lambda x: np.diag(x, -2),
    "diagflat": lambda x: np.diagflat(x, 1),
    "diag_embed": lambda x: np.eye(3) * x[:, None],
    **{f"tril: {k}": where(lambda i, j, k=k: j - i <= k) for k in (0, 1, -1)},
    **{f"triu: {k}": where(lambda i, j, k=k: j - i >= k) for k in (0, 1, -1)},
    "tril: of a cube": np.tril,
    "fill_diagonal": lambda x: [[0.5 if i == j else v for j, v in enumerate(row)] for i, row in enumerate(x)],
}
CHOSEN = {
    "where: the larger": np.vectorize(max),
    "where: a constant mask": lambda x, y: np.stack([x[0].repeat(4), y, x[2].repeat(4)]),
    "where: a number": lambda x: np.clip(x, 0, None),
    "nan_to_num: given numbers": np.nan_to_num,
    "select by conditions": lambda x: np.select([x > 1, x > -1], [x, 0.5 * x + 0.5], 0),
}
FORMS = table({**MOVED, **REPEATED, **JOINED, **CUT, **DIAGONALS, **CHOSEN})
