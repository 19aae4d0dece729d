"""The optimisers against sums unrolled over the gradients' history, closed forms, and matrix powers."""

import re
from fractions import Fraction
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest

from reference.optimisers import (
    adagrad_init,
    adagrad_step,
    adam_init,
    adam_step,
    adamw_init,
    adamw_step,
    gradient_descent_step,
    rmsprop_init,
    rmsprop_step,
    sgd_init,
    sgd_step,
)

RNG = np.random.default_rng(5)
P0 = RNG.normal(size=3)
GRADIENTS = RNG.normal(size=(6, 3))


def run(step: Any, state: Any, p: Any = P0, gradients: Any = GRADIENTS, **options: Any) -> Any:
    for g in gradients:
        p, state = step(p, g, state, **options)
    return p


def unrolled(directions: Any, lr: Any, **options: Any) -> np.ndarray:
    """p_T = p_0 - sum_t lr_t d_t, with d_t a function of g_1..g_t, per entry and in mpmath."""
    out = []
    for entry, p in enumerate(P0):
        history = [mpmath.mpf(g[entry]) for g in GRADIENTS]
        moves = [lr(t) * d for t, d in enumerate(directions(history, **options), start=1)]
        out.append(float(p - mpmath.fsum(moves)))
    return np.array(out)


def faded(values: Any, rate: float, own: Any) -> list[Any]:
    """sum_s rate^(t-s) own(s) values_s for t = 1..T: every running mean and buffer, without its recursion."""
    rate = mpmath.mpf(rate)
    terms = [own(s) * value for s, value in enumerate(values, start=1)]
    return [mpmath.fsum(rate ** (t - s) * terms[s] for s in range(t + 1)) for t in range(len(terms))]


def squares(values: Any) -> list[Any]:
    return [value**2 for value in values]


def sgd_directions(g: Any, momentum: float = 0.0, dampening: float = 0.0, nesterov: bool = False) -> list[Any]:
    if momentum == 0:
        return list(g)
    b = faded(g, momentum, lambda s: 1 if s == 1 else 1 - mpmath.mpf(dampening))
    return [g_t + momentum * b_t for g_t, b_t in zip(g, b, strict=True)] if nesterov else b


def adam_directions(g: Any, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8) -> list[Any]:
    means = []
    for beta, values in zip(betas, (g, squares(g)), strict=True):
        # the weights of a corrected mean add up to one
        total = faded([mpmath.mpf(1)] * len(g), beta, lambda _: 1)
        means.append([part / whole for part, whole in zip(faded(values, beta, lambda _: 1), total, strict=True)])
    return [m / (mpmath.sqrt(v) + eps) for m, v in zip(*means, strict=True)]


def rmsprop_directions(
    g: Any, alpha: float = 0.99, eps: float = 1e-8, momentum: float = 0.0, centered: bool = False
) -> list[Any]:
    v, m = (faded(values, alpha, lambda _: 1 - mpmath.mpf(alpha)) for values in (squares(g), g))
    variance = [v_t - m_t**2 for v_t, m_t in zip(v, m, strict=True)] if centered else v
    return faded([g_t / (mpmath.sqrt(s) + eps) for g_t, s in zip(g, variance, strict=True)], momentum, lambda _: 1)


def adagrad_directions(g: Any, eps: float = 1e-10, initial: float = 0.0) -> list[Any]:
    sums = [initial + mpmath.fsum(squares(g[: t + 1])) for t in range(len(g))]
    return [g_t / (mpmath.sqrt(v) + eps) for g_t, v in zip(g, sums, strict=True)]


NEEDS = "allowed are a momentum above 0 and a dampening of 0"

