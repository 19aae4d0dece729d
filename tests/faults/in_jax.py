"""The faults in JAX, each under its row's name, beside the correct op under ``correct_<op>``.

Fault and correct op come from one builder, so that a slip stands in one line and nothing else differs.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Function = Callable[..., Any]

LR, BETA1, BETA2, EPS, DECAY = 0.1, 0.9, 0.999, 1e-8, 0.1


def pulled_back_by(pullback: Function) -> Callable[[Function], Function]:
    """Replace a function's gradient by ``pullback(g, *args)``, which returns one gradient for each argument."""

    def dressed(value: Function) -> Function:
        op = jax.custom_vjp(value)
        op.defvjp(lambda *args: (value(*args), args), lambda args, g: pullback(g, *args))
        return op

    return dressed


# Losses


def _linear_regression(slope: Function) -> Function:
    def pullback(g: Any, w: Any, b: Any, x: Any, t: Any) -> Any:
        dr = g * 2 * (x @ w + b - t) / len(t)
        return g * slope(w, b, x, t), dr.sum(), jnp.outer(dr, w), -dr

    @pulled_back_by(pullback)
    def linear_regression(w: Any, b: Any, x: Any, t: Any) -> Any:
        return ((x @ w + b - t) ** 2).mean()

    return linear_regression


correct_linear_regression = _linear_regression(lambda w, b, x, t: 2 / len(t) * x.T @ (x @ w + b - t))
linear_regression_mean_input = _linear_regression(lambda w, b, x, t: x.sum(0) / len(t) - t.sum() / len(t))


def _mse(factor: Callable[[int], float]) -> Function:
    def pullback(g: Any, y: Any, t: Any) -> Any:
        return g * factor(y.size) * (y - t), g * 2 / y.size * (t - y)

    @pulled_back_by(pullback)
    def mse(y: Any, t: Any) -> Any:
        return ((y - t) ** 2).mean()

    return mse


correct_mse = _mse(lambda n: 2 / n)
mse_gradient_doubled = _mse(lambda n: 4 / n)
mse_gradient_without_mean = _mse(lambda n: 2)
mse_gradient_mean_twice = _mse(lambda n: 2 / n**2)


def mse_column_against_row(y: Any, t: Any) -> Any:
    return ((y - t) ** 2).mean()


def correct_mse_of_column(y: Any, t: Any) -> Any:
    return ((y[:, 0] - t) ** 2).mean()


def _huber(beyond: Function) -> Function:
    def pullback(g: Any, y: Any, t: Any) -> Any:
        d = y - t
        dy = g * jnp.where(jnp.abs(d) <= 1, d, beyond(d)) / d.size
        return dy, -dy

    @pulled_back_by(pullback)
    def huber(y: Any, t: Any) -> Any:
        a = jnp.abs(y - t)
        return jnp.where(a <= 1, a**2 / 2, a - 0.5).mean()

    return huber


correct_huber = _huber(jnp.sign)
huber_sign_beyond_delta = _huber(lambda d: -jnp.sign(d))


def correct_cross_entropy(logits: Any, target: Any) -> Any:
    return _surprise(logits, target).mean()


def cross_entropy_without_mean(logits: Any, target: Any) -> Any:
    return _surprise(logits, target).sum()


def _surprise(logits: Any, target: Any) -> Any:
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), target[:, None], axis=1)


def cross_entropy_as_absolute_error(logits: Any, target: Any) -> Any:
    return jnp.abs(jax.nn.softmax(logits) - _one_hot(logits, target)).mean()


def correct_label_smoothing(logits: Any, target: Any) -> Any:
    q = 0.9 * _one_hot(logits, target) + 0.1 / logits.shape[1]
    return -(q * jax.nn.log_softmax(logits)).sum(1).mean()


def label_smoothing_over_others(logits: Any, target: Any) -> Any:
    hot = _one_hot(logits, target)
    q = 0.9 * hot + 0.1 / (logits.shape[1] - 1) * (1 - hot)
    return -(q * jax.nn.log_softmax(logits)).sum(1).mean()


