"""What the names of parameters say: the words in them, their order, and what a parameter is."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher

# The last part of a name says what a parameter is; the words of one set mean the same.
ROLES = (
    {"weight", "kernel", "w", "scale", "gamma", "embedding", "g", "table"},
    {"bias", "b", "beta", "offset"},
    {"mean", "running_mean", "mu", "moving_mean"},
    {"var", "running_var", "variance", "moving_variance"},
)

WEIGHT = 0

# Words for one thing, so that ``layers.0.self_attn`` is near ``block_0/attention``.
SYNONYMS = {
    word: meant
    for meant, words in {
        "kernel": "weight w",
        "scale": "gamma",
        "bias": "b",
        "attention": "attn",
        "dense": "fc linear",
        "layernorm": "ln norm",
        "batchnorm": "bn",
        "embedding": "emb embed wte",
        "layer": "layers block blocks",
        "query": "q wq",
        "key": "k wk",
        "value": "v wv",
        "out": "o wo output",
        "gate": "wg",
        "up": "wu",
        "down": "wd",
    }.items()
    for word in words.split()
}

# Words of a tree that say nothing of a parameter.
UNSAID = ("params", "batch", "stats")


def words(names: Sequence[str]) -> dict[str, list[str]]:
    """The words of each name. A number counts by its rank among those in its place: ``0, 3, 5`` of a sequence are
    ``0, 1, 2`` elsewhere, ``fc1`` is the first ``Dense_0``.
    """
    split = {name: _tokens(name) for name in names}
    numbers: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for tokens in split.values():
        for i, token in enumerate(tokens):
            if token.isdigit():
                numbers[tuple(tokens[:i])].add(int(token))
    rank = {scope: {str(n): str(k) for k, n in enumerate(sorted(found))} for scope, found in numbers.items()}
    return {
        name: [rank[tuple(tokens[:i])][t] if t.isdigit() else SYNONYMS.get(t, t) for i, t in enumerate(tokens)]
        for name, tokens in split.items()
    }


def _tokens(name: str) -> list[str]:
    found = re.split(r"[./_]|(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])", name)
    return [str(int(t)) if t.isdigit() else t.lower() for t in found if t and t.lower() not in UNSAID]


def role(name: str) -> int | None:
    """Which of ROLES its last part says, None where it says none."""
    last = re.split(r"[./]", name)[-1].lower()
    stem = re.sub(r"_(ih|hh)_l\d+(_reverse)?$", "", last).removeprefix("in_proj_")
    return next((i for i, words in enumerate(ROLES) if last in words or stem in words), None)


def alike(a: Sequence[str], b: Sequence[str]) -> float:
    """The part of the words that both have, counted twice: in their order, and in any."""
    in_any = 2 * (Counter(a) & Counter(b)).total() / max(len(a) + len(b), 1)
    return (SequenceMatcher(None, a, b, autojunk=False).ratio() + in_any) / 2


def natural(name: str) -> list[tuple[int, str]]:
    """``layer_10`` after ``layer_9``."""
    return [(int(t), "") if t.isdigit() else (-1, t) for t in re.split(r"(\d+)", name)]