UNROLLED: list[tuple[Any, Any, Any, float, dict[str, Any]]] = [  # step, init, directions, default lr, options
    (sgd_step, sgd_init, sgd_directions, 0.0, {"lr": 0.1}),
    (sgd_step, sgd_init, sgd_directions, 0.0, {"lr": 0.1, "dampening": 0.5}),
    (sgd_step, sgd_init, sgd_directions, 0.0, {"lr": 0.1, "momentum": 0.9}),
    (sgd_step, sgd_init, sgd_directions, 0.0, {"lr": 0.1, "momentum": 0.8, "dampening": 0.3}),
    (sgd_step, sgd_init, sgd_directions, 0.0, {"lr": 0.1, "momentum": 0.8, "nesterov": True}),
    (adam_step, adam_init, adam_directions, 1e-3, {}),
    (adam_step, adam_init, adam_directions, 1e-3, {"lr": 0.1, "betas": (0.5, 0.75)}),
    (adam_step, adam_init, adam_directions, 1e-3, {"lr": 0.1, "eps": 0.5}),
    (adam_step, adam_init, adam_directions, 1e-3, {"lr": 0.1, "betas": (0.0, 0.0)}),
    (adamw_step, adamw_init, adam_directions, 1e-3, {"weight_decay": 0.0}),
    (adamw_step, adamw_init, adam_directions, 1e-3, {"weight_decay": 0.0, "lr": 0.1, "betas": (0.5, 0.75), "eps": 0.5}),
    (rmsprop_step, rmsprop_init, rmsprop_directions, 1e-2, {}),
    (rmsprop_step, rmsprop_init, rmsprop_directions, 1e-2, {"lr": 0.1, "alpha": 0.5, "eps": 0.5}),
    (rmsprop_step, rmsprop_init, rmsprop_directions, 1e-2, {"momentum": 0.9}),
    (rmsprop_step, rmsprop_init, rmsprop_directions, 1e-2, {"centered": True}),
    (rmsprop_step, rmsprop_init, rmsprop_directions, 1e-2, {"centered": True, "momentum": 0.5, "alpha": 0.7, "eps": 1}),
    (adagrad_step, adagrad_init, adagrad_directions, 1e-2, {}),
    (adagrad_step, adagrad_init, adagrad_directions, 1e-2, {"lr": 0.1, "eps": 0.5}),
    (adagrad_step, adagrad_init, adagrad_directions, 1e-2, {"lr_decay": 0.25}),
    (adagrad_step, partial(adagrad_init, initial_accumulator=2.0), partial(adagrad_directions, initial=2.0), 1e-2, {}),
]  # fmt: skip


@pytest.mark.parametrize(("step", "init", "directions", "lr", "options"), UNROLLED)
def test_steps_against_the_unrolled_sum(
    step: Any, init: Any, directions: Any, lr: float, options: dict[str, Any]
) -> None:
    lr = options.get("lr", lr)
    slower = mpmath.mpf(options.get("lr_decay", 0.0))
    its = {name: value for name, value in options.items() if name not in ("lr", "lr_decay", "weight_decay")}
    expected = unrolled(directions, lambda t: lr / (1 + (t - 1) * slower), **its)
    # the running means weigh (1 - beta^t), whose digits cancel to about 1e-13 for beta = 0.999
    np.testing.assert_allclose(run(step, init(P0), **options) - P0, expected - P0, rtol=2e-12, atol=2e-15)


def test_gradient_descent_on_a_parabola_shrinks_by_a_constant_factor() -> None:
    """f = a p^2 / 2: p_t = (1 - lr a)^t p_0, exact in fractions."""
    p, a, lr = np.array([3.0, -1.0]), 0.75, 0.5
    for _ in range(6):
        p = gradient_descent_step(p, a * p, lr=lr)
    factor = (1 - Fraction(lr) * Fraction(a)) ** 6
    np.testing.assert_array_equal(p, [float(3 * factor), float(-factor)])


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
def test_sgd_weight_decay_is_a_linear_map(momentum: float, nesterov: bool) -> None:
    """On zero gradients (p, b) -> A (p, b), and the first step fits b_0 = 0: p_t by the power of A."""
    lr, decay = 0.5, 0.25
    b_row = np.array([decay, momentum])
    d_row = b_row * momentum + [decay, 0] if nesterov else b_row
    a = np.array([np.array([1.0, 0.0]) - lr * d_row, b_row])
    expected = np.linalg.matrix_power(a, 7)[0, 0] * P0
    options = {"lr": lr, "momentum": momentum, "weight_decay": decay, "nesterov": nesterov}
    np.testing.assert_allclose(run(sgd_step, sgd_init(P0), gradients=np.zeros((7, 3)), **options), expected, rtol=1e-13)


