"""What a comparison says: its message, converted weights, suggestions, the fixture's record."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

from pytest_dualfw import PortMismatch, compare_port, tap

from .planted.perceptron import MAP, module, port

X = np.random.default_rng(5).normal(size=(4, 3))
GATE_MAP = {"fc.weight": "w", "fc.bias": "b"}


def linear(p, x):
    return x @ p["w"].T + p["b"]


def square():
    torch.manual_seed(0)
    return nn.Linear(3, 3)


def mismatch(*args, **options):
    with pytest.raises(PortMismatch) as caught:
        compare_port(*args, **{"seed": 1, **options})
    return caught.value


def test_the_message_names_layer_and_cause_and_fits_a_screen():
    x = np.random.default_rng(1).normal(size=(5, 4))
    lines = str(mismatch(module(), port(eps=1e-6), MAP, (x,))).splitlines()
    assert lines[0].startswith("the port parts from the torch module: ")
    assert lines[1].startswith("  first activation  norm: off by ")
    assert any(line.startswith("  first gradient    ") for line in lines)
    assert any(line.startswith("  first step        SGD step 1, ") for line in lines)
    cause = "norm: epsilon: epsilon 1e-06 instead of 1e-05 (torch run with it: all agrees)"
    assert f"  likely cause      {cause}" in lines
    assert lines[-1] == "seed: 1"
    assert len(lines) < 24


def test_a_seed_replays_a_comparison():
    first, second = (mismatch(module(), port(bias=0.0), MAP, (X @ np.ones((3, 4)),), steps=0) for _ in range(2))
    assert str(first) == str(second)
    assert first.report.to_json() == second.report.to_json()


def weights(**changes):
    made = square()
    held = {"w": made.weight.detach().numpy(), "b": made.bias.detach().numpy()}
    return made, {**held, **{name: change(held[name]) for name, change in changes.items()}}


CONVERTED = {
    "transposed": ({"w": lambda w: w.T}, "w: holds 'weight' in the layout 'transposed'; the function takes 'same'"),
    "scaled": ({"w": lambda w: 2 * w}, "w: holds 'weight' times 2"),
    "other numbers": (
        {"b": lambda b: b + np.array([0, 1, 0])},
        "b: is not 'bias': 1 of 3 entries differ, by up to 1",
    ),
}


@pytest.mark.parametrize("name", CONVERTED)
def test_a_weight_that_was_converted_wrongly_is_named(name):
    changes, words = CONVERTED[name]
    made, params = weights(**changes)
    assert mismatch(made, linear, None, (X,), jax_params=params, steps=0).report.weights == [words]


def test_weights_that_were_converted_rightly_pass():
    made, params = weights()
    assert compare_port(made, linear, None, (X,), jax_params=params, steps=0).verdict == "pass"


def test_a_suggested_map_can_be_pasted():
    template = {"w": jax.ShapeDtypeStruct((3, 3), jnp.float32), "b": jax.ShapeDtypeStruct((3,), jnp.float32)}
    report = compare_port(square(), linear, None, (X,), template=template, steps=0, seed=1)
    assert report.params_map == "params_map = {\n    'weight': 'w',\n    'bias': 'b',\n}"
    pasted = {}
    exec(report.params_map, pasted)
    again = compare_port(square(), linear, pasted["params_map"], (X,), template=template, steps=0, seed=1)
    assert again.verdict == "pass" and not again.suggested


def test_a_layout_that_shapes_do_not_show_is_found_by_the_numbers():
    template = {"w": np.zeros((3, 3)), "b": np.zeros(3)}
    report = compare_port(square(), lambda p, x: x @ p["w"] + p["b"], None, (X,), template=template, steps=0, seed=1)
    assert "'weight': ('w', 'transposed')" in report.params_map
    taken = "'w' was taken as 'weight' in the layout 'transposed': the shapes do not say it, the numbers do"
    assert report.notes == [taken]


def test_rounding_to_float32_is_no_mistake():
    def single(p, x):
        return (x.astype(jnp.float32) @ p["w"].T.astype(jnp.float32)).astype(x.dtype) + p["b"]

    report = compare_port(square(), single, {"weight": "w", "bias": "b"}, (X,), seed=1, steps=0)
    assert report.verdict == "pass"
    assert report.notes[0].startswith("given float64, the JAX function computes in float32, first in ")
    assert report.notes[-1] == "it is judged here as if in float64: what float32 rounds is no mistake of the port"


def test_constant_weights_hide_no_mistake():
    """A fresh norm has a scale of ones and a shift of zeros: leaving them out changes no number of it."""

    def bare(p, x):
        centred = x - x.mean(-1, keepdims=True)
        return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)

    error = mismatch(nn.LayerNorm(3), bare, None, (X,), steps=0)
    assert error.report.cause == "scale and shift: scale and shift left out"


def test_the_same_slip_in_every_layer_is_one_cause():
    made = nn.Sequential(nn.LayerNorm(3), nn.Linear(3, 3), nn.LayerNorm(3))

    def norm(x, w, b):
        return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-3) * w + b

    def fn(p, x):
        h = norm(x, p["0.weight"], p["0.bias"]) @ p["1.weight"].T + p["1.bias"]
        return norm(h, p["2.weight"], p["2.bias"])

    report = mismatch(made, fn, None, (X,), steps=0).report
    assert report.cause == "epsilon: epsilon 0.001 instead of 1e-05, in all 2 calls of layer_norm"


def test_taps_in_the_function_change_nothing():
    assert (
        compare_port(square(), lambda p, x: tap("out", linear(p, x)), {"weight": "w", "bias": "b"}, (X,)).verdict
        == "pass"
    )


def test_the_fixture_records_its_checks(pytester):
    pytester.makeini("[pytest]\nfw = torch,jax\n")
    pytester.makepyfile(
        """
        import numpy as np, torch

        def test_port(compare_port):
            compare_port(torch.nn.Linear(3, 2), lambda p, x: x @ p["weight"].T + p["bias"], None, (np.ones((1, 3)),))

        def test_wrong(compare_port):
            compare_port(torch.nn.Linear(3, 2), lambda p, x: x @ p["weight"].T, None, (np.ones((1, 3)),), steps=0)
        """
    )
    result = pytester.runpytest_subprocess("--fw-report=out", "-p", "no:randomly")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*likely cause*the bias left out*"])
    saved = (pytester.path / "out" / "report.json").read_text()
    assert "gradient of weight" in saved and "torch module" in saved


def test_what_rounding_to_float32_would_hide_and_nothing_explains_is_a_note():
    """torch's gradient of hardsigmoid multiplies by 1/6 in float32, of float64 too."""

    class Gate(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 3)

        def forward(self, x):
            return nn.functional.hardsigmoid(self.fc(x))

    report = compare_port(Gate(), lambda p, x: jax.nn.hard_sigmoid(linear(p, x)), GATE_MAP, (X,), seed=1)
    assert report.verdict == "inconclusive" and not report.failures
    (note,) = report.notes
    assert re.fullmatch(
        r"in float64 they part in the gradient at hardsigmoid by \S+: less than rounding to float32 explains, "
        "as where one side holds a constant in float32",
        note,
    )


