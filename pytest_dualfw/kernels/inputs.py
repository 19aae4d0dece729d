"""The buffers that calls are made on: several sets, taken in turn, made before the clock starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from ..frameworks.program import Arrays
from ..frameworks.timing import Give, Given

# On a GPU the sets together are larger than so many of its last cache, so that none of them is found there.
TIMES_CACHE = 5
# Where nothing is to be flushed, a few sets are enough that a call cannot know its result from the one before.
FEW, MANY = 4, 256
# The sets of one pass take no more than this, unless two of them do.
LIMIT = 2**30


@dataclass(frozen=True)
class Values:
    """One set as NumPy: the leaves of the arguments, and cotangents of the floating outputs."""

    leaves: Arrays
    cotangents: Arrays

    @property
    def bytes(self) -> int:
        return sum(x.nbytes for x in (*self.leaves, *self.cotangents))


def how_many(set_bytes: int, cache_bytes: int | None) -> int:
    """Sets to take in turn: past the cache where there is one to get past, else a few, within the memory allowed."""
    wanted = FEW if cache_bytes is None else TIMES_CACHE * cache_bytes // max(set_bytes, 1) + 1
    return max(2, min(max(wanted, FEW), LIMIT // max(set_bytes, 1), MANY))


class Rotation:
    """Arguments for one call after the other, whichever mode calls: both meet the same buffers. ``fresh``: each call
    gets buffers that no call has had, since the kernel writes to them or takes them; they are made when asked for,
    which is outside the clock.
    """

    def __init__(self, give: Give, sets: list[Values], *, fresh: bool) -> None:
        self._give, self.fresh = give, fresh
        self._values: Iterator[Values] = cycle(sets)
        self._made: Iterator[Given] = iter(()) if fresh else cycle([give(v.leaves, v.cotangents) for v in sets])

    def take(self, count: int) -> list[Given]:
        """The next ``count`` sets of arguments."""
        if self.fresh:
            return [self._give(v.leaves, v.cotangents) for v in islice(self._values, count)]
        return list(islice(self._made, count))
