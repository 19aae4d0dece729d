"""The suites' models are ports of each other: none is flagged, and nothing has to be said of their parameters."""

import numpy as np
import pytest
import torch
from pytest_dualfw.suites.models.rows import MODELS

from pytest_dualfw import compare_port

# One of each kind whose program JAX compiles in a second or two.
ROWS = ("linear_regression", "recommender", "text", "cnn-digits", "residual_block")


@pytest.mark.parametrize("model", [m for m in MODELS if str(m) in ROWS], ids=str)
def test_a_model_of_the_suites_passes(model):
    rng = np.random.default_rng(5)
    module = model.torch_module().double()
    module.load_state_dict({name: torch.tensor(p) for name, p in model.params(rng).items()}, strict=False)
    inputs, _ = model.draw(rng, model.batch)
    report = compare_port(module, lambda p, *x: model.spelled("jax")(p, *x, **model.options), None, inputs)
    assert report.verdict == "pass"
    assert report.notes == []
