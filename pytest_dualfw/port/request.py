"""What compare_port is asked, looked through before anything runs: each slip of the caller's is one sentence."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import frameworks
from ..exchange import Renaming, Row
from ..layouts import LAYOUTS, SAME, Layout, Shape, candidates
from ..target import Target, listed
from .model import Array
from .suggest import Sides, as_its_like, likely, suggested

SHOWN = 6

Shapes = Mapping[str, Shape]


@dataclass(frozen=True)
class Map:
    """Rows that lead from torch's parameters to JAX's; ``free`` are positions of those that nobody but us chose a
    layout for.
    """

    rows: tuple[Row, ...]
    free: frozenset[int] = field(default_factory=frozenset)

    def there(self, values: Mapping[str, Array], shapes: Shapes) -> dict[str, Array]:
        return Renaming(self.rows).there({n: values[n] for n in {r.here for r in self.rows}}, shapes)

    def pulled(self, gradients: Mapping[str, Array], here: Shapes) -> dict[str, Array]:
        """Gradients with respect to JAX's parameters as those with respect to torch's: the transpose of ``there``."""
        out: dict[str, Array] = {row.here: np.zeros(here[row.here]) for row in self.rows}
        for row in self.rows:
            _, n = row.part
            block = np.split(out[row.here], n)[row.part[0]] if n > 1 else out[row.here]
            block += row.layout.back(gradients[row.there], row.block_shape(here[row.here]))
        return out

    def with_layout(self, at: int, layout: Layout) -> "Map":
        row = self.rows[at]
        changed = Row(row.here, row.there, layout, row.part, row.added)
        return Map((*self.rows[:at], changed, *self.rows[at + 1 :]), self.free)

    def __str__(self) -> str:
        """As it can be pasted."""
        entries = [f"    {name!r}: {self._written(name)}," for name in dict.fromkeys(r.here for r in self.rows)]
        return "\n".join(["params_map = {", *entries, "}"])

    def _written(self, name: str) -> str:
        rows = [r for r in self.rows if r.here == name]
        written = [r.there if r.layout is SAME else (r.there, r.layout.name) for r in rows]
        return repr(written if rows[0].part[1] > 1 else written[0])


def both_installed() -> None:
    """ImportError where a framework is missing."""
    for name in ("torch", "jax"):
        if not frameworks.is_installed(name):
            raise ImportError(f"compare_port runs torch and jax; {name} is not installed: pip install {name}")


def adaptor(name: str, dtype: str) -> Any:
    """Eager torch and compiled JAX: which way each is cheapest to look into."""
    return frameworks.framework(Target(name, "cpu", dtype, "eager" if name == "torch" else "jit"))


def check_inputs(inputs: Any, module: Any, jax_fn: Any) -> tuple[Any, ...]:
    """The inputs as a tuple. TypeError where they are none, or not as many as the functions take."""
    if not isinstance(inputs, (tuple, list)):
        kind = type(inputs).__name__
        raise TypeError(f"inputs is a {kind}; pass a tuple of NumPy arrays, one for each argument: (x,)")
    takes(module.forward, inputs, "the torch module's forward", "")
    takes(jax_fn, (None, *inputs), "jax_fn", "the parameters and ")
    return tuple(inputs)


def takes(f: Callable[..., Any], args: Sequence[Any], what: str, beside: str) -> None:
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*args)
    except TypeError as error:
        count = len(args) - bool(beside)
        raise TypeError(f"{what}{signature} does not take {beside}{_inputs(count)}: {error}") from None


def _inputs(count: int) -> str:
    return f"{count} input{'s' if count != 1 else ''}"


def check_finite(what: str, values: Mapping[str, Array]) -> None:
    for name, x in values.items():
        wrong = int(np.sum(~np.isfinite(x)))
        if wrong:
            raise ValueError(
                f"{what} {name!r} holds {wrong} NaN or infinite entr{'ies' if wrong > 1 else 'y'} of {x.size}; "
                "a port is compared at finite numbers"
            )


def mapped(params_map: Any, sides: Sides, complete: bool) -> Map:
    """The map that was given, completed by suggestions where it is partial. ValueError for names that do not exist,
    shapes that no layout joins, and parameters that are left without a partner.
    """
    given = _given(params_map, sides)
    rows = [row for row, _ in given]
    fixed = {i for i, (_, said) in enumerate(given) if said}
    found = tuple(rows) if complete else suggested(sides, rows)
    _check_partners(found, sides)
    free = frozenset(range(len(found))) - fixed
    return Map(tuple(as_its_like(sides, found, i) if i in free else row for i, row in enumerate(found)), free)


def _given(params_map: Any, sides: Sides) -> list[tuple[Row, bool]]:
    if params_map is None:
        return []
    if isinstance(params_map, Renaming):
        return [(row, True) for row in params_map.rows]
    if not isinstance(params_map, Mapping):
        raise TypeError(
            f"params_map is a {type(params_map).__name__}; pass a dict of torch's names and JAX paths, or None"
        )
    made: list[tuple[Row, bool]] = []
    for name, value in params_map.items():
        if name not in sides.here:
            raise ValueError(f"params_map names {name!r}, which the torch module has not; it has {_few(sides.here)}")
        parts = value if isinstance(value, list) else [value]
        for k, part in enumerate(parts):
            made.append(_row(name, part, (k, len(parts)), sides, {row.there for row, _ in made}))
    return made


def rows_of(params_map: Any, here: Shapes) -> tuple[Row, ...]:
    """The rows of a map that alone says what the JAX tree looks like: layouts are as it names them."""
    if not isinstance(params_map, Mapping):
        raise TypeError(
            f"params_map is a {type(params_map).__name__}; pass a dict of torch's names and JAX paths, or None"
        )
    rows: list[Row] = []
    for name, value in params_map.items():
        if name not in here:
            raise ValueError(f"params_map names {name!r}, which the torch module has not; it has {_few(here)}")
        parts = value if isinstance(value, list) else [value]
        for k, part in enumerate(parts):
            path, layout = _with_layout(part)
            there = path if isinstance(path, str) else "/".join(map(str, path))
            rows.append(Row(name, there, layout, (k, len(parts)), there in {row.there for row in rows}))
    return tuple(rows)


def _with_layout(value: Any) -> tuple[Any, Layout]:
    known = {x.name: x for x in LAYOUTS}
    if isinstance(value, tuple) and len(value) == 2 and (isinstance(value[1], Layout) or value[1] in known):
        return value[0], value[1] if isinstance(value[1], Layout) else known[value[1]]
    return value, SAME


def _row(name: str, value: Any, part: tuple[int, int], sides: Sides, taken: set[str]) -> tuple[Row, bool]:
    path, layout = value if isinstance(value, tuple) and _names_layout(value, sides) else (value, None)
    there = _found(path, name, sides.there)
    row = Row(name, there, SAME, part, there in taken)
    here, shape = row.block_shape(sides.here[name]), sides.there[there]
    if not row.divides(sides.here[name]):
        raise ValueError(
            f"{name!r} of shape {here} has no {part[1]} equal parts; give it as many paths as it has parts"
        )
    found = candidates(here, shape)
    if not found:
        raise ValueError(f"{name!r} of shape {here} cannot become {there!r} of shape {shape}: no layout joins them")
    if layout is None:
        return Row(name, there, likely(sides, row, shape), part, row.added), len(found) == 1 or not len(here)
    chosen = layout if isinstance(layout, Layout) else next((x for x in found if x.name == layout), None)
    if chosen is None or not chosen.fits(here, shape):
        raise ValueError(
            f"layout {str(layout)!r} does not lead from {name!r} of shape {here} to {there!r} of shape {shape}; "
            f"layouts that do: {_few([x.name for x in found])}"
        )
    return Row(name, there, chosen, part, row.added), True


def _names_layout(value: tuple[Any, ...], sides: Sides) -> bool:
    """A pair of path and layout, not a path of two keys."""
    return len(value) == 2 and (isinstance(value[1], Layout) or plain(value) not in {plain(p) for p in sides.there})


def plain(path: Any) -> str:
    """``a/b/0`` of ``a.b.0``, ``['a']['b'][0]`` and ``("a", "b", 0)``."""
    text = "/".join(map(str, path)) if isinstance(path, (tuple, list)) else str(path)
    return "/".join(t for t in re.split(r"[./\[\]'\"]+", text) if t)


def _found(path: Any, name: str, there: Shapes) -> str:
    wanted = plain(path)
    for known in there:
        if plain(known) == wanted:
            return known
    raise ValueError(
        f"params_map leads {name!r} to {path!r}, which the JAX parameters have not; they are {_few(there)}"
    )


def _check_partners(rows: Sequence[Row], sides: Sides) -> None:
    here, there = {r.here for r in rows}, {r.there for r in rows}
    alone = [f"{n!r} {sides.here[n]}" for n in sides.here if n not in here and n not in sides.optional]
    if alone:
        free = [f"{p!r} {s}" for p, s in sides.there.items() if p not in there]
        left = f"left in JAX: {_few(free)}" if free else "nothing is left in JAX"
        raise ValueError(
            f"torch's {_few(alone)} ha{'ve' if len(alone) > 1 else 's'} no partner; {left}; name it in params_map"
        )
    free = [f"{p!r} {s}" for p, s in sides.there.items() if p not in there]
    if free:
        raise ValueError(
            f"JAX's {_few(free)} ha{'ve' if len(free) > 1 else 's'} no partner in torch; name it in params_map"
        )


def _few(names: Any) -> str:
    names = list(names)
    more = len(names) - SHOWN
    return listed(names) if more <= 0 else f"{', '.join(names[:SHOWN])} and {more} more"
