"""The faults in PyTorch, each under its row's name, beside the correct op under ``correct_<op>``.

Fault and correct op come from one builder, so that a slip stands in one line and nothing else differs.
"""

import functools
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

Function = Callable[..., Any]

LR, BETA1, BETA2, EPS, DECAY = 0.1, 0.9, 0.999, 1e-8, 0.1


def pulled_back_by(pullback: Function) -> Callable[[Function], Function]:
    """Replace a function's gradient by ``pullback(g, *args)``, which returns one gradient for each argument."""

    def dressed(value: Function) -> Function:
        class Op(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, *args: Any) -> Any:
                ctx.save_for_backward(*args)
                return value(*args)

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                return pullback(g, *ctx.saved_tensors)

        @functools.wraps(value)
        def op(*args: Any) -> Any:
            return Op.apply(*args)

        return op

    return dressed


# Losses


def _linear_regression(slope: Function) -> Function:
    def pullback(g: Any, w: Any, b: Any, x: Any, t: Any) -> Any:
        dr = g * 2 * (x @ w + b - t) / len(t)
        return g * slope(w, b, x, t), dr.sum(), torch.outer(dr, w), -dr

    @pulled_back_by(pullback)
    def linear_regression(w: Any, b: Any, x: Any, t: Any) -> Any:
        return ((x @ w + b - t) ** 2).mean()

    return linear_regression


correct_linear_regression = _linear_regression(lambda w, b, x, t: 2 / len(t) * x.T @ (x @ w + b - t))
linear_regression_mean_input = _linear_regression(lambda w, b, x, t: x.sum(0) / len(t) - t.sum() / len(t))


def _mse(factor: Callable[[int], float]) -> Function:
    def pullback(g: Any, y: Any, t: Any) -> Any:
        return g * factor(y.numel()) * (y - t), g * 2 / y.numel() * (t - y)

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
        dy = g * torch.where(d.abs() <= 1, d, beyond(d)) / d.numel()
        return dy, -dy

    @pulled_back_by(pullback)
    def huber(y: Any, t: Any) -> Any:
        return F.huber_loss(y, t)

    return huber


correct_huber = _huber(torch.sign)
huber_sign_beyond_delta = _huber(lambda d: -torch.sign(d))


def correct_cross_entropy(logits: Any, target: Any) -> Any:
    return F.cross_entropy(logits, target)


def cross_entropy_without_mean(logits: Any, target: Any) -> Any:
    return F.cross_entropy(logits, target, reduction="sum")


def cross_entropy_as_absolute_error(logits: Any, target: Any) -> Any:
    return (F.softmax(logits, dim=1) - F.one_hot(target, logits.shape[1])).abs().mean()


def correct_label_smoothing(logits: Any, target: Any) -> Any:
    return F.cross_entropy(logits, target, label_smoothing=0.1)


def label_smoothing_over_others(logits: Any, target: Any) -> Any:
    hot = F.one_hot(target, logits.shape[1])
    q = 0.9 * hot + 0.1 / (logits.shape[1] - 1) * (1 - hot)
    return -(q * F.log_softmax(logits, dim=1)).sum(1).mean()


def correct_kl_divergence(log_q: Any, p: Any) -> Any:
    return F.kl_div(log_q, p, reduction="batchmean")


def kl_divergence_swapped(log_q: Any, p: Any) -> Any:
    return F.kl_div(p.log(), log_q.exp(), reduction="batchmean")


# Activations


def correct_softmax(x: Any) -> Any:
    return F.softmax(x, dim=1)


def softmax_over_batch(x: Any) -> Any:
    return F.softmax(x, dim=0)


def correct_gelu(x: Any) -> Any:
    return F.gelu(x)


def gelu_tanh_for_erf(x: Any) -> Any:
    return F.gelu(x, approximate="tanh")


def correct_silu(x: Any) -> Any:
    return F.silu(x)


def silu_detached_gate(x: Any) -> Any:
    return x * torch.sigmoid(x).detach()


# Layers


def _linear(dbias: Function) -> Function:
    @pulled_back_by(lambda g, x, w, b: (g @ w, g.T @ x, dbias(g)))
    def linear(x: Any, w: Any, b: Any) -> Any:
        return F.linear(x, w, b)

    return linear


correct_linear = _linear(lambda g: g.sum(0))
bias_gradient_over_features = _linear(lambda g: g.sum(1))


def _conv2d(kernel: Function) -> Function:
    def pullback(g: Any, x: Any, w: Any) -> Any:
        dx = F.conv2d(g, kernel(w).transpose(0, 1), padding=1)
        dw = F.conv2d(x.transpose(0, 1), g.transpose(0, 1), padding=1).transpose(0, 1)
        return dx, dw

    @pulled_back_by(pullback)
    def conv2d(x: Any, w: Any) -> Any:
        return F.conv2d(x, w, padding=1)

    return conv2d


correct_conv2d = _conv2d(lambda w: w.flip(2, 3))
conv_gradient_unflipped = _conv2d(lambda w: w)


def _max_pool2d(spread: Function) -> Function:
    @pulled_back_by(lambda g, x: (spread(g, x),))
    def max_pool2d(x: Any) -> Any:
        return F.max_pool2d(x, 2)

    return max_pool2d


def _each_cell(g: Any) -> Any:
    return g.repeat_interleave(2, 2).repeat_interleave(2, 3)


