"""The tape's gradients: of every model by complex step, of the plumbing too."""

import numpy as np
import pytest
from pytest_dualfw.reference.layers import linear
from pytest_dualfw.reference.models import Tape
from pytest_dualfw.reference.models.plumbing import scaled
from pytest_dualfw.suites.models.rows import MODELS

H = 1e-30
ENTRIES = 5


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_gradients_of_every_parameter_by_complex_step(model):
    rng = np.random.default_rng(1)
    params = model.params(rng)
    inputs, target = model.draw(rng, model.batch)
    exact = model.reference(params, inputs, target).gradients
    for name, gradient in exact.items():
        u = rng.choice([-1.0, 1.0], size=gradient.shape) * rng.uniform(0.5, 1.5, size=gradient.shape)
        moved = {**params, name: params[name] + 1j * H * u}
        slope = np.imag(model.forward(moved, inputs, target)) / H
        assert slope == pytest.approx(np.sum(gradient * u), rel=1e-11, abs=1e-13), name


def test_only_the_ops_that_are_named_read_what_is_disturbed():
    """Of absolute values an affine map makes the sum of absolute products, and so does its vjp."""
    t = Tape(disturb=np.abs, disturbed=("linear",))
    x, w, b = np.array([[-1.0, 2.0]]), np.array([[3.0, -4.0]]), np.array([-5.0])
    loss = t("loss", scaled, t("fc", linear, x, w, b), by=-2.0)
    t.backward(loss)
    assert (t.activations["fc"].tolist(), loss.tolist()) == ([[16.0]], [[-32.0]])
    assert [t.gradient(p).tolist() for p in (x, w, b)] == [[[6.0, 8.0]], [[2.0, 4.0]], [2.0]]
