"""A fault in any layer of any model is found by name: a wrong value, and a right value with a wrong gradient."""

from dataclasses import replace

import numpy as np
import pytest
from pytest_dualfw.suites.models.judge import Run, first_apart
from pytest_dualfw.suites.models.rows import MODELS

from pytest_dualfw import taps

FAULT = 1e-3

pytestmark = [
    pytest.mark.fw_only(dtype="float64"),
    pytest.mark.fw_skip(fw="torch", mode="jit", reason="the judge is the same, and compiling costs minutes"),
    pytest.mark.fw_skip(fw="jax", mode="eager", reason="the judge is the same, and op by op JAX costs minutes"),
]


def layer(place):
    """One of several outputs of a layer is the layer's."""
    return place.partition("[")[0]


def wrong_value(fw, x, by):
    return x * (1 + by)


def wrong_gradient(fw, x, by):
    still = fw.select(torch=lambda: x.detach(), jax=lambda: _jax().lax.stop_gradient(x))()
    return x + by * (x - still)


def _jax():
    import jax

    return jax


class Planted:
    """A model whose places can be made wrong one at a time, by parameters that are added: compiled once."""

    def __init__(self, fw, spec, plant, monkeypatch):
        self.model, self.faults = spec.in_framework(fw), {}
        take = taps._Watch.take

        def wrong(watch, name, x):
            return take(watch, name, plant(fw, x, self.faults[name]) if name in self.faults else x)

        monkeypatch.setattr(taps._Watch, "take", wrong)

    def __call__(self, params, *inputs):
        self.faults = {n.removeprefix("fault:"): p for n, p in params.items() if n.startswith("fault:")}
        return self.model({n: p for n, p in params.items() if not n.startswith("fault:")}, *inputs)


@pytest.mark.parametrize("plant", [wrong_value, wrong_gradient])
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_a_fault_in_any_layer_is_found_by_name(model, plant, fw, rng, monkeypatch):
    right = Run.of(model, fw, rng)
    places = [place for place, x in right.found.activations.items() if x.dtype.kind == "f"]
    if plant is wrong_gradient:  # an output that the loss does not see has none that could be wrong
        places = [place for place, g in right.found.cotangents.items() if g.any()]
    planted = taps.Observer(fw, Planted(fw, model, plant, monkeypatch), model.loss_in_framework(fw, right.target))
    found = {}
    for place in places:
        faults = {f"fault:{name}": np.array(FAULT if name == place else 0.0) for name in places}
        seen = planted({**right.params, **faults}, right.inputs)
        gradients = {n: g for n, g in seen.gradients.items() if n not in faults}
        run = Run(model, fw, right.params, right.inputs, right.target, replace(seen, gradients=gradients))
        apart = first_apart(list(run.layers(rng)))
        found[place] = apart.oracle if apart else "nothing"
    assert [place for place, by in found.items() if layer(place) not in map(layer, by.split(" "))] == [], found


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_the_right_model_is_not_flagged(model, fw, rng):
    run = Run.of(model, fw, rng)
    assert [c for c in (*run.layers(rng), *run.whole(rng)) if c.verdict == "discrepancy"] == []


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_three_spellings_have_the_same_parameters(model, fw, rng):
    if fw.name == "torch":
        module = model.torch_module()
        assert {n: tuple(p.shape) for n, p in module.state_dict().items() if p.is_floating_point()} == dict(
            model.shapes
        )
        assert set(model.state) == {n for n, b in module.named_buffers() if b.is_floating_point()}