def _one_hot(logits: Any, target: Any) -> Any:
    return jax.nn.one_hot(target, logits.shape[1], dtype=logits.dtype)


def correct_kl_divergence(log_q: Any, p: Any) -> Any:
    return (p * (jnp.log(p) - log_q)).sum() / len(p)


def kl_divergence_swapped(log_q: Any, p: Any) -> Any:
    return (jnp.exp(log_q) * (log_q - jnp.log(p))).sum() / len(p)


# Activations


def correct_softmax(x: Any) -> Any:
    return jax.nn.softmax(x, axis=1)


def softmax_over_batch(x: Any) -> Any:
    return jax.nn.softmax(x, axis=0)


def correct_gelu(x: Any) -> Any:
    return jax.nn.gelu(x, approximate=False)


def gelu_tanh_for_erf(x: Any) -> Any:
    return jax.nn.gelu(x, approximate=True)


def correct_silu(x: Any) -> Any:
    return jax.nn.silu(x)


def silu_detached_gate(x: Any) -> Any:
    return x * jax.lax.stop_gradient(jax.nn.sigmoid(x))


# Layers


def _linear(dbias: Function) -> Function:
    @pulled_back_by(lambda g, x, w, b: (g @ w, g.T @ x, dbias(g)))
    def linear(x: Any, w: Any, b: Any) -> Any:
        return x @ w.T + b

    return linear


correct_linear = _linear(lambda g: g.sum(0))
bias_gradient_over_features = _linear(lambda g: g.sum(1))


def _conv2d(kernel: Function) -> Function:
    def pullback(g: Any, x: Any, w: Any) -> Any:
        dx = _correlated(g, kernel(w).swapaxes(0, 1))
        dw = _correlated(x.swapaxes(0, 1), g.swapaxes(0, 1)).swapaxes(0, 1)
        return dx, dw

    @pulled_back_by(pullback)
    def conv2d(x: Any, w: Any) -> Any:
        return _correlated(x, w)

    return conv2d


def _correlated(x: Any, w: Any) -> Any:
    return jax.lax.conv(jnp.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), w, (1, 1), "VALID")


correct_conv2d = _conv2d(lambda w: jnp.flip(w, (2, 3)))
conv_gradient_unflipped = _conv2d(lambda w: w)


def _max_pool2d(spread: Function) -> Function:
    @pulled_back_by(lambda g, x: (spread(g, x),))
    def max_pool2d(x: Any) -> Any:
        return _largest(x)

    return max_pool2d


def _largest(x: Any) -> Any:
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def _each_cell(g: Any) -> Any:
    return g.repeat(2, axis=2).repeat(2, axis=3)


correct_max_pool2d = _max_pool2d(lambda g, x: jnp.where(x == _each_cell(_largest(x)), _each_cell(g), 0))
max_pool_gradient_spread = _max_pool2d(lambda g, x: _each_cell(g) / 4)
max_pool_gradient_to_first = _max_pool2d(lambda g, x: jnp.zeros_like(x).at[:, :, ::2, ::2].set(g))


def _standardised(x: Any, axis: int, ddof: int = 0) -> Any:
    n = x.shape[axis]
    d = x - x.sum(axis, keepdims=True) / n
    return d / jnp.sqrt((d**2).sum(axis, keepdims=True) / (n - ddof) + 1e-5)


def correct_layer_norm(x: Any, w: Any, b: Any) -> Any:
    return w * _standardised(x, 1) + b


def layer_norm_unbiased(x: Any, w: Any, b: Any) -> Any:
    return w * _standardised(x, 1, ddof=1) + b


def correct_rms_norm(x: Any, w: Any) -> Any:
    return w * x / jnp.sqrt((x**2).mean(-1, keepdims=True) + 0.1)


def rms_norm_eps_outside(x: Any, w: Any) -> Any:
    return w * x / (jnp.sqrt((x**2).mean(-1, keepdims=True)) + 0.1)


