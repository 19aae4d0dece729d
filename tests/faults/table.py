"""The faults: wrong formulas as articles print them, and what must be said of each.

A fault is a function of ``in_torch`` and of ``in_jax`` under its row's name; ``correct`` names the right one of the
same op in both, which is judged by the same call and must pass.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from reference import activations, layers, losses, optimisers, recurrent

Rng = np.random.Generator
Function = Callable[..., Any]

BOTH = ("torch", "jax")


@dataclass(frozen=True)
class Fault:
    """``blamed`` are the outputs and gradients that disagree with the references: these and no others.

    ``says`` are patterns that the message contains besides, such as the ratio and what it hints at. ``bare``: the
    value is right and the gradient wrong, so that differences show it without any reference; only a few rows, since
    that takes long.
    """

    name: str
    correct: str
    make: Callable[[Rng], tuple[Any, ...]]
    reference: Function
    reference_vjp: Function | None
    blamed: tuple[str, ...]
    says: tuple[str, ...] = ()
    wrt: tuple[int, ...] | None = None
    frameworks: tuple[str, ...] = BOTH
    bare: bool = False

    def __str__(self) -> str:
        return self.name

    def faulty_in(self, framework: str) -> Function:
        return _implementation(framework, self.name)

    def correct_in(self, framework: str) -> Function:
        return _implementation(framework, self.correct)

    def judges(self) -> dict[str, Any]:
        """Keywords of check_grads."""
        return {"reference": self.reference, "reference_vjp": self.reference_vjp, "wrt": self.wrt}

    def verdicts(self) -> set[tuple[str, str]]:
        """(what disagrees, the oracle that says so)."""
        return {(what, _oracle(what)) for what in self.blamed}

    def sentences(self, target: object) -> Iterator[str]:
        """Patterns of the lines that name what disagrees, where, and with which oracle."""
        for what in self.blamed:
            yield rf"(?m)^{re.escape(what)}(\[[\d, ]+\])? on {target} disagrees with the {_oracle(what)}$"


def _oracle(what: str) -> str:
    return "reference vjp" if what.startswith("d") else "reference"


def _implementation(framework: str, name: str) -> Function:
    found: Function = getattr(import_module(f".in_{framework}", __package__), name)
    return found


def _ratio(number: str, hint: str = "") -> str:
    """The line that shows obtained / expected, and what that ratio usually means."""
    return rf"(?m)^  ratio     {re.escape(number)}{': ' if hint else '$'}{re.escape(hint)}"


def _normal(*shapes: tuple[int, ...]) -> Callable[[Rng], tuple[Any, ...]]:
    return lambda rng: tuple(rng.normal(size=shape) for shape in shapes)


def _recurrent(*shapes: tuple[int, ...], weights: int) -> Callable[[Rng], tuple[Any, ...]]:
    """Arrays of which the last ``weights`` are as small as an initialisation makes them.

    Larger ones saturate tanh, where both frameworks take its slope 1 - y^2 from a rounded y: that loses digits which
    a jitter of the inputs does not show.
    """

    def make(rng: Rng) -> tuple[Any, ...]:
        given = len(shapes) - weights
        return tuple((1.0 if i < given else 0.3) * rng.normal(size=shape) for i, shape in enumerate(shapes))

    return make


def _apart(rng: Rng) -> tuple[Any, ...]:
    """A prediction and a target: distances below Huber's delta of 1 and above, none near it."""
    t = rng.normal(size=(3, 4))
    distance = np.tile([0.5, 1.5], 6).reshape(3, 4) + 0.3 * rng.uniform(-1, 1, size=(3, 4))
    return t + rng.choice([-1, 1], size=t.shape) * distance, t


def _classes(rng: Rng) -> tuple[Any, ...]:
    """Logits of three rows over four classes, and the class of each row."""
    return rng.normal(size=(3, 4)), rng.integers(4, size=3)


def _distributions(rng: Rng) -> tuple[Any, ...]:
    """log q and p."""
    log_q, log_p = (activations.log_softmax(rng.normal(size=(3, 4))) for _ in range(2))
    return log_q, np.exp(log_p)


def _untied(rng: Rng) -> tuple[Any, ...]:
    """A picture of 2 x 2 windows in which the largest cell stands out and is never the first."""
    cells = 0.8 * rng.uniform(size=(8, 4))
    cells[np.arange(8), rng.integers(1, 4, size=8)] += 1
    return (cells.reshape(2, 1, 2, 2, 2, 2).swapaxes(3, 4).reshape(2, 1, 4, 4),)


def _statistics(rng: Rng) -> tuple[Any, ...]:
    """x, w, b and running statistics of another batch."""
    return (*_normal((3, 4), (4,), (4,), (4,))(rng), rng.uniform(0.5, 2, size=4))