def test_sgd_without_momentum_has_no_buffer() -> None:
    assert sgd_step(P0, GRADIENTS[0], sgd_init(P0), lr=0.1)[1].b is None


def test_adam_moves_by_lr_whatever_the_constant_gradient() -> None:
    """mh = g and vh = g^2 at every t: p_t = p_0 - t lr g / (|g| + eps)."""
    g = np.array([1e-3, -2.0, 5e4])
    p = run(adam_step, adam_init(P0), gradients=[g] * 9, lr=0.1, eps=1e-4)
    np.testing.assert_allclose(p, P0 - 9 * 0.1 * g / (np.abs(g) + 1e-4), rtol=1e-12)


def test_adam_weight_decay_is_part_of_the_gradient() -> None:
    """On zero gradients the first step sees weight_decay p alone, and normalises it away but for eps."""
    p, _ = adam_step(P0, np.zeros(3), adam_init(P0), lr=0.1, weight_decay=0.5, eps=0.25)
    np.testing.assert_allclose(p, P0 - 0.1 * 0.5 * P0 / (0.5 * np.abs(P0) + 0.25), rtol=1e-13)


@pytest.mark.parametrize("options", [{"lr": 0.1}, {"lr": 0.1, "weight_decay": 0.5}])
def test_adamw_decay_is_geometric(options: dict[str, float]) -> None:
    """Constant g: p_t = q^t p_0 - lr s (1 - q^t) / (1 - q), q = 1 - lr weight_decay, s = g / (|g| + eps)."""
    g, eps = GRADIENTS[0], 0.25
    p = run(adamw_step, adamw_init(P0), gradients=[g] * 5, eps=eps, **options)
    q = 1 - 0.1 * options.get("weight_decay", 1e-2)
    s = g / (np.abs(g) + eps)
    np.testing.assert_allclose(p, q**5 * P0 - 0.1 * s * (1 - q**5) / (1 - q), rtol=1e-12)


@pytest.mark.parametrize("t", [1, 10, 8000])
def test_centred_rmsprop_survives_a_constant_gradient(t: int) -> None:
    """v = (1 - alpha^t) g^2 and m = (1 - alpha^t) g: the variance is (1 - alpha^t) alpha^t g^2, never negative."""
    g = np.array([0.1, -1e-3])
    state = rmsprop_init(g)
    for _ in range(t):
        p, state = rmsprop_step(g, g, state, centered=True)
    faded_by = float(mpmath.mpf(0.99) ** t)
    np.testing.assert_allclose(state.s / g**2, (1 - faded_by) * faded_by, rtol=1e-11, atol=1e-28)
    np.testing.assert_allclose(p, g - 1e-2 * g / (np.abs(g) * np.sqrt((1 - faded_by) * faded_by) + 1e-8), rtol=1e-6)


def test_adagrad_slows_with_the_root_of_time() -> None:
    """Constant g and eps 0: p_t = p_0 - lr sign(g) sum_s 1 / sqrt(s)."""
    p = run(adagrad_step, adagrad_init(P0), gradients=[GRADIENTS[0]] * 9, lr=0.1, eps=0.0)
    np.testing.assert_allclose(
        p, P0 - 0.1 * np.sign(GRADIENTS[0]) * float(mpmath.nsum(lambda s: s**-0.5, [1, 9])), rtol=1e-13
    )


def test_no_gradient_no_move() -> None:
    for step, init, _, _, options in UNROLLED:
        np.testing.assert_array_equal(run(step, init(P0), gradients=np.zeros((3, 3)), **options), P0)


