"""What more than one row draws, distributed as a network in training would meet it."""

from typing import Any

import numpy as np

Rng = np.random.Generator


def normal(rng: Rng, *shape: int) -> Any:
    """Activations after a normalisation: mean 0, variance 1."""
    return rng.standard_normal(shape)


def weights(rng: Rng, *shape: int) -> Any:
    """He's law: what a layer of ``shape`` (filters first) makes of activations keeps their size.

    Source: K. He et al., Delving Deep into Rectifiers (2015), eq. 10, without the factor that ReLU asks for.
    """
    return rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))


def tokens(rng: Rng, vocabulary: int, *shape: int) -> Any:
    """Indices by Zipf's law, as words come: the first is met again and again, most are rare.

    The law 1/(rank) over the vocabulary is drawn by inverting its continuous distribution function.
    """
    rank = np.exp(rng.uniform(0, np.log(vocabulary), shape)).astype(np.int64) - 1
    return np.clip(rank, 0, vocabulary - 1)
