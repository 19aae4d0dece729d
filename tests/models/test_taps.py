"""What taps see of a model: values, cotangents and gradients, against closed forms that are exact in any dtype."""

from types import SimpleNamespace

import numpy as np
import pytest

from pytest_dualfw.taps import Observer, observe, tap

W, X = np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([[1.0, 1.0], [0.0, 2.0], [-1.0, 1.0]])


def model(params, x):
    h = tap("fc", x @ params["w"])
    return tap("square", h * h)


def total(y):
    return y.sum()


def test_a_tap_is_the_identity_where_nobody_watches():
    x = object()
    assert tap("x", x) is x


def test_values_cotangents_and_gradients(fw):
    seen = observe(fw, model, {"w": W}, (X,), total)
    h = X @ W
    assert seen.loss == pytest.approx((h * h).sum())
    assert list(seen.activations) == list(seen.cotangents) == ["fc", "square"]
    np.testing.assert_allclose(seen.activations["fc"], h)
    np.testing.assert_allclose(seen.output, h * h)
    np.testing.assert_allclose(seen.cotangents["fc"], 2 * h)
    np.testing.assert_allclose(seen.cotangents["square"], np.ones_like(h))
    np.testing.assert_allclose(seen.gradients["w"], X.T @ (2 * h))


def test_trees_and_places_that_are_passed_again(fw):
    def twice(params, x):
        a, b = tap("pair", (x, x * params["w"]))
        a = tap("again", a)
        return tap("again", a + b)

    seen = observe(fw, twice, {"w": np.array(3.0)}, (np.array(2.0),), lambda y: y * y)
    assert {name: float(x) for name, x in seen.activations.items()} == {
        "pair[0]": 2.0,
        "pair[1]": 6.0,
        "again": 2.0,
        "again#2": 8.0,
    }
    assert {name: float(g) for name, g in seen.cotangents.items()} == dict.fromkeys(seen.activations, 16.0)


def test_an_observer_sees_new_parameters_without_compiling_again(fw):
    observer = Observer(fw, model, total)
    first, second = (observer({"w": w}, (X,)) for w in (W, 2 * W))
    np.testing.assert_allclose(second.activations["fc"], 2 * first.activations["fc"])
    np.testing.assert_allclose(second.gradients["w"], 2 * first.gradients["w"])


def test_a_tap_under_a_parameters_name_is_its_new_value(fw):
    def counting(params, x):
        tap("count", params["count"] + 1)
        return params["w"] * x

    seen = observe(fw, counting, {"w": np.array(2.0), "count": np.array(3)}, (np.array(5.0),), lambda y: y)
    assert int(seen.activations["count"]) == 4
    assert list(seen.cotangents) == []
    assert list(seen.gradients) == ["w"]


@pytest.mark.fw_only("torch", dtype="float64")
def test_a_module_is_seen_from_inside_and_left_alone(fw):
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = torch.nn.Linear(2, 3)
            self.norm = torch.nn.BatchNorm1d(3)
            self.act = torch.nn.ReLU(inplace=True)
            self.rnn = torch.nn.LSTM(3, 2)

        def forward(self, x):
            return self.rnn(self.act(self.norm(self.fc(x)))[None])[0]

    net = Net()
    before = {name: p.clone() for name, p in net.state_dict().items()}
    params = {name: p.numpy() for name, p in before.items()}
    seen = observe(fw, fw.functional(net), params, (X,), total)
    h = X @ params["fc.weight"].T + params["fc.bias"]
    np.testing.assert_allclose(seen.activations["fc"], h)
    np.testing.assert_allclose(seen.activations["norm.running_mean"], 0.1 * h.mean(0))
    assert seen.activations["norm"].min() < 0  # not what the activation in place made of it
    assert list(seen.activations)[:6] == ["fc", "norm", "act", "rnn[0]", "rnn[1]", "rnn[2]"]
    assert seen.gradients["rnn.weight_ih_l0"].any()
    assert all(torch.equal(p, before[name]) for name, p in net.state_dict().items())
    assert not net.fc._forward_hooks


def test_a_framework_without_modules_says_so():
    from pytest_dualfw.frameworks.base import Framework

    nameless = SimpleNamespace(name="numpy")
    with pytest.raises(TypeError) as error:
        Framework.functional(nameless, object())
    assert str(error.value) == "numpy has no modules; pass a function of (params, *inputs) with taps"
    with pytest.raises(TypeError) as error:
        Framework.differentiated(nameless, len)
    assert (
        str(error.value) == "numpy cannot differentiate a model's tree of parameters; its adaptor has no differentiated"
    )
