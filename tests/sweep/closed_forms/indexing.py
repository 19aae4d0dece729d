"""Gathering and scattering by loops and one-hot matrices."""

import operator
import statistics
from itertools import groupby

import numpy as np

from .form import table

ROWS = [0, 2, 2]
INTO = [0, 2, 2, 0, 1]


def rows_of(*places):
    """By a product with a one-hot matrix."""
    return lambda x: np.eye(len(x))[list(places)] @ x


def columns_of(*places):
    return lambda x: x @ np.eye(x.shape[1])[:, list(places)]


def entries(*places):
    return lambda x: [x[place] for place in places]


def flat(*places):
    return lambda x: [x[divmod(k, x.shape[1])] for k in places]


def written(pairs, combine=lambda old, new: new):
    """Into a copy, one entry or row after the other: ``pairs(y)`` yields places and what goes there."""

    def at(x, *ys):
        out = x.copy()
        for place, v in pairs(*ys):
            out[place] = combine(out[place], v)
        return out

    return at


def listed(*places):
    """What y holds, one by one, goes to these places."""
    return lambda y: zip(places, y, strict=True)


def filled(number, *places):
    return lambda: [(place, number) for place in places]


def into(combine):
    return written(listed(*INTO), combine)


def segments(f, *names):
    """``f`` of the numbers of each name."""

    def at(x):
        pairs = [*zip(names, x, strict=True)]
        return [f([v for _, v in group]) for _, group in groupby(pairs, operator.itemgetter(0))]

    return at


def bag(f):
    return lambda x: np.array([[f([a, b]) for a, b in zip(x[3], x[k], strict=True)] for k in (0, 3)])


def product(values):
    return np.prod(values)


