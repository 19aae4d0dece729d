"""Layers: affine, convolution, pooling, normalisation, embedding, dropout, attention, and linear regression."""

from .attention import attention, attention_vjp, multi_head_attention, multi_head_attention_vjp
from .batch_normalisation import (
    batch_norm,
    batch_norm_eval,
    batch_norm_eval_vjp,
    batch_norm_running,
    batch_norm_running_vjp,
    batch_norm_vjp,
)
from .conv import conv2d, conv2d_vjp
from .dropout import dropout, dropout_vjp
from .embedding import embedding, embedding_vjp
from .linear import linear, linear_vjp
from .normalisation import layer_norm, layer_norm_vjp, rms_norm, rms_norm_vjp
from .pooling import avg_pool2d, avg_pool2d_vjp, max_pool2d, max_pool2d_vjp
from .regression import linear_regression_fit, linear_regression_loss, linear_regression_loss_vjp
from .transposed_conv import conv_transpose2d, conv_transpose2d_vjp

__all__ = [
    "attention",
    "attention_vjp",
    "avg_pool2d",
    "avg_pool2d_vjp",
    "batch_norm",
    "batch_norm_eval",
    "batch_norm_eval_vjp",
    "batch_norm_running",
    "batch_norm_running_vjp",
    "batch_norm_vjp",
    "conv2d",
    "conv2d_vjp",
    "conv_transpose2d",
    "conv_transpose2d_vjp",
    "dropout",
    "dropout_vjp",
    "embedding",
    "embedding_vjp",
    "layer_norm",
    "layer_norm_vjp",
    "linear",
    "linear_regression_fit",
    "linear_regression_loss",
    "linear_regression_loss_vjp",
    "linear_vjp",
    "max_pool2d",
    "max_pool2d_vjp",
    "multi_head_attention",
    "multi_head_attention_vjp",
    "rms_norm",
    "rms_norm_vjp",
]
