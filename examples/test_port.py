"""Someone who ports a model: the torch module, the JAX function, and one call that says whether it is the same model.

pytest examples/test_port.py --fw=torch,jax
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

from pytest_dualfw import PortMismatch

TREE = {
    "proj": {"kernel": np.zeros((4, 8)), "bias": np.zeros(8)},
    "norm": {"scale": np.zeros(8), "bias": np.zeros(8)},
    "head": {"kernel": np.zeros((8, 3)), "bias": np.zeros(3)},
}


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(4, 8)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(nn.functional.gelu(self.norm(self.proj(x))))


def classifier(p, x, eps=1e-5):
    h = x @ p["proj"]["kernel"] + p["proj"]["bias"]
    h = (h - h.mean(-1, keepdims=True)) / jnp.sqrt(h.var(-1, keepdims=True) + eps)
    h = jax.nn.gelu(h * p["norm"]["scale"] + p["norm"]["bias"], approximate=False)
    return h @ p["head"]["kernel"] + p["head"]["bias"]


def test_the_port(compare_port, rng):
    """No map: weights are paired by shapes and names, and transposed where they lie so."""
    report = compare_port(Classifier(), classifier, None, (rng.normal(size=(5, 4)),), template=TREE)
    assert report.verdict == "pass"
    assert "'proj.weight': ('proj/kernel', 'transposed')" in report.params_map


def test_a_port_with_flax_epsilon(compare_port, rng):
    """flax's default: the message names the layer and the epsilon."""
    x = rng.normal(size=(5, 4))
    with pytest.raises(PortMismatch, match="epsilon 1e-06 instead of 1e-05"):
        compare_port(Classifier(), lambda p, x: classifier(p, x, eps=1e-6), None, (x,), template=TREE)


def test_what_trains_it(compare_port, rng):
    """torch's optimiser beside one of the shape of optax's: here written out."""

    def update(gradients, state, params):
        state = {n: 0.9 * state[n] + g for n, g in gradients.items()}
        return {n: -0.1 * m for n, m in state.items()}, state

    class Momentum:
        init = staticmethod(lambda params: {n: jnp.zeros_like(p) for n, p in params.items()})

    Momentum.update = staticmethod(update)
    optimisers = {"torch": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9), "jax": Momentum}
    compare_port(Classifier(), classifier, None, (rng.normal(size=(5, 4)),), template=TREE, optimisers=optimisers)