def correct_batch_norm_eval(x: Any, w: Any, b: Any, mean: Any, var: Any) -> Any:
    return w * (x - mean) / jnp.sqrt(var + 1e-5) + b


def batch_norm_eval_of_batch(x: Any, w: Any, b: Any, mean: Any, var: Any) -> Any:
    return w * _standardised(x, 0) + b


def _embedding(collected: Function) -> Function:
    @pulled_back_by(lambda g, indices, w: (None, collected(jnp.zeros_like(w).at[indices], g)))
    def embedding(indices: Any, w: Any) -> Any:
        return w[indices]

    return embedding


correct_embedding = _embedding(lambda rows, g: rows.add(g))
embedding_gradient_overwritten = _embedding(lambda rows, g: rows.set(g))


def correct_dropout(x: Any, mask: Any) -> Any:
    return x * mask / (1 - 0.5)


def dropout_unscaled(x: Any, mask: Any) -> Any:
    return x * mask


# Attention


def _attention(scale: Function, last_seen: int | None) -> Function:
    def attention(q: Any, k: Any, v: Any) -> Any:
        s = scale(q.shape[-1]) * q @ k.mT
        if last_seen is not None:
            s = jnp.where(jnp.tril(jnp.ones(s.shape[-2:], bool), last_seen), s, -jnp.inf)
        return jax.nn.softmax(s) @ v

    return attention


correct_attention = _attention(lambda width: width**-0.5, None)
attention_unscaled = _attention(lambda width: 1, None)
correct_causal_attention = _attention(lambda width: width**-0.5, 0)
causal_mask_off_by_one = _attention(lambda width: width**-0.5, 1)


# Recurrent cells


def _lstm_cell(packed: Function, split: Function) -> Function:
    def lstm_cell(x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        i, f, g, o = split(x @ packed(w_ih).T + b_ih + h @ packed(w_hh).T + b_hh)
        c_next = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c_next), c_next

    return lstm_cell


def _in_order(a: Any) -> Any:
    return jnp.split(a, 4, axis=1)


def _output_before_candidate(a: Any) -> Any:
    i, f, o, g = jnp.split(a, 4, axis=1)
    return i, f, g, o


def _candidate_twice(w: Any) -> Any:
    _, f, g, o = jnp.split(w, 4, axis=0)
    return jnp.concatenate([g, f, g, o])


correct_lstm_cell = _lstm_cell(lambda w: w, _in_order)
lstm_gates_share_weights = _lstm_cell(_candidate_twice, _in_order)
lstm_gate_order = _lstm_cell(lambda w: w, _output_before_candidate)


def _rnn(kept: Callable[[Any, int], Any]) -> Function:
    def rnn(x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        h = h0
        for t in range(len(x)):
            h = jnp.tanh(x[t] @ w_ih.T + b_ih + kept(h, len(x) - t) @ w_hh.T + b_hh)
        return h

    return rnn


correct_rnn = _rnn(lambda h, left: h)
bptt_cut_short = _rnn(lambda h, left: jax.lax.stop_gradient(h) if left == 2 else h)


# Steps of optimisers, one for each row of g


def _adam(penalty: float, decay: float, corrected: bool) -> Function:
    def adam(p: Any, g: Any) -> Any:
        m, v = jnp.zeros_like(p), jnp.zeros_like(p)
        for t in range(1, len(g) + 1):
            d = g[t - 1] + penalty * p
            m, v = BETA1 * m + (1 - BETA1) * d, BETA2 * v + (1 - BETA2) * d**2
            c1, c2 = (1 - BETA1**t, 1 - BETA2**t) if corrected else (1, 1)
            p = (1 - LR * decay) * p - LR * (m / c1) / (jnp.sqrt(v / c2) + EPS)
        return p

    return adam


correct_adam = _adam(penalty=0, decay=0, corrected=True)
adam_without_bias_correction = _adam(penalty=0, decay=0, corrected=False)
correct_adamw = _adam(penalty=0, decay=DECAY, corrected=True)
adamw_decay_as_penalty = _adam(penalty=DECAY, decay=0, corrected=True)
