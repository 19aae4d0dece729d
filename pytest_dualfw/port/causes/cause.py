"""A cause: a mistake that is made when a model is ported, as an alternative that torch can be run with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..model import Call, Edit

# What the alternative is, in words that complete "JAX computes it with ...", and what runs in the call's place.
Alternative = tuple[str, Edit]


@dataclass(frozen=True)
class Cause:
    """``alternatives(call)`` are ways in which the call may have been ported wrongly; ``ops`` are the torch functions
    that it concerns, all where it is empty. Nothing is believed before a run with it gave JAX's numbers.
    """

    name: str
    ops: frozenset[str]
    alternatives: Callable[[Call], Iterator[Alternative]]

    def applies_to(self, call: Call) -> bool:
        return not self.ops or call.name in self.ops


def cause(name: str, ops: str, alternatives: Callable[[Call], Iterator[Alternative]]) -> Cause:
    return Cause(name, frozenset(ops.split()), alternatives)


def argument(name: str, words: str, *values: Any) -> Callable[[Call], Iterator[Alternative]]:
    """Other values of one argument."""

    def alternatives(call: Call) -> Iterator[Alternative]:
        for value in values:
            if value != call[name]:
                yield f"{words} {_told(value)} instead of {_told(call[name])}", changing(name, value)

    return alternatives


def bound(f: Callable[..., Any], *values: Any) -> Edit:
    """``f(call, *values)``: the values of this turn of a loop, not of its last."""
    return lambda call: f(call, *values)


def changing(name: str, value: Any) -> Edit:
    return lambda call: call.run(**{name: value})


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
