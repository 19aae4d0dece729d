"""Padding, shuffles and windows of entries, masked softmax, losses of a matrix of logits."""

import mpmath as mp
import numpy as np

from ..formulas.arrays import padded
from ..formulas.classes import (
    cross_entropy,
    kl_div,
    multi_margin,
    picked,
    smoothed_cross_entropy,
    weighted_cross_entropy,
)
from ..formulas.exponentials import log_softmax, masked_logsumexp, masked_softmax
from ..formulas.recurrent import sigmoid
from ..formulas.windows import folded, unfolded
from ..tensors import HUGE, INFINITE, TINY, TensorRow, each, fixed, shaped

MASK = "[[0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 1]]"
IMAGE = shaped((1, 1, 3, 4))
LOGITS = (
    *shaped((3, 4), skip=(HUGE,)),
    fixed("saturated", [[800.0, 0.0, -800.0, 1.0], [0.0, 90.0, -90.0, 2.0], [50.0, 0.0, 0.0, -50.0]]),
)
MASKED = (*shaped((3, 4), skip=(HUGE, INFINITE)), fixed("saturated", np.array([[9, -9, 0, 1]] * 3) * 100.0))

CLASSES: tuple[TensorRow, ...] = (
    TensorRow(
        "padded by a constant",
        "F.pad(x, (1, 0, 0, 2), value=1.5)",
        "jnp.pad(x, ((0, 2), (1, 0)), constant_values=1.5)",
        lambda x: padded(x, [(0, 2), (1, 0)], 1.5),
        inputs=shaped((2, 3)),
    ),
    TensorRow(
        "padded by less than nothing",
        "F.pad(x, (-1, 1))",
        "lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), (-1, 1, 0)])",
        lambda x: padded(x[:, 1:], [(0, 1)]),
        inputs=shaped((2, 3)),
    ),
    *(
        TensorRow(
            f"padded: {torch}",
            f"F.pad(x[None], (2, 1), mode='{torch}')[0]",
            f"jnp.pad(x, ((0, 0), (2, 1)), mode='{jax}')",
            lambda x, order=order: x[:, order],
            inputs=shaped((2, 4)),
        )
        for torch, jax, order in (
            ("reflect", "reflect", [2, 1, 0, 1, 2, 3, 2]),
            ("replicate", "edge", [0, 0, 0, 1, 2, 3, 3]),
            ("circular", "wrap", [2, 3, 0, 1, 2, 3, 0]),
        )
    ),
    TensorRow(
        "padded: symmetric",
        "torch.cat([x[:, :2].flip(1), x, x[:, -1:]], 1)",
        "jnp.pad(x, ((0, 0), (2, 1)), mode='symmetric')",
        lambda x: x[:, [1, 0, 0, 1, 2, 3, 3]],
        inputs=shaped((2, 4)),
    ),
    TensorRow(
        "padded: reflect, two axes",
        "F.pad(x, (1, 2, 1, 0), mode='reflect')",
        "jnp.pad(x, ((0, 0), (1, 0), (1, 2)), mode='reflect')",
        lambda x: x[:, [1, 0, 1]][:, :, [1, 0, 1, 2, 1, 0]],
        inputs=shaped((1, 2, 3)),
    ),
    TensorRow(
        "pixel_shuffle",
        "F.pixel_shuffle(x, 2)",
        "x.reshape(1, 2, 2, 1, 3).transpose(0, 3, 1, 4, 2).reshape(1, 2, 6)",
        lambda x: x.reshape(1, 2, 2, 1, 3).transpose(0, 3, 1, 4, 2).reshape(1, 2, 6),
        inputs=shaped((4, 1, 3)),
    ),
    TensorRow(
        "pixel_unshuffle",
        "F.pixel_unshuffle(x, 2)",
        "x.reshape(1, 1, 2, 3, 2).transpose(0, 2, 4, 1, 3).reshape(4, 1, 3)",
        lambda x: np.stack([x[0, i::2, j::2] for i in range(2) for j in range(2)]),
        inputs=shaped((1, 2, 6)),
    ),
    TensorRow(
        "channel_shuffle",
        "F.channel_shuffle(x, 2)",
        "x.reshape(1, 2, 2, 2).swapaxes(1, 2).reshape(1, 4, 2)",
        lambda x: x[:, [0, 2, 1, 3]],
        inputs=shaped((1, 4, 2)),
    ),
    TensorRow(
        "unfold",
        "F.unfold(x, 2)",
        "lax.conv_general_dilated_patches(x, (2, 2), (1, 1), 'VALID').reshape(1, 4, 6)",
        unfolded,
        inputs=IMAGE,
    ),
    TensorRow(
        "unfold: two channels",
        "F.unfold(x, 2)",
        "lax.conv_general_dilated_patches(x, (2, 2), (1, 1), 'VALID').reshape(1, 8, 2)",
        unfolded,
        inputs=shaped((1, 2, 2, 3), skip=(TINY, HUGE)),
    ),
    TensorRow(
        "fold",
        "F.fold(x, (3, 3), 2)",
        "jax.vjp(lambda v: lax.conv_general_dilated_patches(v, (2, 2), (1, 1), 'VALID').reshape(1, 4, 4), "
        "jnp.zeros((1, 1, 3, 3), x.dtype))[1](x)[0]",
        folded,
        inputs=shaped((1, 4, 4), skip=(TINY, INFINITE)),
    ),
    TensorRow(
        "dropout: p 0",
        "F.dropout(x, 0.0)",
        "jnp.where(jax.random.bernoulli(jax.random.key(0), 1.0, x.shape), x / 1.0, 0.0)",
        lambda x: x,
        inputs=shaped((2, 3)),
    ),
    TensorRow(
        "softmax with a mask",
        f"torch.softmax(x.masked_fill(torch.tensor({MASK}, dtype=torch.bool), -torch.inf), 1)",
        f"jax.nn.softmax(jnp.where(jnp.array({MASK}, dtype=bool), -jnp.inf, x), 1)",
        lambda x: masked_softmax(x, 1),
        inputs=MASKED,
    ),
    TensorRow(
        "softmax with a mask, axis 0",
        f"torch.softmax(x.masked_fill(torch.tensor({MASK}, dtype=torch.bool), -torch.inf), 0)",
        f"jax.nn.softmax(x, 0, where=~jnp.array({MASK}, dtype=bool))",
        lambda x: masked_softmax(x, 0),
        inputs=MASKED,
    ),
    TensorRow(
        "logsumexp with a mask",
        f"torch.logsumexp(x.masked_fill(torch.tensor({MASK}, dtype=torch.bool), -torch.inf), 1)",
        f"jax.nn.logsumexp(x, 1, where=~jnp.array({MASK}, dtype=bool))",
        masked_logsumexp,
        inputs=MASKED,
    ),
    TensorRow(
        "cross_entropy of logits",
        "F.cross_entropy(x, torch.tensor([1, 0, 3]))",
        "-jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), jnp.array([[1], [0], [3]]), axis=1))",
        cross_entropy,
        inputs=LOGITS,
    ),
    TensorRow(
        "cross_entropy of logits: ignore_index",
        "F.cross_entropy(x, torch.tensor([1, -100, 3]))",
        "-jnp.mean(jax.nn.log_softmax(x)[jnp.array([0, 2]), jnp.array([1, 3])])",
        lambda x: -picked(log_softmax(x[[0, 2]]), (1, 3)).sum() / 2,
        inputs=LOGITS,
    ),
    TensorRow(
        "cross_entropy of logits: label smoothing",
        "F.cross_entropy(x, torch.tensor([1, 0, 3]), label_smoothing=0.1)",
        "-jnp.mean(jnp.sum((0.9 * jax.nn.one_hot(jnp.array([1, 0, 3]), 4, dtype=x.dtype) + 0.1 / 4)"
        " * jax.nn.log_softmax(x), axis=1))",
        smoothed_cross_entropy,
        inputs=LOGITS,
    ),
    TensorRow(
        "cross_entropy of logits: class weights",
        "F.cross_entropy(x, torch.tensor([1, 0, 3]), weight=torch.tensor([0.5, 1.0, 2.0, 0.25], dtype=x.dtype))",
        "-jnp.average(jax.nn.log_softmax(x)[jnp.arange(3), jnp.array([1, 0, 3])], weights=jnp.array([1.0, 0.5, 0.25]))",
        weighted_cross_entropy,
        inputs=LOGITS,
    ),
    TensorRow(
        "cross_entropy of probabilities",
        "F.cross_entropy(x, torch.tensor([[0.25, 0.5, 0.0, 0.25], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]], "
        "dtype=x.dtype), reduction='sum')",
        "-jnp.sum(jnp.array([[0.25, 0.5, 0.0, 0.25], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]], x.dtype)"
        " * jax.nn.log_softmax(x))",
        lambda x: -(log_softmax(x) * [[0.25, 0.5, 0, 0.25], [1, 0, 0, 0], [0, 0, 0.5, 0.5]]).sum(),
        inputs=LOGITS,
    ),
    TensorRow(
        "nll_loss",
        "F.nll_loss(x, torch.tensor([1, 0, 3]))",
        "-jnp.mean(jnp.take_along_axis(x, jnp.array([[1], [0], [3]]), axis=1))",
        lambda x: -picked(x).sum() / 3,
        inputs=shaped((3, 4)),
    ),
    TensorRow(
        "multi_margin_loss",
        "F.multi_margin_loss(x, torch.tensor([1, 0, 3]))",
        "(jnp.sum(jax.nn.relu(1 + x - jnp.take_along_axis(x, jnp.array([[1], [0], [3]]), axis=1))) - 3) / 12",
        multi_margin,
        inputs=shaped((3, 4), skip=(TINY,)),
    ),
    TensorRow(
        "kl_div: batchmean",
        "F.kl_div(x, y, reduction='batchmean')",
        "jnp.sum(jsp.special.xlogy(y, y) - x * y) / x.shape[0]",
        kl_div,
        inputs=shaped((2, 4), (2, 4), low=0.125, high=2.0),
    ),
    TensorRow(
        "kl_div: log_target",
        "F.kl_div(x, y, reduction='batchmean', log_target=True)",
        "jnp.sum(jnp.exp(y) * (y - x)) / x.shape[0]",
        lambda x, y: (each(mp.exp)(y) * (y - x)).sum() / len(x),
        inputs=shaped((2, 4), (2, 4), skip=(HUGE, TINY)),
    ),
    TensorRow(
        "glu",
        "F.glu(x)",
        "jax.nn.glu(x)",
        lambda x: x[:, :2] * sigmoid(x[:, 2:]),
        inputs=(
            *shaped((2, 4), skip=(HUGE,)),
            fixed("saturated", [[1.0, -2.0, 800.0, -800.0], [3.0, 0.5, -90.0, 90.0]]),
        ),
    ),
)