def _repeated(rng: Rng) -> tuple[Any, ...]:
    """Indices of which one comes three times and one never, and the table."""
    return np.array([2, 0, 2, 2]), rng.normal(size=(3, 4))


def _masked(rng: Rng) -> tuple[Any, ...]:
    """x, and a mask that keeps every other element."""
    return rng.normal(size=(3, 4)), np.arange(12).reshape(3, 4) % 2 == 0


def _steps(step: Function, **options: Any) -> Function:
    """``f(p, g)``: the parameter after a step by each row of g."""

    def after(p: Any, g: Any) -> Any:
        state = optimisers.adam_init(p)
        for gradient in g:
            p, state = step(p, gradient, state, lr=0.1, **options)
        return p

    return after


def _last_state(x: Any, h0: Any, *weights: Any) -> Any:
    return recurrent.rnn(x, h0, *weights)[1]


def _last_state_vjp(g: Any, x: Any, h0: Any, *weights: Any) -> Any:
    return recurrent.rnn_vjp((np.zeros((len(x), *g.shape)), g), x, h0, *weights)


def _column_vjp(g: Any, y: Any, t: Any) -> Any:
    dy, dt = losses.mse_vjp(g, y[:, 0], t)
    return dy[:, None], dt


def _centred_vjp(g: Any, x: Any, mean: Any) -> Any:
    return g, -g.sum(axis=0)


_mse = ("correct_mse", _normal((3, 4), (3, 4)), losses.mse, losses.mse_vjp, ("dy",))
_attention = _normal((3, 4), (3, 4), (3, 4))
_lstm = (
    "correct_lstm_cell",
    _recurrent((3, 4), (3, 4), (3, 4), (16, 4), (16, 4), (16,), (16,), weights=4),
    recurrent.lstm_cell,
    recurrent.lstm_cell_vjp,
    ("out[0]", "out[1]", "dx", "dh", "dc", "dw_ih", "dw_hh", "db_ih", "db_hh"),
)
_pooling = {"window": (2, 2)}
_same = {"padding": (1, 1)}

