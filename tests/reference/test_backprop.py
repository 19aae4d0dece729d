"""The perceptron by hand against loops over single units, SciPy's log-softmax, the complex step and the ladder."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax

from reference.backprop import mlp, mlp_loss_and_grads, mlp_vjp

from .oracle import assert_vjp_by_complex_step, assert_vjp_by_ladder

WIDTHS = [(3, 2), (1, 1, 1), (3, 5, 2), (2, 4, 3, 5, 3)]
each_activation = pytest.mark.parametrize("activation", ["tanh", "relu"])
each_width = pytest.mark.parametrize("widths", WIDTHS)


def network(widths: tuple[int, ...], n: int = 4) -> tuple[Any, Any, tuple[tuple[Any, Any], ...]]:
    """x (n, first width), class indices of the last width, and params of the layers between."""
    rng = np.random.default_rng(11)
    params = tuple((rng.normal(size=(o, i)), rng.normal(size=o)) for i, o in pairwise(widths))
    return rng.normal(size=(n, widths[0])), rng.integers(0, widths[-1], n), params


def by_units(x: Any, params: Any, activation: str) -> list[list[float]]:
    """The forward pass in Python floats: one sample, one layer, one unit after the other."""
    phi = math.tanh if activation == "tanh" else lambda a: max(a, 0.0)
    out = []
    for sample in x:
        z = [float(value) for value in sample]
        for depth, (w, b) in enumerate(params, start=1):
            sums = [math.fsum([float(b[k]), *(float(w[k, j]) * z[j] for j in range(len(z)))]) for k in range(len(b))]
            z = sums if depth == len(params) else [phi(a) for a in sums]
        out.append(z)
    return out


@each_activation
@each_width
def test_the_value_is_the_sum_over_units(widths: tuple[int, ...], activation: str) -> None:
    x, _, params = network(widths)
    np.testing.assert_allclose(
        mlp(x, params, activation=activation), by_units(x, params, activation), rtol=1e-13, atol=1e-14
    )


@each_width
def test_the_vjp_of_tanh_layers(widths: tuple[int, ...]) -> None:
    x, _, params = network(widths)
    assert_vjp_by_complex_step(mlp, mlp_vjp, [x, params])


@each_width
def test_the_vjp_of_relu_layers(widths: tuple[int, ...]) -> None:
    """Away from the kinks relu is linear, and so has both an exact ladder and a complex step."""
    x, _, params = network(widths)
    assert_vjp_by_ladder(mlp, mlp_vjp, [x, params], activation="relu")
    assert_vjp_by_complex_step(mlp, mlp_vjp, [x, params], activation="relu")


def test_the_subgradient_of_relu_at_zero_is_zero() -> None:
    params = ((np.array([[1.0], [-1.0]]), np.zeros(2)), (np.array([[2.0, 3.0]]), np.zeros(1)))
    dx, ((dw1, db1), (dw2, db2)) = mlp_vjp(np.ones((1, 1)), np.zeros((1, 1)), params, activation="relu")
    for grad in (dx, dw1, db1, dw2):
        np.testing.assert_array_equal(grad, np.zeros_like(grad))
    np.testing.assert_array_equal(db2, [1.0])


@each_activation
@each_width
def test_the_loss_is_the_mean_cross_entropy(widths: tuple[int, ...], activation: str) -> None:
    x, target, params = network(widths)
    loss, _ = mlp_loss_and_grads(x, target, params, activation=activation)
    log_p = log_softmax(by_units(x, params, activation), axis=1)
    assert loss == pytest.approx(-np.mean([log_p[n, k] for n, k in enumerate(target)]), rel=1e-13, abs=1e-15)


@each_activation
@each_width
def test_the_gradients_are_those_of_the_loss(widths: tuple[int, ...], activation: str) -> None:
    """Every single entry of every weight, by a complex step through the loss alone."""
    x, target, params = network(widths)
    _, grads = mlp_loss_and_grads(x, target, params, activation=activation)
    for layer, part, at in [
        (k, p, i) for k, pair in enumerate(params) for p in (0, 1) for i in np.ndindex(pair[p].shape)
    ]:
        moved = [(w.astype(complex), b.astype(complex)) for w, b in params]
        moved[layer][part][at] += 1e-30j
        loss, _ = mlp_loss_and_grads(x, target, moved, activation=activation)
        assert grads[layer][part][at] == pytest.approx(loss.imag / 1e-30, rel=1e-12, abs=1e-15)


def test_one_layer_is_logistic_regression() -> None:
    """With zero weights every class has 1/K: dW = (1/N) sum_n (1/K - [k = t_n]) x_n."""
    x = np.array([[1.0, 2.0], [3.0, -4.0]])
    loss, ((dw, db),) = mlp_loss_and_grads(x, np.array([0, 2]), ((np.zeros((4, 2)), np.zeros(4)),))
    assert loss == pytest.approx(math.log(4), rel=1e-15)
    np.testing.assert_allclose(dw, [[0, -5 / 4], [1 / 2, -1 / 4], [-1, 7 / 4], [1 / 2, -1 / 4]], rtol=1e-15)
    np.testing.assert_allclose(db, [-1 / 4, 1 / 4, -1 / 4, 1 / 4], rtol=1e-15)


@pytest.mark.parametrize(("logits", "target", "loss", "db"), [
    ([1e4, -1e4], 0, 0.0, [0.0, 0.0]),
    ([1e4, -1e4], 1, 2e4, [1.0, -1.0]),
    ([1e4, 1e4], 1, math.log(2), [0.5, -0.5]),
    ([-1e4, -1e4 + 50], 1, math.exp(-50), [math.exp(-50), -math.exp(-50)]),
])  # fmt: skip
def test_large_logits(logits: list[float], target: int, loss: float, db: list[float]) -> None:
    obtained, ((_, obtained_db),) = mlp_loss_and_grads(
        np.ones((1, 1)), np.array([target]), ((np.zeros((2, 1)), np.array(logits)),)
    )
    assert obtained == pytest.approx(loss, rel=1e-13, abs=1e-15)
    np.testing.assert_allclose(obtained_db, db, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("a", [-1e4, -20.0, 20.0, 1e4])
def test_the_slope_of_a_saturated_unit_keeps_its_digits(a: float) -> None:
    params = ((np.ones((1, 1)), np.zeros(1)), (np.ones((1, 1)), np.zeros(1)))
    dx, _ = mlp_vjp(np.ones((1, 1)), np.array([[a]]), params)
    expected = math.cosh(a) ** -2 if abs(a) < 100 else 0.0
    np.testing.assert_allclose(dx, [[expected]], rtol=1e-13)


@each_activation
def test_inputs_are_not_modified(activation: str) -> None:
    x, target, params = network((3, 4, 2))
    g = np.ones((4, 2))
    for a in (x, target, g, *(a for pair in params for a in pair)):
        a.flags.writeable = False
    mlp_vjp(g, x, params, activation=activation)
    mlp_loss_and_grads(x, target, params, activation=activation)


@pytest.mark.parametrize("call", [
    lambda x, t, params, **options: mlp(x, params, **options),
    lambda x, t, params, **options: mlp_vjp(np.ones((4, 2)), x, params, **options),
    mlp_loss_and_grads,
])  # fmt: skip
def test_errors_say_what_is_allowed(call: Any) -> None:
    x, target, params = network((3, 2))
    with pytest.raises(ValueError, match=r"^activation is 'gelu'; allowed are tanh and relu$"):
        call(x, target, params, activation="gelu")
    with pytest.raises(ValueError, match=r"^params is empty; allowed are one or more \(w, b\) pairs$"):
        call(x, target, ())
