"""Layouts that neither map nor shapes say: that under which more of the two sides agrees is the right one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .locate import Located
from .model import Run
from .prepare import Prepared
from .request import Map
from .suggest import family, plain_layouts
from .truth import Truth


@dataclass
class Settling:
    """JAX's ``best`` run so far, how much of it agrees, and the layouts that the numbers chose, by kind of module."""

    made: Prepared
    truth: Truth
    best: Run
    most: int
    usual: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def chose(self, at: int) -> bool:
        """Whether the numbers say how the weight of this row lies; where they say nothing, it lies as its like do."""
        chosen = False
        for tried in _other_layouts(self.made, at):
            run, row = self.made.run_jax(tried), tried.rows[at]
            kind, agreement = family(self.made.torch.kinds, row.here), _agreement(self.truth, run)
            if agreement > self.most or (agreement == self.most and self.usual.get(kind) == row.layout.name):
                self.best, self.made.map = run, tried
            if agreement > self.most:
                self.most, self.usual[kind], chosen = agreement, row.layout.name, True
        return chosen

    def tell(self, at: int) -> None:
        row = self.made.map.rows[at]
        told = f"{row.there!r} was taken as {row.here!r} in the layout {row.layout.name!r}"
        self.notes.append(f"{told}: the shapes do not say it, the numbers do")


def settled(made: Prepared, truth: Truth, run: Run) -> Settling:
    """Row by row, again and again: what is used later shows only once what comes before it is settled."""
    found, left = Settling(made, truth, run, _agreement(truth, run)), sorted(made.map.free)
    while chosen := [at for at in left if found.chose(at)]:
        for at in chosen:
            found.tell(at)
        left = [at for at in left if at not in chosen]
    return found


def _agreement(truth: Truth, jax: Run) -> int:
    return len(Located(truth, jax).matched)


def _other_layouts(made: Prepared, at: int) -> Sequence[Map]:
    row = made.map.rows[at]
    here, there = row.block_shape(made.shapes[row.here]), made.tree.shapes[row.there]
    return [made.map.with_layout(at, x) for x in plain_layouts(here, there) if x.name != row.layout.name]