def _first_cell(g: Any, x: Any) -> Any:
    dx = torch.zeros_like(x)
    dx[:, :, ::2, ::2] = g
    return dx


correct_max_pool2d = _max_pool2d(lambda g, x: torch.where(x == _each_cell(F.max_pool2d(x, 2)), _each_cell(g), 0))
max_pool_gradient_spread = _max_pool2d(lambda g, x: _each_cell(g) / 4)
max_pool_gradient_to_first = _max_pool2d(_first_cell)


def correct_layer_norm(x: Any, w: Any, b: Any) -> Any:
    return F.layer_norm(x, w.shape, w, b)


def layer_norm_unbiased(x: Any, w: Any, b: Any) -> Any:
    var = x.var(-1, keepdim=True, correction=1)
    return w * (x - x.mean(-1, keepdim=True)) / torch.sqrt(var + 1e-5) + b


def correct_rms_norm(x: Any, w: Any) -> Any:
    return F.rms_norm(x, w.shape, w, eps=0.1)


def rms_norm_eps_outside(x: Any, w: Any) -> Any:
    return w * x / (torch.sqrt((x**2).mean(-1, keepdim=True)) + 0.1)


def correct_batch_norm_eval(x: Any, w: Any, b: Any, mean: Any, var: Any) -> Any:
    return F.batch_norm(x, mean, var, w, b, training=False)


def batch_norm_eval_of_batch(x: Any, w: Any, b: Any, mean: Any, var: Any) -> Any:
    return F.batch_norm(x, None, None, w, b, training=True)


def _embedding(collected: Function) -> Function:
    @pulled_back_by(lambda g, indices, w: (None, collected(torch.zeros_like(w), indices, g)))
    def embedding(indices: Any, w: Any) -> Any:
        return F.embedding(indices, w)

    return embedding


correct_embedding = _embedding(lambda dw, indices, g: dw.index_put((indices,), g, accumulate=True))
embedding_gradient_overwritten = _embedding(lambda dw, indices, g: dw.index_put((indices,), g))


def correct_dropout(x: Any, mask: Any) -> Any:
    return x * mask / (1 - 0.5)


def dropout_unscaled(x: Any, mask: Any) -> Any:
    return x * mask


# Attention


def correct_attention(q: Any, k: Any, v: Any) -> Any:
    return F.scaled_dot_product_attention(q, k, v)


def attention_unscaled(q: Any, k: Any, v: Any) -> Any:
    return F.softmax(q @ k.mT, dim=-1) @ v


def correct_causal_attention(q: Any, k: Any, v: Any) -> Any:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def causal_mask_off_by_one(q: Any, k: Any, v: Any) -> Any:
    seen = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril(1)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=seen)


# Recurrent cells


def _lstm_cell(packed: Function, split: Function) -> Function:
    def lstm_cell(x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        i, f, g, o = split(F.linear(x, packed(w_ih), b_ih) + F.linear(h, packed(w_hh), b_hh))
        c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c_next), c_next

    return lstm_cell


def _in_order(a: Any) -> Any:
    return a.chunk(4, 1)


def _output_before_candidate(a: Any) -> Any:
    i, f, o, g = a.chunk(4, 1)
    return i, f, g, o


def _candidate_twice(w: Any) -> Any:
    _, f, g, o = w.chunk(4, 0)
    return torch.cat([g, f, g, o])


correct_lstm_cell = _lstm_cell(lambda w: w, _in_order)
lstm_gates_share_weights = _lstm_cell(_candidate_twice, _in_order)
lstm_gate_order = _lstm_cell(lambda w: w, _output_before_candidate)


def _rnn(kept: Callable[[Any, int], Any]) -> Function:
    def rnn(x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        h = h0
        for t in range(len(x)):
            h = torch.tanh(F.linear(x[t], w_ih, b_ih) + F.linear(kept(h, len(x) - t), w_hh, b_hh))
        return h

    return rnn


correct_rnn = _rnn(lambda h, left: h)
bptt_cut_short = _rnn(lambda h, left: h.detach() if left == 2 else h)


# Steps of optimisers, one for each row of g


def _adam(penalty: float, decay: float, corrected: bool) -> Function:
    def adam(p: Any, g: Any) -> Any:
        m, v = torch.zeros_like(p), torch.zeros_like(p)
        for t in range(1, len(g) + 1):
            d = g[t - 1] + penalty * p
            m, v = BETA1 * m + (1 - BETA1) * d, BETA2 * v + (1 - BETA2) * d**2
            c1, c2 = (1 - BETA1**t, 1 - BETA2**t) if corrected else (1, 1)
            p = (1 - LR * decay) * p - LR * (m / c1) / (torch.sqrt(v / c2) + EPS)
        return p

    return adam


correct_adam = _adam(penalty=0, decay=0, corrected=True)
adam_without_bias_correction = _adam(penalty=0, decay=0, corrected=False)
correct_adamw = _adam(penalty=0, decay=DECAY, corrected=True)
adamw_decay_as_penalty = _adam(penalty=DECAY, decay=0, corrected=True)


# Arguments written to


def correct_centred(x: Any, mean: Any) -> Any:
    return x - mean


def mutated_input(x: Any, mean: Any) -> Any:
    y = x - mean
    with torch.no_grad():
        x.sub_(mean)
    return y


def mutated_running_mean(x: Any, mean: Any) -> Any:
    y = x - mean
    mean.mul_(0.9).add_(0.1 * x.detach().mean(0))
    return y
