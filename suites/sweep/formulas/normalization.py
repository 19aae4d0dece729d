"""Entries standardized along axes, scaled by root mean squares, or over neighbouring channels."""

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts, each
from .arrays import padded, root


def standardized(x: Exacts, axes: tuple[int, ...], epsilon: float = 1e-5) -> Exacts:
    """Less the mean, over the root of the variance plus epsilon."""
    n = int(np.prod([x.shape[a] for a in axes]))
    centred = x - x.sum(axes, keepdims=True) / n
    variance = (centred * centred).sum(axes, keepdims=True) / n
    return centred / root(variance + mp.mpf(epsilon))


def layer_norm(epsilon: float) -> Exact:
    """Ba, Kiros and Hinton 2016, arXiv:1607.06450."""
    return lambda x, y, z: standardized(x, (-1,), epsilon) * y + z


def group_norm(x: Exacts) -> Exacts:
    """Of two groups of channels: Wu and He 2018, arXiv:1803.08494."""
    return standardized(x.reshape(1, 2, 6), (2,)).reshape(x.shape)


def rms_norm(epsilon: float) -> Exact:
    """Zhang and Sennrich 2019, arXiv:1910.07467."""
    return lambda x, y: x / root((x * x).sum(-1, keepdims=True) / x.shape[-1] + mp.mpf(epsilon)) * y


def local_response_norm(x: Exacts) -> Exacts:
    """x / (1 + (0.5 / 3) s)^0.75, s the squares of three channels: Krizhevsky, Sutskever and Hinton 2012."""
    squares = padded(x * x, [(1, 1), (0, 0)])
    total = squares[:, :-2] + squares[:, 1:-1] + squares[:, 2:]
    return x / each(lambda t: mp.sqrt(mp.sqrt(t)) ** 3)(1 + total / 6)