def test_what_rounding_to_float32_would_hide_is_told_where_its_cause_is_known():
    x = np.random.default_rng(1).normal(size=(5, 4))
    exact = nn.Sequential(nn.LayerNorm(4, eps=1e-12))

    def norm(p, x):
        return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-8) * p["w"] + p["b"]

    error = mismatch(exact, norm, {"0.weight": "w", "0.bias": "b"}, (x,))
    assert error.report.cause == "epsilon: epsilon 1e-08 instead of 1e-12"


def test_steps_are_judged_as_values_are_where_a_function_drops_to_float32():
    """A softmax in float32, as that of jax.nn.dot_product_attention, is no mistake in training either."""

    class Softmax(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 3)

        def forward(self, x):
            return self.fc(x).softmax(-1)

    def narrow(p, x):
        return jax.nn.softmax(linear(p, x).astype("float32")).astype(x.dtype)

    report = compare_port(Softmax(), narrow, GATE_MAP, (X,), seed=1)
    assert report.verdict == "pass"
    assert report.notes[-1] == ("it is judged here as if in float64: what float32 rounds is no mistake of the port")


def test_torch_is_left_as_it_was():
    module, threads = square(), torch.get_num_threads()
    drawn = torch.get_rng_state()
    torch.set_num_threads(2)
    try:
        compare_port(module, linear, {"weight": "w", "bias": "b"}, (X,), seed=1)
        assert torch.get_num_threads() == 2
        assert torch.equal(torch.get_rng_state(), drawn)
    finally:
        torch.set_num_threads(threads)


def test_a_small_module_runs_on_one_thread_where_it_is_compared():
    seen = []

    class Watched(nn.Linear):
        def forward(self, x):
            seen.append(torch.get_num_threads())
            return super().forward(x)

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        compare_port(Watched(3, 3), linear, {"weight": "w", "bias": "b"}, (X,), seed=1)
    finally:
        torch.set_num_threads(threads)
    assert seen[-1] == 1