@pytest.mark.parametrize(("step", "init", "directions", "lr", "options"), UNROLLED)
def test_inputs_are_not_modified_and_a_state_serves_twice(
    step: Any, init: Any, directions: Any, lr: float, options: dict[str, Any]
) -> None:
    p, state = step(P0, GRADIENTS[0], init(P0), **options)
    g = GRADIENTS[1].copy()
    held = [a for a in (p, g, *state) if isinstance(a, np.ndarray)]
    before = [a.copy() for a in held]
    for a in held:
        a.flags.writeable = False
    first, again = (step(p, g, state, **options) for _ in range(2))
    for a, b in zip(held, before, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(first[0], again[0])
    assert not any(np.shares_memory(first[0], a) for a in held)


@pytest.mark.parametrize(("step", "init", "directions", "lr", "options"), UNROLLED)
@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_the_dtype_stays(step: Any, init: Any, directions: Any, lr: float, options: dict[str, Any], dtype: Any) -> None:
    p = run(step, init(P0.astype(dtype)), P0.astype(dtype), GRADIENTS.astype(dtype), **options)
    assert p.dtype == dtype
    np.testing.assert_allclose(p, run(step, init(P0), **options), rtol=1e-4)


@pytest.mark.parametrize(("step", "init", "options", "message"), [
    (sgd_step, sgd_init, {"lr": -1}, "lr is -1; allowed are values of at least 0"),
    (sgd_step, sgd_init, {"lr": 1, "momentum": -0.5}, "momentum is -0.5; allowed are values of at least 0"),
    (sgd_step, sgd_init, {"lr": 1, "weight_decay": -2}, "weight_decay is -2; allowed are values of at least 0"),
    (sgd_step, sgd_init, {"lr": 1, "nesterov": True}, f"nesterov is True with momentum 0.0 and dampening 0.0; {NEEDS}"),
    (sgd_step, sgd_init, {"lr": 1, "nesterov": True, "momentum": 0.9, "dampening": 0.1},
     f"nesterov is True with momentum 0.9 and dampening 0.1; {NEEDS}"),
    (adam_step, adam_init, {"lr": float("nan")}, "lr is nan; allowed are values of at least 0"),
    (adam_step, adam_init, {"eps": -1}, "eps is -1; allowed are values of at least 0"),
    (adam_step, adam_init, {"betas": (1.0, 0.5)}, "beta1 is 1.0; allowed are values from 0 to below 1"),
    (adam_step, adam_init, {"weight_decay": -1}, "weight_decay is -1; allowed are values of at least 0"),
    (adamw_step, adamw_init, {"lr": -1}, "lr is -1; allowed are values of at least 0"),
    (adamw_step, adamw_init, {"betas": (0.5, -0.5)}, "beta2 is -0.5; allowed are values from 0 to below 1"),
    (adamw_step, adamw_init, {"weight_decay": -1}, "weight_decay is -1; allowed are values of at least 0"),
    (rmsprop_step, rmsprop_init, {"alpha": 1.5}, "alpha is 1.5; allowed are values from 0 to below 1"),
    (rmsprop_step, rmsprop_init, {"momentum": -1}, "momentum is -1; allowed are values of at least 0"),
    (rmsprop_step, rmsprop_init, {"lr": -1}, "lr is -1; allowed are values of at least 0"),
    (rmsprop_step, rmsprop_init, {"eps": -1}, "eps is -1; allowed are values of at least 0"),
    (adagrad_step, adagrad_init, {"lr": -1}, "lr is -1; allowed are values of at least 0"),
    (adagrad_step, adagrad_init, {"lr_decay": -1}, "lr_decay is -1; allowed are values of at least 0"),
    (adagrad_step, adagrad_init, {"eps": -1}, "eps is -1; allowed are values of at least 0"),
])  # fmt: skip
def test_errors_say_what_is_allowed(step: Any, init: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        step(P0, GRADIENTS[0], init(P0), **options)


def test_errors_of_the_first_accumulator_and_of_plain_descent() -> None:
    with pytest.raises(ValueError, match=r"^initial_accumulator is -1; allowed are values of at least 0$"):
        adagrad_init(P0, initial_accumulator=-1)
    with pytest.raises(ValueError, match=r"^lr is -1; allowed are values of at least 0$"):
        gradient_descent_step(P0, P0, lr=-1)