FAULTS = (
    # Losses
    Fault(
        "linear_regression_mean_input",
        "correct_linear_regression",
        _normal((4,), (), (3, 4), (3,)),
        layers.linear_regression_loss,
        layers.linear_regression_loss_vjp,
        ("dw",),
    ),
    Fault("mse_gradient_doubled", *_mse, (_ratio("2", "counted twice, or a missing 1/2"),)),
    Fault("mse_gradient_without_mean", *_mse, (_ratio("12", "a mean that was not taken (ratio n)"),)),
    Fault("mse_gradient_mean_twice", *_mse, (_ratio("0.0833333", "a mean taken twice (ratio 1/n)"),)),
    Fault(
        "mse_column_against_row",
        "correct_mse_of_column",
        _normal((3, 1), (3,)),
        lambda y, t: losses.mse(y[:, 0], t),
        _column_vjp,
        ("out", "dy", "dt"),
    ),
    Fault(
        "huber_sign_beyond_delta",
        "correct_huber",
        _apart,
        losses.huber,
        losses.huber_vjp,
        ("dy", "dt"),
        (_ratio("-1", "sign flipped"),),
    ),
    Fault(
        "cross_entropy_without_mean",
        "correct_cross_entropy",
        _classes,
        losses.cross_entropy,
        losses.cross_entropy_vjp,
        ("out", "dlogits"),
        (_ratio("3", "a mean that was not taken (ratio axis 0 of logits)"),),
    ),
    Fault(
        "cross_entropy_as_absolute_error",
        "correct_cross_entropy",
        _classes,
        losses.cross_entropy,
        losses.cross_entropy_vjp,
        ("out", "dlogits"),
    ),
    Fault(
        "label_smoothing_over_others",
        "correct_label_smoothing",
        _classes,
        partial(losses.cross_entropy, label_smoothing=0.1),
        partial(losses.cross_entropy_vjp, label_smoothing=0.1),
        ("out", "dlogits"),
    ),
    Fault(
        "kl_divergence_swapped",
        "correct_kl_divergence",
        _distributions,
        partial(losses.kl_divergence, reduction="batchmean"),
        partial(losses.kl_divergence_vjp, reduction="batchmean"),
        ("out", "dlog_q", "dp"),
    ),
    # Activations
    Fault(
        "softmax_over_batch",
        "correct_softmax",
        _normal((4, 4)),
        activations.softmax,
        activations.softmax_vjp,
        ("out", "dx"),
    ),
    Fault("gelu_tanh_for_erf", "correct_gelu", _normal((3, 4)), activations.gelu, activations.gelu_vjp, ("out", "dx")),
    Fault(
        "silu_detached_gate",
        "correct_silu",
        _normal((3, 4)),
        activations.silu,
        activations.silu_vjp,
        ("dx",),
        bare=True,
    ),
    # Layers
    Fault(
        "bias_gradient_over_features",
        "correct_linear",
        _normal((3, 4), (3, 4), (3,)),
        layers.linear,
        layers.linear_vjp,
        ("db",),
    ),
    Fault(
        "conv_gradient_unflipped",
        "correct_conv2d",
        _normal((2, 2, 4, 4), (2, 2, 3, 3)),
        partial(layers.conv2d, **_same),
        lambda g, x, w: layers.conv2d_vjp(g, x, w, **_same)[:2],
        ("dx",),
    ),
    Fault(
        "max_pool_gradient_spread",
        "correct_max_pool2d",
        _untied,
        partial(layers.max_pool2d, **_pooling),
        partial(layers.max_pool2d_vjp, **_pooling),
        ("dx",),
        (_ratio("0.25", "divided by axis 2 of x"),),
        bare=True,
    ),
    Fault(
        "max_pool_gradient_to_first",
        "correct_max_pool2d",
        _untied,
        partial(layers.max_pool2d, **_pooling),
        partial(layers.max_pool2d_vjp, **_pooling),
        ("dx",),
    ),
    Fault(
        "layer_norm_unbiased",
        "correct_layer_norm",
        _normal((3, 4), (4,), (4,)),
        layers.layer_norm,
        layers.layer_norm_vjp,
        ("out", "dx", "dw"),
        (r"(?m)^  ratio     0\.866",),
    ),
    Fault(
        "rms_norm_eps_outside",
        "correct_rms_norm",
        _normal((3, 4), (4,)),
        partial(layers.rms_norm, eps=0.1),
        partial(layers.rms_norm_vjp, eps=0.1),
        ("out", "dx", "dw"),
    ),
    Fault(
        "batch_norm_eval_of_batch",
        "correct_batch_norm_eval",
        _statistics,
        layers.batch_norm_eval,
        layers.batch_norm_eval_vjp,
        ("out", "dx", "dw"),
        wrt=(0, 1, 2),  # torch gives running statistics no gradient
    ),
    Fault(
        "embedding_gradient_overwritten",
        "correct_embedding",
        _repeated,
        layers.embedding,
        layers.embedding_vjp,
        ("dw",),
        bare=True,
    ),
    Fault(
        "dropout_unscaled",
        "correct_dropout",
        _masked,
        partial(layers.dropout, rate=0.5),
        partial(layers.dropout_vjp, rate=0.5),
        ("out", "dx"),
        (_ratio("0.5", "halved"),),
    ),
    # Attention
    Fault(
        "attention_unscaled",
        "correct_attention",
        _attention,
        layers.attention,
        layers.attention_vjp,
        ("out", "dq", "dk", "dv"),
    ),
    Fault(
        "causal_mask_off_by_one",
        "correct_causal_attention",
        _attention,
        partial(layers.attention, causal=True),
        partial(layers.attention_vjp, causal=True),
        ("out", "dq", "dk", "dv"),
    ),
    # Recurrent cells
    Fault("lstm_gates_share_weights", *_lstm),
    Fault("lstm_gate_order", *_lstm),
    Fault(
        "bptt_cut_short",
        "correct_rnn",
        _recurrent((3, 3, 4), (3, 4), (4, 4), (4, 4), (4,), (4,), weights=4),
        _last_state,
        _last_state_vjp,
        ("dx", "dh0", "dw_ih", "dw_hh", "db_ih", "db_hh"),
        ("not written, or cut off from the graph",),
    ),
    # Steps of optimisers
    Fault(
        "adam_without_bias_correction",
        "correct_adam",
        _normal((3, 4), (2, 3, 4)),
        _steps(optimisers.adam_step),
        None,
        ("out",),
        wrt=(),
    ),
    Fault(
        "adamw_decay_as_penalty",
        "correct_adamw",
        _normal((3, 4), (2, 3, 4)),
        _steps(optimisers.adamw_step, weight_decay=0.1),
        None,
        ("out",),
        wrt=(),
    ),
    # Arguments written to; JAX's arrays cannot be
    Fault(
        "mutated_input",
        "correct_centred",
        _normal((3, 4), (4,)),
        np.subtract,
        _centred_vjp,
        (),
        ("x on torch-.* was modified",),
        frameworks=("torch",),
    ),
    Fault(
        "mutated_running_mean",
        "correct_centred",
        _normal((3, 4), (4,)),
        np.subtract,
        _centred_vjp,
        (),
        ("mean on torch-.* was modified",),
        wrt=(0,),
        frameworks=("torch",),
    ),
)
