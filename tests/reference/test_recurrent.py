"""The recurrent cells and sequences against loops over single units in mpmath, their vjps against the complex step."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from reference.recurrent import (
    gru,
    gru_cell,
    gru_cell_vjp,
    gru_vjp,
    lstm,
    lstm_cell,
    lstm_cell_vjp,
    lstm_vjp,
    rnn,
    rnn_cell,
    rnn_cell_vjp,
    rnn_vjp,
)

from .oracle import assert_vjp_by_complex_step

# name: cell, its vjp, sequence, its vjp, gates, states
NETS: dict[str, tuple[Any, Any, Any, Any, int, int]] = {
    "rnn": (rnn_cell, rnn_cell_vjp, rnn, rnn_vjp, 1, 1),
    "lstm": (lstm_cell, lstm_cell_vjp, lstm, lstm_vjp, 4, 2),
    "gru": (gru_cell, gru_cell_vjp, gru, gru_vjp, 3, 1),
}
SIZES = [(1, 1, 1), (2, 3, 2), (3, 2, 4)]  # N,I,H
BIASES = [(True, True), (True, False), (False, True), (False, False)]
each_net = pytest.mark.parametrize("net", NETS)


def primals(
    net: str,
    n: int,
    i: int,
    h: int,
    steps: int | None = None,
    biases: tuple[bool, bool] = (True, True),
    scale: float = 1.0,
) -> list[Any]:
    """x, the states, w_ih, w_hh, b_ih, b_hh; x of a cell where steps is None."""
    rng = np.random.default_rng(7)
    gates, states = NETS[net][4:]
    x = rng.normal(size=(n, i) if steps is None else (steps, n, i))
    weights = [rng.normal(size=(gates * h, i)), rng.normal(size=(gates * h, h))]
    bias = [rng.normal(size=gates * h) if there else None for there in biases]
    return [scale * x, *[rng.normal(size=(n, h)) for _ in range(states)], *weights, *bias]


def units(x: Any, h: Any, w: Any, u: Any, b: Any, d: Any) -> Callable[[int], tuple[Any, Any]]:
    """Row k of the two affine maps of one sample, summed term by term."""

    def row(k: int) -> tuple[Any, Any]:
        from_x = mpmath.fsum(mpmath.mpf(w[k, j]) * x[j] for j in range(len(x))) + (0 if b is None else b[k])
        from_h = mpmath.fsum(mpmath.mpf(u[k, j]) * h[j] for j in range(len(h))) + (0 if d is None else d[k])
        return from_x, from_h

    return row


def logistic(a: Any) -> Any:
    return 1 / (1 + mpmath.exp(-a))


def rnn_unit(k: int, size: int, row: Any, h: Any) -> tuple[Any, ...]:
    return (mpmath.tanh(sum(row(k))),)


def lstm_unit(k: int, size: int, row: Any, h: Any, c: Any) -> tuple[Any, ...]:
    i, f, o = (logistic(sum(row(gate * size + k))) for gate in (0, 1, 3))
    new = f * c[k] + i * mpmath.tanh(sum(row(2 * size + k)))
    return o * mpmath.tanh(new), new


def gru_unit(k: int, size: int, row: Any, h: Any) -> tuple[Any, ...]:
    r, z = (logistic(sum(row(gate * size + k))) for gate in (0, 1))
    from_x, from_h = row(2 * size + k)
    return ((1 - z) * mpmath.tanh(from_x + r * from_h) + z * h[k],)


def by_units(net: str, x: Any, *rest: Any) -> list[np.ndarray]:
    """The cell, one sample and one unit after the other."""
    unit: Any = {"rnn": rnn_unit, "lstm": lstm_unit, "gru": gru_unit}[net]
    state, weights = rest[:-4], rest[-4:]
    out = []
    for n in range(len(x)):
        own = [s[n] for s in state]
        row, size = units(x[n], own[0], *weights), len(own[0])
        out.append([unit(k, size, row, *own) for k in range(size)])
    return [np.array([[float(new[part]) for new in sample] for sample in out]) for part in range(len(state))]


def as_list(out: Any) -> list[Any]:
    return list(out) if isinstance(out, tuple) else [out]


@each_net
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("biases", BIASES)
def test_a_cell_is_the_sum_over_its_units(net: str, size: tuple[int, int, int], biases: tuple[bool, bool]) -> None:
    args = primals(net, *size, biases=biases)
    for obtained, expected in zip(as_list(NETS[net][0](*args)), by_units(net, *args), strict=True):
        np.testing.assert_allclose(obtained, expected, rtol=1e-13, atol=1e-15)


@each_net
@pytest.mark.parametrize("steps", [1, 4])
def test_a_sequence_hands_the_state_on(net: str, steps: int) -> None:
    x, *rest = primals(net, 2, 3, 2, steps)
    state, weights, hs = rest[:-4], rest[-4:], []
    for x_t in x:
        state = by_units(net, x_t, *state, *weights)
        hs.append(state[0])
    for obtained, expected in zip(NETS[net][2](x, *rest), [np.array(hs), *state], strict=True):
        np.testing.assert_allclose(obtained, expected, rtol=1e-12, atol=1e-15)


@each_net
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("biases", BIASES)
def test_the_vjp_of_a_cell(net: str, size: tuple[int, int, int], biases: tuple[bool, bool]) -> None:
    cell, cell_vjp = NETS[net][:2]
    assert_vjp_by_complex_step(cell, cell_vjp, primals(net, *size, biases=biases))


@each_net
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("steps", [0, 1, 5])
def test_backpropagation_through_time(net: str, size: tuple[int, int, int], steps: int) -> None:
    sequence, sequence_vjp = NETS[net][2:4]
    assert_vjp_by_complex_step(sequence, sequence_vjp, primals(net, *size, steps))


@each_net
@pytest.mark.parametrize("biases", BIASES[1:])
def test_backpropagation_through_time_without_a_bias(net: str, biases: tuple[bool, bool]) -> None:
    sequence, sequence_vjp = NETS[net][2:4]
    assert_vjp_by_complex_step(sequence, sequence_vjp, primals(net, 2, 3, 2, 3, biases))


@each_net
def test_a_vjp_passes_a_complex_step_itself(net: str) -> None:
    """The second derivative of <g, sequence> is symmetric: u moved along v is v moved along u."""
    args, step = primals(net, 2, 3, 2, 3), 1e-30
    rng = np.random.default_rng(3)
    g = tuple(rng.normal(size=out.shape) for out in NETS[net][2](*args))
    u, v = ([rng.normal(size=a.shape) for a in args] for _ in range(2))

    def second(along: Any, paired: Any) -> float:
        grads = NETS[net][3](g, *[a + 1j * step * d for a, d in zip(args, along, strict=True)])
        return sum(float((dx.imag / step * d).sum()) for dx, d in zip(grads, paired, strict=True))

    assert second(u, v) == pytest.approx(second(v, u), rel=1e-12)
    assert abs(second(u, v)) > 1e-2


@each_net
def test_no_steps_leave_the_state(net: str) -> None:
    args = primals(net, 2, 3, 2, 0)
    hs, *last = NETS[net][2](*args)
    assert hs.shape == (0, 2, 2)
    for obtained, initial in zip(last, args[1:], strict=False):
        np.testing.assert_array_equal(obtained, initial)


@each_net
@pytest.mark.parametrize("steps", [None, 3])
def test_saturated_gates_stay_finite(net: str, steps: int | None) -> None:
    args = primals(net, 2, 3, 2, steps, scale=1e4)
    op, op_vjp = NETS[net][:2] if steps is None else NETS[net][2:4]
    out = op(*args)
    assert all(np.isfinite(o).all() for o in as_list(out))
    assert_vjp_by_complex_step(op, op_vjp, args)
    g = tuple(np.ones_like(o) for o in as_list(out))
    assert all(np.isfinite(d).all() for d in op_vjp(g if len(g) > 1 else g[0], *args))


@each_net
@pytest.mark.parametrize("a", [-30.0, -15.0, 15.0, 30.0])
def test_a_nearly_saturated_slope_keeps_its_digits(net: str, a: float) -> None:
    """One unit whose gates all sit at a: dx against mpmath's own derivative of the unit."""
    gates, states = NETS[net][4:]
    weights = [np.ones((gates, 1)), np.zeros((gates, 1)), np.zeros(gates), np.zeros(gates)]
    x, state = np.array([[a]]), [np.array([[0.25]])] * states
    unit: Any = {"rnn": rnn_unit, "lstm": lstm_unit, "gru": gru_unit}[net]

    def first_state(value: Any) -> Any:
        return unit(0, 1, lambda _: (value, mpmath.mpf(0)), *[[mpmath.mpf("0.25")]] * states)[0]

    with mpmath.workdps(60):
        expected = float(mpmath.diff(first_state, a))
    ones = np.ones((1, 1))
    g = ones if states == 1 else (ones, 0 * ones)
    np.testing.assert_allclose(NETS[net][1](g, x, *state, *weights)[0], [[expected]], rtol=1e-12)


