"""What is claimed of a distributed run: it is the run by hand, it is the run on one device, and replicas agree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pytest_dualfw.compare import compare
from pytest_dualfw.findings import Check
from pytest_dualfw.tolerance import Floats

from .by_hand import BATCH, RESULTS, WIDTH, expected
from .rows import Technique

Arrays = Mapping[str, Any]
Told = Mapping[int, Arrays]


@dataclass(frozen=True)
class Claim:
    """``obtained`` is ``wanted`` within ``bound``, by ``oracle``."""

    what: str
    oracle: str
    obtained: Any
    wanted: Floats
    bound: float

    @property
    def check(self) -> Check:
        return compare(self.what, self.oracle, self.obtained, self.wanted, np.full(self.wanted.shape, self.bound))


def by_replica(ranks: Sequence[Arrays]) -> dict[int, dict[str, Any]]:
    """What each replica told, whichever process it belongs to: names begin with its number."""
    told: dict[int, dict[str, Any]] = {}
    for rank in ranks:
        for key, x in rank.items():
            number, _, name = key.partition("/")
            told.setdefault(int(number), {})[name] = x
    return told


def claims(technique: Technique, replicas: int, dtype: str, told: Told, alone: Arrays) -> Iterator[Claim]:
    """All that is claimed; a thing that nobody told is claimed to be an empty array."""
    exact = expected(technique.schedule, replicas, dtype)
    for name in (name for name in RESULTS if name not in technique.untold):
        wanted, bound = exact[name]
        held = _held(technique, name, told)
        for who, x in held.items():
            yield Claim(f"{name} of {who}", "run by hand", x, wanted, bound)
        first, x = next(iter(held.items()))
        room = 0.0 if technique.exact else bound
        yield Claim(f"{name} of {first}", "one device", x, np.asarray(alone[name], np.float64), room)
        if name.startswith("param_"):
            yield from _agreements(name, held)
    if replicas > 1:
        yield _equal("replicas that told of themselves", "their number", len(told), replicas)
    for k, arrays in told.items():
        yield from _counts(technique, f"replica {k}", arrays)


def _agreements(name: str, held: Arrays) -> Iterator[Claim]:
    """Replicas of a parameter stay the same to the last bit: they add the same numbers to the same numbers."""
    (first, x), *others = held.items()
    wanted = np.asarray(x, np.float64)
    yield from (Claim(f"{name} of {who}", first, y, wanted, 0.0) for who, y in others)


def _counts(technique: Technique, who: str, arrays: Arrays) -> Iterator[Claim]:
    """What is counted: all-reduces in a step, bytes that recomputing frees."""
    if technique.all_reduces is not None:
        yield _equal(f"all-reduces in a step of {who}", "the textbook", arrays["all_reduces"], technique.all_reduces)
    if technique.frees:
        plain, again = arrays["kept"]
        activation = BATCH * WIDTH * arrays["losses"].itemsize
        yield _equal(f"bytes freed of the activation of {who}", "its size", min(plain - again, activation), activation)


def _equal(what: str, oracle: str, obtained: Any, wanted: int) -> Claim:
    return Claim(what, oracle, np.asarray(obtained, np.float64), np.asarray(float(wanted)), 0.0)


def _held(technique: Technique, name: str, told: Told) -> dict[str, Any]:
    """By whom it is held: each replica that has it, or all of them together."""
    parts = {k: arrays[name] for k, arrays in sorted(told.items()) if name in arrays}
    axis = _axis(technique, name)
    if not parts:
        return {"nobody": np.zeros(0)}
    if axis is None:
        return {f"replica {k}": x for k, x in parts.items()}
    of_steps = int(name.startswith("grad_"))
    return {"all replicas": np.concatenate(list(parts.values()), axis=axis + of_steps)}


def _axis(technique: Technique, name: str) -> int | None:
    return technique.split.get(name.partition("_")[2])
