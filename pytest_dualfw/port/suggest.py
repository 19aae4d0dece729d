"""Which parameter of the torch module goes where in the JAX tree: from shapes, names and order."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped, unused-ignore]

from ..exchange import Row
from ..layouts import SAME, Layout, Shape, candidates
from . import names
from .model import Array

Shapes = Mapping[str, Shape]

# What one library packs into one weight, in torch's order, and another keeps as neighbours.
PACKS = (
    ("query", "key", "value"),
    ("q_proj", "k_proj", "v_proj"),
    ("query_proj", "key_proj", "value_proj"),
    ("q", "k", "v"),
    ("wq", "wk", "wv"),
    ("ii", "if", "ig", "io"),
    ("hi", "hf", "hg", "ho"),
    ("ir", "iz", "in"),
    ("hr", "hz", "hn"),
)
PACKED = ("in_proj", "qkv", "_ih", "_hh", "c_attn")

IMPOSSIBLE = 1e6
# Layouts that somebody has to name: to choose them by the numbers would take a mistake for a layout.
SAID = ("gates", "flattened", "rotary", "packed", "reshaped")
# More than words and places can weigh, less than what a parameter is (a bias, a mean).
ELSEWHERE = 5.5


@dataclass(frozen=True)
class Sides:
    """Shapes by name of both sides. ``kinds`` are the classes of the modules that torch's parameters belong to;
    ``optional`` need no partner (buffers); ``values`` of both are there where JAX's parameters were given. ``used`` are
    the names of both sides in the order in which the two functions take them up, as far as that is known.
    """

    here: Shapes
    there: Shapes
    kinds: Mapping[str, str]
    optional: Collection[str] = ()
    values: tuple[Mapping[str, Array], Mapping[str, Array]] | None = None
    used: tuple[Sequence[str], Sequence[str]] = ((), ())


@dataclass(frozen=True)
class _Slot:
    """One leaf of the JAX tree, or several that are one weight in torch."""

    paths: tuple[str, ...]
    shapes: tuple[Shape, ...]
    name: str


def suggested(sides: Sides, given: Sequence[Row] = ()) -> tuple[Row, ...]:
    """Rows for all that ``given`` leaves open, after those; what finds no partner is left out."""
    used = {row.there for row in given}
    mine = [n for n in sides.here if n not in {row.here for row in given}]
    slots = _slots({p: s for p, s in sides.there.items() if p not in used}, sides.here)
    rows = [*given, *(row for name, slot in _assigned(sides, mine, slots) for row in _rows(sides, name, slot))]
    return (*rows, *_bias_pairs(sides, rows))


def _slots(there: Shapes, here: Shapes) -> list[_Slot]:
    packs = [group for group in _packs(there) if _is_packed(group, there, here)]
    within = {path for group in packs for path in group}
    single = [_Slot((p,), (s,), p) for p, s in there.items() if p not in within]
    return single + [_Slot(g, tuple(there[p] for p in g), _packed_name(g[0])) for g in packs]


def _packed_name(path: str) -> str:
    """``attn/query/kernel`` and its neighbours stand for ``attn/in_proj/kernel``, ``ii`` for ``ih``."""
    *scope, part, leaf = path.split("/")
    return "/".join([*scope, {"i": "ih", "h": "hh"}.get(part[0] if len(part) == 2 else "", "in_proj"), leaf])


def _packs(there: Shapes) -> Iterator[tuple[str, ...]]:
    for path in there:
        *scope, part, leaf = ["", *path.split("/")][-100:]
        for pack in PACKS:
            group = tuple("/".join([*scope, p, leaf]).removeprefix("/") for p in pack)
            if part == pack[0] and all(p in there for p in group):
                yield group


def _is_packed(group: tuple[str, ...], there: Shapes, here: Shapes) -> bool:
    named = [s for n, s in here.items() if any(word in n for word in PACKED)]
    return any(_fits(shape, there[p], len(group)) for shape in named for p in group[:1])


def _fits(here: Shape, there: Shape, parts: int) -> bool:
    return len(here) > 0 and here[0] % parts == 0 and bool(candidates((here[0] // parts, *here[1:]), there))


def _assigned(sides: Sides, mine: Sequence[str], slots: Sequence[_Slot]) -> list[tuple[str, _Slot]]:
    if not mine or not slots:
        return []
    fits = np.array([[_fits_slot(sides.here[n], s) for s in slots] for n in mine])
    cost = np.where(fits, _costs(sides, mine, slots), IMPOSSIBLE)
    cost += ELSEWHERE * _elsewhere(cost, _owners(mine), [_owner(s.name) for s in slots])
    pairs = zip(*linear_sum_assignment(cost), strict=True)
    return [(mine[i], slots[j]) for i, j in pairs if cost[i, j] < IMPOSSIBLE]


def _costs(sides: Sides, mine: Sequence[str], slots: Sequence[_Slot]) -> Array:
    """Small where the words are alike, the places are, and both are weights, or biases."""
    theirs, first = [s.name for s in slots], [s.paths[0] for s in slots]
    here, there = names.words(mine), names.words(theirs)
    places = _places(mine, sides.used[0]), _places(first, sides.used[1] or sorted(first, key=names.natural))
    words = np.array([[1 - names.alike(here[n], there[t]) for t in theirs] for n in mine])
    roles = np.array([[_parted_roles(n, t) for t in theirs] for n in mine], dtype=np.float64)
    equal = np.array([[_equal(sides, n, s) for s in slots] for n in mine], dtype=np.float64)
    # Convex in the places, so that of names that say nothing the first goes to the first.
    apart = np.abs(np.subtract.outer(*places)) ** 1.5
    return np.asarray(4 * words + 6 * roles + apart - 50 * equal)


def _fits_slot(here: Shape, slot: _Slot) -> bool:
    return all(_fits_part(here, s, len(slot.paths)) for s in slot.shapes)


def _places(given: Sequence[str], used: Sequence[str]) -> Array:
    """Where each stands, from 0 to 1, in the order in which they are used; what is not used comes last."""
    at = {name: i for i, name in enumerate(used)}
    order = sorted(given, key=lambda n: at.get(n, len(at)))
    return np.array([order.index(n) / len(given) for n in given])


def _elsewhere(cost: Array, owners: Sequence[str], theirs: Sequence[str]) -> Array:
    """1 where a pair parts a parameter from its module: a weight of the module has one partner alone, elsewhere."""
    fits = cost < IMPOSSIBLE
    certain = [(i, int(np.flatnonzero(fits[i])[0])) for i in range(len(owners)) if fits[i].sum() == 1]
    homes = {owners[i]: theirs[j] for i, j in certain if fits[:, j].sum() == 1}
    taken = set(homes.values())
    return np.array([[_parts(homes.get(mine), other, taken) for other in theirs] for mine in owners], float)


def _parts(home: str | None, other: str, taken: Collection[str]) -> bool:
    return other != home if home is not None else other in taken


def _owners(given: Sequence[str]) -> list[str]:
    """The module that each belongs to; of one with several weights, which is several modules elsewhere, the name."""
    weights = Counter(_owner(n) for n in given if names.role(n) == names.WEIGHT)
    return [_owner(n) if weights[_owner(n)] < 2 else n for n in given]


def _owner(name: str) -> str:
    return re.sub(r"[./]?[^./]*$", "", name)


def _parted_roles(name: str, other: str) -> bool:
    roles = names.role(name), names.role(other)
    return None not in roles and roles[0] != roles[1]


def _fits_part(here: Shape, there: Shape, parts: int) -> bool:
    return bool(candidates(here, there)) if parts == 1 else _fits(here, there, parts)


def _equal(sides: Sides, name: str, slot: _Slot) -> bool:
    """Whether the parameters that were given show it."""
    if sides.values is None or len(slot.paths) > 1:
        return False
    here, there = sides.values[0][name], sides.values[1].get(slot.paths[0])
    return there is not None and _fitting(here, there) is not None


def _fitting(here: Array, there: Array) -> Layout | None:
    """The layout in which both are the same numbers, to single precision."""
    tolerance = 1e-5 * float(np.max(np.abs(here), initial=0.0))
    return next(
        (
            x
            for x in candidates(here.shape, there.shape)
            if np.allclose(x.there(here, there.shape), there, 0, tolerance)
        ),
        None,
    )


def _rows(sides: Sides, name: str, slot: _Slot) -> Iterator[Row]:
    n = len(slot.paths)
    for k, (path, shape) in enumerate(zip(slot.paths, slot.shapes, strict=True)):
        row = Row(name, path, SAME, (k, n))
        yield Row(name, path, likely(sides, row, shape), (k, n))


def likely(sides: Sides, row: Row, there: Shape) -> Layout:
    """The first layout that fits, among those that the names speak for."""
    here = row.block_shape(sides.here[row.here])
    found = candidates(here, there)
    kind = sides.kinds.get(row.here, "")
    turned = [x for x in plain_layouts(here, there) if x.name != "same"]
    if "Transpose" in kind:
        turned.sort(key=lambda x: not x.name.startswith("IO"))
    if found[0].name == "same" and turned and len(here) > 1 and row.there.endswith("kernel"):
        return turned[0]
    return turned[0] if "Transpose" in kind and turned and found[0].name != "same" else found[0]


def as_its_like(sides: Sides, rows: Sequence[Row], at: int) -> Row:
    """A row whose shapes allow several layouts, in that of the rows whose shapes allow one: a square weight lies as
    the others of its kind do.
    """
    row, kind = rows[at], family(sides.kinds, rows[at].here)
    allowed = {x.name: x for x in _layouts(sides, row)}
    like = [_layouts(sides, r) for r in rows if family(sides.kinds, r.here) == kind and len(_shape(sides, r)) > 1]
    certain = {found[0].name for found in like if len(found) == 1}
    if len(allowed) < 2 or len(certain) != 1 or not certain <= allowed.keys():
        return row
    return Row(row.here, row.there, allowed[certain.pop()], row.part, row.added)


def family(kinds: Mapping[str, str], name: str) -> str:
    """The class of a parameter's module; those derived from torch's affine map are one family."""
    kind = kinds.get(name, "")
    return "Linear" if kind.endswith("Linear") else kind


def _shape(sides: Sides, row: Row) -> Shape:
    return row.block_shape(sides.here[row.here])


def _layouts(sides: Sides, row: Row) -> Sequence[Layout]:
    return plain_layouts(_shape(sides, row), sides.there[row.there])


def plain_layouts(here: Shape, there: Shape) -> Sequence[Layout]:
    """Those that only order axes, the likeliest first."""
    return [x for x in candidates(here, there) if not x.name.startswith(SAID)]


def _bias_pairs(sides: Sides, rows: Sequence[Row]) -> Iterator[Row]:
    """Where the other library has one bias for torch's two, the one that found no partner is added to it."""
    taken = {row.here for row in rows}
    free = [p for p in sides.there if p not in {row.there for row in rows}]
    for name in sides.here:
        other = _other_bias(name)
        if name in taken or other is None:
            continue
        for row in [r for r in rows if r.here == other]:
            own = next((p for p in free if _own_bias(row.there, p)), None)  # GRU: the new gate has one inside r * ()
            yield Row(name, own, row.layout, row.part) if own else Row(name, row.there, row.layout, row.part, True)


def _other_bias(name: str) -> str | None:
    """The recurrent bias of the one on the input, and the other way round."""
    swap = {"bias_ih": "bias_hh", "bias_hh": "bias_ih"}
    return next((name.replace(mine, other) for mine, other in swap.items() if mine in name), None)


def _own_bias(path: str, other: str) -> bool:
    return "/in/bias" in f"/{path}" and f"/{other}" == f"/{path}".replace("/in/bias", "/hn/bias")
