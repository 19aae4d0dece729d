"""Transformers: an encoder in the way of BERT, and a causal model of language. Tensors are (N,L,E), batch first."""

from collections.abc import Mapping

import numpy as np

from ..activations import gelu
from ..arrays import Array, Indices
from ..layers import dropout, embedding, layer_norm, linear
from .attention import mixed, multi_head
from .plumbing import Mask, add, matmul, picked, reshaped, transposed
from .tape import Tape

Params = Mapping[str, Array]


def encoder(
    t: Tape, p: Params, tokens: Indices, real: Mask, masks: Mask | None = None, *, heads: int, rate: float = 0.0
) -> Array:
    """Logits (N,K) of texts: the first token, which every token has told of itself, is what the head reads.

    tokens (N,L); real (N,L) is False where there is padding, which is attended to by nobody. masks (N,2,L,E) are those
    of dropout at ``rate``, in order, without which there is none. One block: attention, then two affine maps with a
    GELU between them, each added to what it read and the sum normalised.

    Source: J. Devlin et al., BERT (2018), section 3; A. Vaswani et al., Attention Is All You Need (2017), section 3.1.
    """
    h = _norm(t, p, "norm", _embedded(t, p, tokens))
    y = multi_head(t, p, "block.attention", h, real[:, None, None], heads=heads)
    h = _norm(t, p, "block.norm1", t("", add, h, _dropped(t, "block.dropout1", y, masks, 0, rate)))
    y = _fed_forward(t, p, "block", h)
    h = _norm(t, p, "block.norm2", t("", add, h, _dropped(t, "block.dropout2", y, masks, 1, rate)))
    return _linear(t, p, "head", t("", picked, t.tap("block", h), index=0, axis=1))


def language(
    t: Tape, p: Params, tokens: Indices, masks: Mask | None = None, *, heads: int, tied: bool, rate: float = 0.0
) -> Array:
    """Logits (N L, V) of the token that follows each of tokens (N,L): all of the first text, then on.

    Two blocks that normalise what they read and add what they make of it, and one more normalisation. masks
    (N,5,L,E) as for ``encoder``: that of the embedding, then two for each block. ``tied``: the table of tokens is the
    head too.

    Source: A. Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.3 (the place of
    the normalisations); O. Press, L. Wolf, Using the Output Embedding to Improve Language Models (2017) (tied).
    """
    h = _dropped(t, "dropout", _embedded(t, p, tokens), masks, 0, rate)
    for i in (1, 2):
        h = _causal_block(t, p, f"block{i}", h, None if masks is None else masks[:, 2 * i - 1 : 2 * i + 1], heads, rate)
    h = _norm(t, p, "norm", h)
    head = t("", transposed, p["token.weight"], axes=(1, 0)) if tied else None
    y = _linear(t, p, "head", h) if head is None else t("head", matmul, h, head)
    logits: Array = t("", reshaped, y, shape=(-1, y.shape[-1]))
    return logits


def _causal_block(t: Tape, p: Params, name: str, x: Array, masks: Mask | None, heads: int, rate: float) -> Array:
    h = _norm(t, p, f"{name}.norm1", x)
    qkv = tuple(_linear(t, p, f"{name}.attention.{part}", h) for part in ("query", "key", "value"))
    earlier = np.tri(x.shape[1], dtype=np.bool_)
    y = mixed(t, f"{name}.attention.mix", qkv, earlier, heads=heads)  # type: ignore[arg-type]
    y = t.tap(f"{name}.attention", _linear(t, p, f"{name}.attention.out", y))
    x = t("", add, x, _dropped(t, f"{name}.dropout1", y, masks, 0, rate))
    y = _fed_forward(t, p, name, _norm(t, p, f"{name}.norm2", x))
    y = t("", add, x, _dropped(t, f"{name}.dropout2", y, masks, 1, rate))
    return t.tap(name, y)


def _embedded(t: Tape, p: Params, tokens: Indices) -> Array:
    """What the token is, and where it stands."""
    what = t("token", embedding, tokens, p["token.weight"])  # N,L,E
    where = t("position", embedding, np.arange(tokens.shape[1]), p["position.weight"])  # L,E
    h: Array = t("", add, what, where)
    return h


def _fed_forward(t: Tape, p: Params, name: str, x: Array) -> Array:
    h = t(f"{name}.gelu", gelu, _linear(t, p, f"{name}.fc1", x))
    return _linear(t, p, f"{name}.fc2", h)


def _dropped(t: Tape, name: str, x: Array, masks: Mask | None, index: int, rate: float) -> Array:
    y: Array = t.tap(name, x) if masks is None else t(name, dropout, x, masks[:, index], rate=rate)
    return y


def _linear(t: Tape, p: Params, name: str, x: Array) -> Array:
    y: Array = t(name, linear, x, p[f"{name}.weight"], p[f"{name}.bias"])
    return y


def _norm(t: Tape, p: Params, name: str, x: Array) -> Array:
    y: Array = t(name, layer_norm, x, p[f"{name}.weight"], p[f"{name}.bias"])
    return y
