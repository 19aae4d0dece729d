"""Sequence to sequence with attention: an encoder, and a decoder that looks at all that the encoder made.

Source: M.-T. Luong, H. Pham, C. D. Manning, Effective Approaches to Attention-based Neural Machine Translation (2015),
section 3.1: global attention, the score is the dot product.
"""

from collections.abc import Mapping

import numpy as np

from ..activations import tanh
from ..arrays import Array, Indices
from ..layers import embedding, linear
from .attention import attended
from .plumbing import Mask, concatenated, picked_at, reshaped, transposed
from .recurrent import TIME_FIRST, unrolled
from .tape import Tape

Params = Mapping[str, Array]


def translation(t: Tape, p: Params, source: Indices, lengths: Indices, before: Indices) -> Array:
    """Logits (N T, K) of the words of a translation, each given the words ``before`` it (N,T): teacher forcing.

    source (N,S), of which the first lengths (N,) are real: the decoder starts with the encoder's state after the last
    real one, and its attention passes over the rest. Rows of the logits: all words of the first sentence, then on.
    """
    hs = _states(t, p, "encoder", source)  # N,S,H
    last = t("", picked_at, t("", transposed, hs, axes=TIME_FIRST), lengths - 1)  # N,H
    ds = _states(t, p, "decoder", before, last)  # N,T,H
    context = attended(t, "attention", ds, hs, hs, _real(source, lengths)[:, None], scale=1.0)
    h = t("", concatenated, context, ds, axis=2)
    h = t("tanh", tanh, t("combine", linear, h, p["combine.weight"], p["combine.bias"]))
    y = t("head", linear, h, p["head.weight"], p["head.bias"])
    logits: Array = t("", reshaped, y, shape=(-1, y.shape[-1]))
    return logits


def _states(t: Tape, p: Params, name: str, words: Indices, *start: Array) -> Array:
    """The states of a GRU over embedded words, batch first."""
    e = t(f"{name}_embedding", embedding, words, p[f"{name}_embedding.weight"])
    return unrolled(t, p, name, t("", transposed, e, axes=TIME_FIRST), net="gru", start=start, batch_first=True)


def _real(words: Indices, lengths: Indices) -> Mask:
    return np.asarray(np.arange(words.shape[1]) < lengths[:, None])
