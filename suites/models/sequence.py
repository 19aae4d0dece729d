"""Rows of recurrent models: of vectors, of texts, from one language into another. Batches are first, token 0 pads."""

from typing import Any

import numpy as np

from .dense import affine
from .initial import Shapes
from .table import ModelSpec

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
IGNORED = -100  # the target that cross entropy passes over
STEPS, INPUTS, HIDDEN, CLASSES = 5, 5, 8, 4
WORDS, LABELS = 20, 3
SOURCE, TARGET = 12, 11  # words of the two languages, of which target word 1 starts a sentence
LONGEST = 5


def recurrent(name: str, net: str, inputs: int, *, layers: int) -> dict[str, tuple[int, ...]]:
    """The parameters of torch.nn.RNN, LSTM or GRU of ``HIDDEN`` units."""
    found: dict[str, tuple[int, ...]] = {}
    rows = GATES[net] * HIDDEN
    for layer in range(layers):
        found[f"{name}.weight_ih_l{layer}"] = (rows, HIDDEN if layer else inputs)
        found[f"{name}.weight_hh_l{layer}"] = (rows, HIDDEN)
        found |= {f"{name}.bias_{kind}_l{layer}": (rows,) for kind in ("ih", "hh")}
    return found


def padded(rng: np.random.Generator, n: int, length: int, words: int) -> tuple[Any, Any]:
    """Tokens (n, length), 0 behind the first ``lengths`` (n,), which are drawn: 2 at least."""
    lengths = rng.integers(2, length + 1, n)
    tokens = rng.integers(1, words, (n, length))
    return np.where(np.arange(length) < lengths[:, None], tokens, 0), lengths


def _last(rng: np.random.Generator, n: int) -> Any:
    """The class is the feature that is largest at the last two steps together."""
    x = rng.normal(size=(n, STEPS, INPUTS))
    return (x,), np.argmax(x[:, -2:, :CLASSES].sum(1), axis=1)


def _every(rng: np.random.Generator, n: int) -> Any:
    """What to follow at each step is the mean of the features so far."""
    x = rng.normal(size=(n, STEPS, INPUTS))
    return (x,), np.cumsum(x[..., :CLASSES], axis=1) / np.arange(1, STEPS + 1)[:, None]


def _text(rng: np.random.Generator, n: int) -> Any:
    """The label is in the last real token."""
    tokens, lengths = padded(rng, n, STEPS, WORDS)
    return (tokens, lengths), tokens[np.arange(n), lengths - 1] % LABELS


def _translation(rng: np.random.Generator, n: int) -> Any:
    """Word for word backwards; at each word the one before it is given, at the first the start."""
    source, lengths = padded(rng, n, LONGEST, SOURCE)
    at = lengths[:, None] - 1 - np.arange(LONGEST)
    target = 2 + source[np.arange(n)[:, None], np.maximum(at, 0)] % (TARGET - 2)
    before = np.concatenate([np.ones((n, 1), np.int64), np.where(at > 0, target, 0)[:, :-1]], axis=1)
    return (source, lengths, before), np.where(at >= 0, target, IGNORED).reshape(-1)


def _sequence(net: str, variant: str = "", draw: Any = _last, loss: str = "cross_entropy", **options: Any) -> ModelSpec:
    """In quick the LSTM stands for all: ``text`` has the plain network, ``translation`` the GRU."""
    around = {**affine("project", INPUTS, HIDDEN), **affine("head", HIDDEN, CLASSES)}
    shapes = {**recurrent("recurrent", net, HIDDEN, layers=2), **around}
    return ModelSpec(
        "sequence", "recurrent", shapes, draw, loss, {"net": net, **options}, variant or net, heavy=net != "lstm"
    )


TEXT: Shapes = {
    "embedding.weight": (WORDS, HIDDEN),
    **recurrent("recurrent", "rnn", HIDDEN, layers=2),
    **affine("head", HIDDEN, LABELS),
}

TRANSLATION: Shapes = {
    "encoder_embedding.weight": (SOURCE, HIDDEN),
    **recurrent("encoder", "gru", HIDDEN, layers=1),
    "decoder_embedding.weight": (TARGET, HIDDEN),
    **recurrent("decoder", "gru", HIDDEN, layers=1),
    **affine("combine", 2 * HIDDEN, HIDDEN),
    **affine("head", HIDDEN, TARGET),
}

SEQUENCE = (
    *(_sequence(net) for net in GATES),
    _sequence("gru", "gru_every_step", _every, "mse", every_step=True),
    ModelSpec("text", "recurrent", TEXT, _text, "cross_entropy"),
    ModelSpec("translation", "translation", TRANSLATION, _translation, "cross_entropy"),
)
