"""Variances, covariances and correlations of rows."""

from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exacts
from .arrays import divided, root


def variance(x: Exacts, correction: int) -> Any:
    """Of every row, over its count less the correction."""
    centred = x - (x.sum(1) / x.shape[1])[:, None]
    return (centred * centred).sum(1) / (mp.mpf(x.shape[1]) - correction)


def covariance(x: Exacts, correction: int, w: Exacts) -> Any:
    """Of the rows, each column counting as ``w`` says: reliability weights, which numpy.cov names aweights."""
    centred = x - ((w * x).sum(1) / w.sum())[:, None]
    return (w * centred) @ centred.T / (w.sum() - correction * (w * w).sum() / w.sum())


def equal_weights(x: Exacts) -> Exacts:
    return np.array([mp.mpf(1)] * x.shape[1], dtype=object)


def correlation(x: Exacts) -> Any:
    """Covariances over the roots of the products of both variances."""
    c = covariance(x, 1, equal_weights(x))
    return divided(c, root(np.outer(c.diagonal(), c.diagonal())))