GATHERED = {
    "x[i]": rows_of(0, 2, 2),
    "x[i]: negative": rows_of(3, 0, 0),
    "x[i]: none": lambda x: np.zeros((0, 3)),
    "x[:, i]": columns_of(0, 2, 2),
    "x[i, j]": entries((0, 1), (2, 0), (2, 2)),
    "x[i, j]: broadcast": lambda x: rows_of(0, 2, 2)(columns_of(1, 1)(x)),
    "x[i, :, j]": lambda x: [[x[i, k, j] for k in range(3)] for i, j in ((1, 0), (0, 1), (1, 1))],
    "ix_": lambda x: rows_of(0, 2, 2)(columns_of(2, 0)(x)),
    "index_select": columns_of(0, 2, 2),
    "take": flat(0, 11, 5, 5),
    "take: negative": flat(11, 0),
    "take: clip": lambda x: np.take(x, [-5, 3, 40], mode="clip"),
    "take: wrap": lambda x: np.take(x, [-5, 3, 40], mode="wrap"),
    "take: fill": lambda x: [x[1, 0], 7],
    "gather": lambda x: [[x[0, 0], x[0, 0]], [x[1, 2], x[1, 1]], [x[2, 1], x[2, 1]], [x[3, 0], x[3, 2]]],
    "gather: axis 0": lambda x: [[x[0, 0], x[3, 1], x[1, 2]]],
    "take_along_dim: broadcast": columns_of(2, 0),
    "embedding": lambda x: np.array([[x[3], x[0]], [x[3], x[3]]]),
    "embedding_bag: sum": bag(sum),
    "embedding_bag: mean": bag(statistics.fmean),
    "embedding_bag: max": bag(max),
    "one_hot @": rows_of(0, 2, 2),
    "triu_indices": lambda x: x[np.triu_indices(4, 1, 3)],
    "tril_indices": lambda x: x[np.tril_indices(4, -2, 3)],
    "unravel_index": flat(0, 7, 11),
    "choose": lambda x, y: [x[0], y[1], y[2], x[3], y[4]],
    "dynamic_slice": rows_of(1, 2),
    "dynamic_slice: beyond the end": rows_of(2, 3),
    "dynamic_slice: negative": rows_of(1, 2),
    "dynamic_index_in_dim": lambda x: [row[2] for row in x],
}
MASKED = {
    "masked_select": entries(0, 2, 3),
    "masked rows": rows_of(0, 2, 3),
    "masked_fill": written(filled(0.5, 0, 2)),
    "masked_fill: by the sign": lambda x: [max(v, 0) for v in x],
    "masked_scatter": written(listed(0, 2, 3)),
}
SCATTERED = {
    "scatter": written(lambda y: [((0, 0), y[0, 0]), ((0, 2), y[0, 1]), ((1, 1), y[1, 0]), ((1, 0), y[1, 1])]),
    "scatter: a number": written(filled(0.5, (0, 0), (2, 1), (2, 2))),
    "put": written(listed((3, 2), (0, 0), (3, 1))),
    "index_copy": written(listed(3, 0, 1)),
    "index_fill": written(filled(-1.5, (slice(None), 0), (slice(None), 2))),
    "index_put": written(listed((0, 2), (3, 0), (1, 2))),
    "index_put: accumulate": written(listed((0, 2), (2, 0), (2, 0)), operator.add),
    "index_add": written(listed(*ROWS), operator.add),
    "index_add: alpha": written(listed(*ROWS), lambda old, new: old - 2 * new),
    "scatter_add": into(operator.add),
    "scatter_reduce: amax": into(max),
    "scatter_reduce: amin": into(min),
    "scatter_reduce: amax, values at ties": into(max),
    "scatter_reduce: prod": into(operator.mul),
    "scatter_reduce: prod, slopes": into(operator.mul),
    "scatter_reduce: prod, every index once": written(listed(3, 0, 1), operator.mul),
    "scatter_reduce: mean": lambda x, y: [(x[0] + y[0] + y[3]) / 3, (x[1] + y[4]) / 2, (x[2] + y[1] + y[2]) / 3, x[3]],
    "scatter_reduce: sum of the others": lambda x, y: [*np.bincount(INTO, y), x[3]],
    "index_reduce: amin": into(min),
    "at[].divide": written(listed(3, 0, 1), operator.truediv),
    "at[].apply": lambda x: [x[0] * x[0], x[1], x[2], x[3] * x[3]],
    "slice_scatter": written(listed(1, 2, 3)),
    "slice_scatter: steps": lambda x, y: np.stack([y[:, 0], x[:, 1], y[:, 1]], 1),
    "select_scatter": lambda x, y: np.vstack([x[:3], y]),
    "diagonal_scatter": lambda x, y: np.where(np.eye(3) > 0, y, x),
    "dynamic_update_slice": lambda x, y: np.vstack([x[:1], y]),
}
SEGMENTS = {
    "segment_sum": lambda x: np.bincount([0, 0, 2, 2, 2], x),
    "segment_max": segments(max, 0, 0, 1, 2, 2, 2),
    "segment_min": segments(min, 0, 0, 1, 2, 2, 2),
    "segment_prod": segments(product, 0, 0, 1, 2, 2, 2),
    "segment_prod: slopes": segments(product, 0, 0, 1, 2, 2, 2),
    "segment_mean": segments(statistics.fmean, 0, 0, 1, 2, 2, 2),
    "segment_sum: not in order": lambda x: np.array([[0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0]]) @ x,
}
OUT_OF_BOUNDS = {
    "x[i]: out of bounds": rows_of(0, 3),
    "at[].get: clip": rows_of(0, 3),
    "at[].add: out of bounds": lambda x, y: np.stack([x[0] + y[0], x[1] + y[2], x[2], x[3]]),
    "at[].set: clip": lambda x, y: np.stack([y[0], y[2], x[2], y[1]]),
    "one_hot: out of bounds": lambda x: np.eye(4)[[0, 1]] * [[1], [0]] @ x,
}
FORMS = table({**GATHERED, **MASKED, **SCATTERED, **SEGMENTS, **OUT_OF_BOUNDS})
