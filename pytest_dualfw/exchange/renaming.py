"""From the names and layouts of one library to those of the other, and back: a table of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..layouts import SAME, Layout, Shape, candidates
from ..target import listed
from .arrays import Array, Params

Shapes = Mapping[str, Shape]


@dataclass(frozen=True)
class Row:
    """The parameter ``here`` is ``there`` in the other library, and lies there in ``layout``.

    ``part=(k, n)``: only block k of n equal ones along the first axis of ``here``, as where one library packs what the
    other keeps apart. ``added``: it is added to what another row puts under the same name there, as where the other
    library has one bias for two; on the way back the other row takes all and this one zeros. Two rows with the same
    part of ``here`` tie two weights of the other library.
    """

    here: str
    there: str
    layout: Layout = SAME
    part: tuple[int, int] = (0, 1)
    added: bool = False

    def block(self, x: Array) -> Array:
        k, n = self.part
        return x if n == 1 else np.split(x, n)[k]

    def block_shape(self, shape: Shape) -> Shape:
        n = self.part[1]
        return tuple(shape) if n == 1 else (shape[0] // n, *shape[1:])

    def divides(self, shape: Shape) -> bool:
        n = self.part[1]
        return n == 1 or (len(shape) > 0 and shape[0] % n == 0)


@dataclass(frozen=True)
class Renaming:
    """Rows that take every parameter of one library to the other. ValueError for rows that contradict each other."""

    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(self.rows))
        plain = [row.there for row in self.rows if not row.added]
        for name in plain:
            if plain.count(name) > 1:
                raise ValueError(
                    f"two rows make {name!r}; keep one of them, or say added=True where the values are summed"
                )
        for row in self.rows:
            if row.there not in plain:
                raise ValueError(f"{row.here!r} is added to {row.there!r}, which no row makes; leave out added=True")
        for name in {row.here for row in self.rows}:
            self._check_parts(name)

    def _check_parts(self, name: str) -> None:
        parts = {row.part for row in self.rows if row.here == name}
        counts = {n for _, n in parts}
        if len(counts) > 1 or parts != {(k, min(counts)) for k in range(min(counts))}:
            raise ValueError(
                f"the rows of {name!r} take the parts {sorted(parts)}; each of n parts has to go somewhere"
            )

    def there(self, params: Params, shapes: Shapes) -> dict[str, Array]:
        """The parameters of the other library, which have ``shapes`` by name; ValueError for a name that is missing
        or left over on either side, and for a shape that a row's layout does not lead to. The dtypes stay.
        """
        self._complete("parameters here", [row.here for row in self.rows], params)
        self._complete("parameters there", [row.there for row in self.rows], shapes)
        made: dict[str, Array] = {}
        for row in sorted(self.rows, key=lambda row: row.added):
            self._check(row, params[row.here].shape, tuple(shapes[row.there]))
            x = row.layout.there(row.block(params[row.here]), tuple(shapes[row.there]))
            made[row.there] = made[row.there] + x if row.added else x
        return made

    def back(self, params: Params, shapes: Shapes) -> dict[str, Array]:
        """The parameters of this library, which have ``shapes`` by name: the inverse of ``there`` but for summed ones.
        ValueError also where weights that are tied here differ.
        """
        self._complete("parameters there", [row.there for row in self.rows], params)
        self._complete("parameters here", [row.here for row in self.rows], shapes)
        for row in self.rows:
            self._check(row, tuple(shapes[row.here]), params[row.there].shape)
        return {name: self._joined(name, params, tuple(shape)) for name, shape in shapes.items()}

    def _joined(self, name: str, params: Params, shape: Shape) -> Array:
        blocks: dict[int, tuple[str, Array]] = {}
        for row in self.rows:
            if row.here == name:
                x = row.layout.back(params[row.there], row.block_shape(shape))
                x = np.zeros_like(x) if row.added else x
                other, y = blocks.setdefault(row.part[0], (row.there, x))
                if x.tobytes() != y.tobytes() or x.dtype != y.dtype:
                    raise ValueError(f"{other!r} and {row.there!r} are one weight here, {name!r}, and differ there")
        joined = [blocks[k][1] for k in sorted(blocks)]
        return joined[0] if len(joined) == 1 else np.concatenate(joined)

    @staticmethod
    def _complete(what: str, named: Sequence[str], given: Mapping[str, object]) -> None:
        missing = sorted(set(named) - set(given))
        extra = sorted(set(given) - set(named))
        if missing:
            raise ValueError(f"the {what} lack {listed(missing)}, which the rows name; they are {listed(list(given))}")
        if extra:
            raise ValueError(f"the {what} hold {listed(extra)}, which no row names; add rows, or leave them out")

    @staticmethod
    def _check(row: Row, here: Shape, there: Shape) -> None:
        if not row.divides(here):
            raise ValueError(f"{row.here!r} of shape {here} has no {row.part[1]} equal parts; correct the row's part")
        block = row.block_shape(here)
        if not row.layout.fits(block, there):
            fitting = [str(layout) for layout in candidates(block, there)][:3]
            could = f"layouts that do: {listed(fitting)}" if fitting else "no layout does"
            raise ValueError(
                f"{row.here!r} of shape {block} does not become {row.there!r} of shape {there} "
                f"by layout {str(row.layout)!r}; {could}"
            )
