"""Sorting, order statistics, searches and counts, by Python's lists."""

import heapq
import statistics
from bisect import bisect_left, bisect_right
from collections import Counter

import numpy as np
from scipy import stats

from .form import integers, repeated, rows, table, with_zeros

EDGES = [-1.0, -0.5, 0.0, 0.0, 1.0]


def order(row):
    return sorted(range(len(row)), key=row.__getitem__)


def at_edges(rng, shapes):
    """Half of them the edges themselves."""
    return [np.where(rng.random(shape) < 0.5, rng.choice(EDGES, shape), rng.uniform(-2, 2, shape)) for shape in shapes]


def three_not_zero(rng, shapes):
    return [rng.permutation([0.0, 1.5, 0.0, -2.0, 0.0, 0.5]).reshape(shape) for shape in shapes]


def same_first_and_last(rng, shapes):
    low, high = np.sort(rng.uniform(-2, 2, (2, 2)), 0)
    return [np.array([high, low, high])]


def place(best):
    return lambda values: [*values].index(best(values))


STATISTICS = {
    "median: the lower": rows(statistics.median_low),
    "median: the mean of two": rows(statistics.median),
    "median: of all, an odd count": lambda x: statistics.median(x.flat),
    "median default": rows(statistics.median_low),
    "nanmedian: an odd count": lambda x: np.nanmedian(x, 1),
    **{
        f"quantile: {method}": lambda x, method=method: np.quantile(x, 0.375, axis=1, method=method)
        for method in ("linear", "lower", "higher", "nearest")
    },
    "quantile: midpoint": rows(lambda row: sum(sorted(row)[1:3]) / 2),
    "quantile: several": lambda x: np.quantile(x, [0, 0.25, 1], axis=1),
    "quantile: of all": lambda x: np.percentile(x, 75),
    "nanquantile": lambda x: np.nanquantile(x, 0.625, axis=1, keepdims=True),
}
SORTS = {
    "sort": rows(sorted),
    "sort: values at ties": rows(sorted),
    "sort: descending": rows(lambda row: sorted(row, reverse=True)),
    "sort: of all": lambda x: sorted(x.flat),
    "msort": lambda x: rows(sorted)(x.T).T,
    "sort, then flip": rows(lambda row: sorted(row, reverse=True)),
    "sort: by keys": lambda x, y: [b for _, b in sorted(zip(x, y, strict=True))],
    "sort: of several arrays": lambda x, y: [a * b for a, b in sorted(zip(x, y, strict=True))],
    "argsort": rows(order),
    "argsort: descending": rows(lambda row: order(row)[::-1]),
    "argsort, then gather": rows(sorted),
    "argsort: ranks": lambda x: stats.rankdata(x, axis=1) - 1,
    "partition: its turning point": lambda x: np.partition(x, 2, axis=1)[:, 2],
    "kthvalue": rows(lambda row: heapq.nsmallest(2, row)[-1]),
}
LARGEST = {
    "topk": rows(lambda row: heapq.nlargest(2, row)),
    "topk: all of them": rows(lambda row: heapq.nlargest(4, row)),
    "topk: values at ties": rows(lambda row: heapq.nlargest(3, row)),
    "topk: smallest": rows(lambda row: heapq.nsmallest(2, row)),
    "topk: indices": rows(lambda row: heapq.nlargest(2, range(4), key=row.__getitem__)),
    **{
        name: f
        for what, best in (("max", max), ("min", min))
        for name, f in (
            (f"arg{what}", rows(place(best))),
            (f"arg{what}: of all", lambda x, best=best: place(best)(x.ravel().tolist())),
            (f"arg{what}: keepdims", lambda x, best=best: rows(place(best))(x.T)[None]),
        )
    },
    "max: indices": rows(place(max)),
    "nanargmax": lambda x: np.nanargmax(x, 1),
}
SEARCHES = {
    **{
        f"searchsorted: {how}": lambda x, find=find: [find(EDGES, v) for v in x]
        for how, find in (
            ("left", bisect_left),
            ("right", bisect_right),
            *((method, bisect_left) for method in ("scan_unrolled", "sort", "compare_all")),
        )
    },
    "bucketize: right": lambda x: np.digitize(x, EDGES),
    "bucketize: left": lambda x: np.digitize(x, EDGES, right=True),
    "isin": lambda x: np.isin(x, EDGES),
    "histogram": lambda x: np.histogram(x, 4, (-2, 2))[0],
    "histogram: weights": lambda x, y: np.histogram(x, 4, (-2, 2), weights=y)[0],
    "histogram: density": lambda x: np.histogram(x, 4, (-2, 2), density=True)[0],
    "histogram: edges": lambda x: np.histogram(x, [-2, -1, 0, 1, 2])[0],
}
UNIQUE = {
    "unique": np.unique,
    "unique: counts": lambda x: np.unique(x, return_counts=True)[1],
    "unique: inverse": lambda x: np.unique(x, return_inverse=True)[1],
    "unique: padded": lambda x: [*np.unique(x), 7, 7, 7],
    "mode": lambda x: Counter(x.tolist()).most_common(1)[0][0],
}
FORMS = {
    **table({**STATISTICS, **SORTS, **LARGEST}),
    **table(SEARCHES, at_edges),
    **table(UNIQUE, repeated),
    **table(
        {
            "searchsorted: with a sorter": lambda x, y: np.searchsorted(np.sort(x), y),
            "bincount: weights": lambda x: np.bincount([0, 2, 2, 1, 0, 2, 4, 4], x),
        }
    ),
    **table({"bincount": lambda x: np.bincount(x.astype(int), minlength=5)}, integers),
    **table({"rankdata": stats.rankdata}, with_zeros),
    **table({"nonzero": np.argwhere, "flatnonzero": np.flatnonzero}, three_not_zero),
    **table({"unique: rows": lambda x: np.unique(x, axis=0)}, same_first_and_last),
}
