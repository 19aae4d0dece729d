"""Right ports are not flagged: layers of flax and equinox, optimisers of optax, in float64 and in float32."""

import flax.linen as fnn
import numpy as np
import pytest
import torch
from torch import nn

from pytest_dualfw import compare_port

from .pairs import OPTIMISERS, PAIRS, flax


@pytest.fixture(params=[0, 1])
def seed(request):
    return request.param


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_right_port_passes(pair, seed):
    torch.manual_seed(seed)
    inputs = pair.inputs(np.random.default_rng(seed))
    fn, template = pair.jax(inputs)
    report = compare_port(pair.torch(), fn, pair.params_map, inputs, template=template, seed=seed)
    assert report.verdict == "pass"
    # flax's own recurrent cells begin with a state in float32, whatever their input is
    single = "the JAX function does not run in float64; it was judged in float32, by float32's rounding"
    assert report.notes == ([single] if pair.single_only else [])
    assert pair.single_only or any(c.what.startswith("float32 output") for c in report.checks)


@pytest.mark.parametrize("pair", OPTIMISERS, ids=str)
def test_a_right_optimiser_passes(pair, seed):
    torch.manual_seed(seed)
    inputs = (np.random.default_rng(seed).normal(size=(4, 5)),)
    fn, template = flax(fnn.Dense(3))(inputs)
    report = compare_port(nn.Linear(5, 3), fn, None, inputs, template=template, seed=seed, **pair.options)
    assert report.verdict == "pass"
    assert sum(c.what.startswith("step") for c in report.checks) == 2 * pair.options["steps"]
