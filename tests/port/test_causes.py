"""Causes that no planted model has, each in a module of an affine map and one function."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

from pytest_dualfw import PortMismatch, compare_port

MAP = {"fc.weight": "w", "fc.bias": "b"}


class Then(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.fc, self.function = nn.Linear(3, 8), function

    def forward(self, x):
        return self.function(self.fc(x))


def chunked(x):
    """Halves turned by one radian, parted by chunk."""
    one, other = x.chunk(2, -1)
    return x * np.cos(1.0) + torch.cat([-other, one], -1) * np.sin(1.0)


def neighbours(y):
    turned = jnp.stack([-y[..., 1::2], y[..., ::2]], -1).reshape(y.shape)
    return y * np.cos(1.0) + turned * np.sin(1.0)


CASES = {
    "all again": (lambda x: x.repeat(1, 2), lambda y: jnp.repeat(y, 2, 1), "a a b b instead of a b a b"),
    "one by one": (
        lambda x: x.repeat_interleave(2, 1),
        lambda y: jnp.tile(y, (1, 2)),
        "a b a b instead of a a b b",
    ),
    "maximum over two axes": (
        lambda x: x.view(-1, 2, 2, 2).mean((2, 3)),
        lambda y: y.reshape(-1, 2, 2, 2).max((2, 3)),
        "the maximum instead of the mean",
    ),
    "axes that are kept": (
        lambda x: x.view(-1, 2, 4).mean(2, keepdim=True),
        lambda y: y.reshape(-1, 2, 4).max(2, keepdims=True),
        "the maximum instead of the mean",
    ),
    "chunks": (chunked, neighbours, "neighbours turned together instead of halves"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_cause_is_named(case):
    function, port, cause = CASES[case]
    torch.manual_seed(0)
    x = np.random.default_rng(0).normal(size=(4, 3))
    with pytest.raises(PortMismatch) as caught:
        compare_port(Then(function), lambda p, x: port(x @ p["w"].T + p["b"]), MAP, (x,), steps=0, seed=1)
    assert cause in caught.value.report.cause
    assert caught.value.report.causes[0].whole
