"""Recurrent networks: of sequences of vectors, and of texts. Inputs are batch first.

A layer of torch.nn.RNN, LSTM or GRU is a sequence of cells of ``reference.recurrent``, which are time first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import recurrent
from ..arrays import Array, Indices
from ..layers import embedding, linear
from .plumbing import picked, picked_at, stacked, transposed
from .tape import Tape

Params = Mapping[str, Array]

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
TIME_FIRST = (1, 0, 2)  # also the way back


@dataclass(frozen=True)
class Net:
    """A kind of recurrent layer, and how many arrays its state has."""

    op: Callable[..., Any]
    states: int


NETS = {"rnn": Net(recurrent.rnn, 1), "lstm": Net(recurrent.lstm, 2), "gru": Net(recurrent.gru, 1)}


def unrolled(
    t: Tape, p: Params, name: str, x: Array, *, net: str, start: Sequence[Array] = (), batch_first: bool = False
) -> Array:
    """All layers under ``name``, each reading the outputs of the one below: hs (T,N,H) for x (T,N,I).

    Kept as torch's modules return them: ``name[0]`` is hs, ``name[1]`` (layers,N,H) the last h of each layer, and of
    an LSTM ``name[2]`` the last c. ``start`` is the first state of a single layer, by default zeros. ``batch_first``
    is about hs as it is kept and returned, (N,T,H), not about x.
    """
    finals = []
    for layer in range(_layers(p, name)):
        weights = [p[f"{name}.{kind}_l{layer}"] for kind in WEIGHTS]
        state = start or _zeros(x.shape[1], weights[1].shape[1], NETS[net].states)
        x, *final = t("", NETS[net].op, x, *state, *weights)
        finals.append(final)
    hs: Array = t(f"{name}[0]", transposed, x, axes=TIME_FIRST) if batch_first else t.tap(f"{name}[0]", x)
    for i, lasts in enumerate(zip(*finals, strict=True)):
        t(f"{name}[{i + 1}]", stacked, *lasts, axis=0)
    return hs


def sequence(t: Tape, p: Params, x: Array, *, net: str, every_step: bool = False) -> Array:
    """Two recurrent layers between affine maps: x (N,T,I) to (N,K) from the last step, or (N,T,K) from every step."""
    h = t("project", linear, x, p["project.weight"], p["project.bias"])
    hs = unrolled(t, p, "recurrent", t("", transposed, h, axes=TIME_FIRST), net=net, batch_first=True)
    h = hs if every_step else t("", picked, hs, index=-1, axis=1)
    y: Array = t("head", linear, h, p["head.weight"], p["head.bias"])
    return y


def text(t: Tape, p: Params, tokens: Indices, lengths: Indices) -> Array:
    """A text classifier: tokens (N,T), of which the first lengths (N,) are real, to logits (N,K).

    An embedding and two plain recurrent layers, time first; the head reads the state after the last real token.
    """
    e = t("embedding", embedding, tokens, p["embedding.weight"])  # N,T,E
    hs = unrolled(t, p, "recurrent", t("", transposed, e, axes=TIME_FIRST), net="rnn")  # T,N,H
    y: Array = t("head", linear, t("", picked_at, hs, lengths - 1), p["head.weight"], p["head.bias"])
    return y


def _layers(p: Params, name: str) -> int:
    return sum(key.startswith(f"{name}.weight_ih_l") for key in p)


def _zeros(batch: int, width: int, count: int) -> list[Array]:
    return [np.zeros((batch, width)) for _ in range(count)]