def test_the_gate_order_of_the_lstm_is_i_f_g_o() -> None:
    shut, open_ = -1e4, 1e4
    zero = np.zeros((4, 1))
    h, c = np.array([[0.0]]), np.array([[0.5]])
    rows = [  # what the bias does to i, f, g, o; c' and h' then
        ((shut, open_, open_, open_), 0.5, np.tanh(0.5)),
        ((open_, shut, open_, open_), 1.0, np.tanh(1.0)),
        ((open_, open_, -open_, open_), -0.5, np.tanh(-0.5)),
        ((open_, open_, open_, shut), 1.5, 0.0),
    ]
    for bias, c_next, h_next in rows:
        obtained = lstm_cell(np.zeros((1, 1)), h, c, zero, zero, np.array(bias), None)
        np.testing.assert_allclose(obtained, [[[h_next]], [[c_next]]], rtol=1e-15)


def test_the_gate_order_of_the_gru_is_r_z_n() -> None:
    shut, open_ = -1e4, 1e4
    x, h, zero = np.zeros((1, 1)), np.array([[0.5]]), np.zeros((3, 1))
    rows = [  # biases of r, z, n inside W_ih x; the bias of n inside W_hh h; h'
        ((open_, shut, 0.1), 0.2, np.tanh(0.3)),
        ((shut, shut, 0.1), 0.2, np.tanh(0.1)),
        ((open_, open_, 0.1), 0.2, 0.5),
    ]
    for outer, inner, h_next in rows:
        obtained = gru_cell(x, h, zero, zero, np.array(outer), np.array([0.0, 0.0, inner]))
        np.testing.assert_allclose(obtained, [[h_next]], rtol=1e-15)
    # the reset gate stands after the product: with two units W_hn (r h) would mix other resets
    h2, w_hh = np.array([[0.3, 0.7]]), np.zeros((6, 2))
    w_hh[4] = 1.0
    obtained = gru_cell(
        np.zeros((1, 1)), h2, np.zeros((6, 1)), w_hh, np.array([shut, open_, shut, shut, 0.0, 0.0]), None
    )
    np.testing.assert_allclose(obtained, [[0.0, 0.0]], atol=0)


def test_the_gru_keeps_the_digits_of_a_candidate_nearly_shut_out() -> None:
    """z near 1 and h = 0: h' = (1 - z) tanh(x), where 1 - z by subtraction would keep three digits."""
    args: list[Any] = [
        np.array([[0.5]]),
        np.zeros((1, 1)),
        np.array([[0.0], [0.0], [1.0]]),
        np.zeros((3, 1)),
        np.array([0, 30.0, 0]),
        None,
    ]
    left = 1 / (1 + np.exp(30))
    np.testing.assert_allclose(gru_cell(*args), [[left * np.tanh(0.5)]], rtol=1e-14)
    dx: Any = gru_cell_vjp(np.ones((1, 1)), *args)[0]
    np.testing.assert_allclose(dx, [[left / np.cosh(0.5) ** 2]], rtol=1e-14)


@each_net
def test_the_dtype_stays(net: str) -> None:
    args = [a.astype(np.float32) for a in primals(net, 2, 3, 2, 3)]
    out = NETS[net][2](*args)
    grads = NETS[net][3](tuple(np.ones_like(o) for o in out), *args)
    assert {a.dtype for a in (*out, *grads)} == {np.dtype(np.float32)}
