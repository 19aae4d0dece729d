"""Sums, products, extrema, deviations, norms, exponentials and scans, by Python's exact sums and SciPy."""

import math
import operator
import statistics
from itertools import accumulate

import numpy as np
from scipy import integrate, special
from scipy.spatial import distance

from .form import columns, positive, rows, table, with_zeros


def hypotenuse(row):
    return math.hypot(*row)


def standardized(row):
    mean, variance = statistics.fmean(row), statistics.pvariance(row)
    return [(v - mean) / math.sqrt(variance + 1e-5) for v in row]


SUMS = {
    "sum": rows(math.fsum),
    "sum: of all": lambda x: math.fsum(x.flat),
    "sum: axis 0": columns(math.fsum),
    "sum: both axes": lambda x: math.fsum(x.flat),
    "sum: keepdims": lambda x: rows(math.fsum)(x)[:, None],
    "sum: of the positive ones": rows(lambda row: math.fsum(v for v in row if v > 0)),
    "nansum": lambda x: np.nansum(x, 1),
    "mean": rows(statistics.fmean),
    "mean: of all": lambda x: statistics.fmean(x.flat),
    "mean: keepdims": lambda x: np.mean(x, 0, keepdims=True),
    "nanmean": lambda x: np.nanmean(x, 1),
    "prod": rows(math.prod),
    "prod: of all": lambda x: math.prod(x.flat),
    "prod: keepdims": lambda x: columns(math.prod)(x)[None],
    "nanprod": lambda x: np.nanprod(x, 1),
}
AVERAGES = {
    "average": lambda x, y: np.average(x, 1, y),
    "average: weights of the columns": lambda x, y: np.average(x, axis=1, weights=y),
    "logsumexp: of weighted terms": lambda x, y: special.logsumexp(x, 1, b=y),
}
EXTREMA = {
    "max": rows(max),
    "max: of all": lambda x: max(x.flat),
    "max: values": rows(max),
    "max: both axes": lambda x: max(x.flat),
    "min": rows(min),
    "min: of all": lambda x: min(x.flat),
    "min: keepdims": lambda x: columns(min)(x)[None],
    "nanmax": lambda x: np.nanmax(x, 1),
    "nanmin": lambda x: np.nanmin(x, 1),
    "ptp": rows(lambda row: max(row) - min(row)),
    "aminmax": rows(max),
}
COUNTS = {
    "all": rows(all),
    "any": rows(any),
    "count_nonzero": rows(lambda row: sum(map(bool, row))),
    "norm: order 0": lambda x: np.linalg.norm(x, 0, axis=1),
}
DEVIATIONS = {
    "var: correction 1": rows(statistics.variance),
    "var: correction 0": rows(statistics.pvariance),
    "var: of all": lambda x: statistics.pvariance(x.ravel().tolist()),
    "var default": rows(statistics.variance),
    "std: correction 1": rows(statistics.stdev),
    "std: correction 0": rows(statistics.pstdev),
    "std default": rows(statistics.stdev),
    "std_mean: std": lambda x: rows(statistics.stdev)(x)[:, None],
    "standardize": rows(standardized),
    "cov": np.cov,
    "cov: correction 0": lambda x: np.cov(x, ddof=0),
    "cov: weights": lambda x: np.cov(x, aweights=[1, 2, 3, 4]),
    "corrcoef": np.corrcoef,
}
NORMS = {
    "norm": rows(hypotenuse),
    "norm: of all": lambda x: math.hypot(*x.flat),
    "norm: fro": lambda x: np.linalg.norm(x, "fro"),
    "norm: keepdims": lambda x: columns(hypotenuse)(x)[None],
    **{f"norm: order {p}": lambda x, p=p: np.linalg.norm(x, p, axis=1) for p in (0.5, 1, 3, math.inf, -math.inf)},
    "normalize": lambda x: np.array([row / math.hypot(*row) for row in x]),
    "cosine_similarity": lambda x, y: [1 - distance.cosine(a, b) for a, b in zip(x, y, strict=True)],
    "pairwise_distance": lambda x, y: [math.dist(a + 1e-6, b) for a, b in zip(x, y, strict=True)],
    "pairwise_distance: p 1": lambda x, y: [distance.cityblock(a + 1e-6, b) for a, b in zip(x, y, strict=True)],
    "dist": lambda x, y: math.dist(x.ravel(), y.ravel()),
    "cdist: p 1": lambda x, y: distance.cdist(x, y, "cityblock"),
    "cdist: p 2": distance.cdist,
    "cdist: by a product of matrices": distance.cdist,
    "pdist": distance.pdist,
}
EXPONENTIALS = {
    "logsumexp": lambda x: special.logsumexp(x, 1),
    "logsumexp: of all": special.logsumexp,
    "softmax": lambda x: special.softmax(x, 1),
    "softmax: axis 0": lambda x: special.softmax(x, 0),
    "softmin": lambda x: special.softmax(-x, 1),
    "log_softmax": lambda x: special.log_softmax(x, 1),
    "log_softmax: axis 0": lambda x: special.log_softmax(x, 0),
}
SCANS = {
    "cumsum": rows(lambda row: [*accumulate(row)]),
    "cumsum: axis 0": lambda x: columns(lambda row: [*accumulate(row)])(x).T,
    "cumsum: from the end": rows(lambda row: [*accumulate(row[::-1])][::-1]),
    "cumprod": rows(lambda row: [*accumulate(row, operator.mul)]),
    "cumprod: of all": lambda x: [*accumulate(x.flat, operator.mul)],
    "cummax": rows(lambda row: [*accumulate(row, max)]),
    "cummin": rows(lambda row: [*accumulate(row, min)]),
    "logcumsumexp": lambda x: np.logaddexp.accumulate(x, 1),
    "trapezoid": lambda x: integrate.trapezoid(x, dx=0.5, axis=1),
    "trapezoid: at points": lambda x, y: integrate.trapezoid(x, y, axis=1),
    "cumulative_trapezoid": lambda x: integrate.cumulative_trapezoid(x, axis=1),
    "diff": lambda x: np.diff(x, axis=1),
    "diff: twice": lambda x: np.diff(x, 2, axis=0),
    "diff: prepended": lambda x, y: np.diff(x, axis=1, prepend=y),
}
FORMS = {
    **table({**SUMS, **EXTREMA, **DEVIATIONS, **NORMS, **EXPONENTIALS, **SCANS}),
    **table(AVERAGES, positive),
    **table(COUNTS, with_zeros),
}
