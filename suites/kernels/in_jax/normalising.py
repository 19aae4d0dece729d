"""jax.nn's softmax, and the norms in jax.numpy: in float32 at least, as Flax computes them."""

from typing import Any

import jax
import jax.numpy as jnp


def softmax(x: Any) -> Any:
    return jax.nn.softmax(x)


def cross_entropy(logits: Any, target: Any) -> Any:
    """Of the logarithm only the entry that came is wanted."""
    wanted = jnp.take_along_axis(logits, target[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(logits, axis=1) - wanted)


def layer_norm(x: Any, w: Any, b: Any) -> Any:
    wide = _wide(x)
    centred = wide - jnp.mean(wide, -1, keepdims=True)
    var = jnp.mean(centred**2, -1, keepdims=True)
    return w * (centred * jax.lax.rsqrt(var + 1e-5)).astype(x.dtype) + b


def rms_norm(x: Any, w: Any) -> Any:
    wide = _wide(x)
    return w * (wide * jax.lax.rsqrt(jnp.mean(wide**2, -1, keepdims=True) + 1e-6)).astype(x.dtype)


def _wide(x: Any) -> Any:
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))
