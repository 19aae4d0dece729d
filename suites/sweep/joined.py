"""The sweeps of one row on both frameworks, joined: errors that both share, errors of one, conventions that differ."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np

from .divergence import ACCURACY, CONVENTION, DEFECT, RAISES, UNSUPPORTED, Divergence, same
from .judge import SPECIAL
from .measure import BASES, CURVATURE, FUNCTIONAL, JVP, PLAIN, SECOND, VALUE
from .row import Row
from .seen import Seen
from .sweep import Swept, rank

# Wrong numbers are the same where they differ by this part of themselves, inaccurate ones by this part of their error.
CLOSE, PART = 0.01, 0.1
# An error of one framework stands beside one that both share if it is so many times larger.
FAR_WORSE = 100.0
# Powers of ten beyond which a number is not written out.
LONG = 999
DEFAULTS = "the defaults differ"
KINK, NOT_FINITE, UNDEFINED, FINITE = "a kink", "an infinity or NaN", "no value or no slope", "a finite number"

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Pair:
    """What several frameworks computed of one quantity at one point: by framework."""

    seen: dict[str, Seen]
    targets: dict[str, str]
    family: str
    row: Row
    versions: dict[str, str]

    @property
    def first(self) -> Seen:
        return next(iter(self.seen.values()))

    def divergence(self, kind: str, at: str, *, agree: bool = False) -> Divergence:
        s = self.first
        truth = "" if kind == CONVENTION else _told(s)
        worst = 0.0 if kind == CONVENTION else max(t.judged.ulps for t in self.seen.values())
        who = "both" if len(self.seen) > 1 else next(iter(self.seen))
        return Divergence(
            id=": ".join((self.row.name, s.what, kind, *([at] if kind == CONVENTION else []), who)),
            op=self.row.name,
            family=self.family,
            kind=kind,
            what=s.what,
            at=at if not s.place else f"{s.place}: {at}",
            input=tuple(x.tolist() if isinstance(x, np.ndarray) else float(x) for x in s.xs),
            index=s.index,
            obtained={fw: t.obtained for fw, t in self.seen.items()},
            truth=truth,
            ulps=worst,
            targets=tuple(self.targets[fw] for fw in self.seen),
            versions={fw: self.versions[fw] for fw in self.seen},
            agree=agree,
            source="" if kind == CONVENTION else "mpmath, 80 digits or more",
            note=self.row.note,
        )


def _told(s: Seen) -> str:
    if s.truth.kink:
        return f"between {mpmath.nstr(s.truth.low, 8)} and {mpmath.nstr(s.truth.high, 8)}"
    t = s.truth.low
    if t and mpmath.isfinite(t) and abs(mpmath.log10(abs(t))) > LONG:
        return f"{'-' if t < 0 else ''}{'overflow' if abs(t) > 1 else '0.0'}"
    return str(mpmath.nstr(t, 17))


def key(s: Seen) -> Key:
    return s.what, s.place, s.index, tuple(repr(x) for x in s.xs) if not s.place else ()


def joined(family: str, row: Row, sweeps: dict[str, Swept], versions: dict[str, str]) -> Iterator[Divergence]:
    """``sweeps`` by framework, all of one dtype."""
    targets = {fw: "-".join(s.target.split("-")[:3]) for fw, s in sweeps.items()}
    by_key: dict[Key, dict[str, Seen]] = {}
    for fw, swept in sweeps.items():
        for s in swept.seen:
            by_key.setdefault(key(s), {})[fw] = s
    pairs = [Pair(seen, targets, family, row, versions) for seen in by_key.values()]
    if row.defaults_differ:
        yield from _defaults(pairs)
        return
    told: dict[str, set[tuple[str, str]]] = {}
    for what in dict.fromkeys(s.first.what for s in pairs):
        of_what = [p for p in pairs if p.first.what == what]
        found = [*_errors(of_what), *_conventions(of_what)]
        # What is asked in another way (forward mode, vmap) is told where it alone is wrong.
        basis = told.setdefault(VALUE if what.endswith(VALUE) else SLOPES, set())
        yield from (d for d in found if what in BASES or not _as_bad(d) & basis)
        if what in PLAIN or what.startswith(FUNCTIONAL):
            basis.update(*map(_kinds, found))
    yield from _missing(family, row, sweeps, versions)


def _defaults(pairs: Sequence[Pair]) -> Iterator[Divergence]:
    """Where one op is another function in each framework, nobody is wrong."""
    for what in (w for w in dict.fromkeys(p.first.what for p in pairs) if w in PLAIN):
        differ = [p for p in pairs if p.first.what == what and {s.judged.kind for s in p.seen.values()} & {DEFECT}]
        if differ:
            yield max(differ, key=_rank).divergence(CONVENTION, DEFAULTS)


def _missing(family: str, row: Row, sweeps: dict[str, Swept], versions: dict[str, str]) -> Iterator[Divergence]:
    """What a framework raises where it is asked for the derivative or the batch of an op that it has."""
    for fw, swept in sweeps.items():
        target = "-".join(swept.target.split("-")[:3])
        for m in swept.missing:
            yield Divergence(
                id=f"{row.name}: {m.what}: {UNSUPPORTED}: {fw}",
                op=row.name,
                family=family,
                kind=UNSUPPORTED,
                what=m.what,
                at=m.why[:LONGEST_REASON],
                input=tuple(x.tolist() if isinstance(x, np.ndarray) else float(x) for x in m.xs),
                obtained={fw: RAISES},
                targets=(target,),
                versions={fw: versions[fw]},
                note=row.note,
            )


SLOPES = "slopes"
LONGEST_REASON = 120


def _kinds(d: Divergence) -> set[tuple[str, str]]:
    return {(d.kind, fw) for fw in d.obtained}


def _as_bad(d: Divergence) -> set[tuple[str, str]]:
    """Its own kinds, and the defects beside which it is none."""
    return _kinds(d) | {(DEFECT, fw) for fw in d.obtained}


def _errors(pairs: Sequence[Pair]) -> Iterator[Divergence]:
    """What both have wrong alike, then what one has much worse; a loss of accuracy only where there is no defect."""
    told: set[str] = set()
    for kind in (DEFECT, ACCURACY):
        wrong = [replace(p, seen=w) for p in pairs if (w := {f: s for f, s in p.seen.items() if s.judged.kind == kind})]
        both = [p for p in wrong if len(p.seen) > 1 and _agree(p, kind)]
        if told:  # of one framework: the losses that it shares are the other's alone
            both = []
        if both:
            yield max(both, key=_rank).divergence(kind, FINITE, agree=True)
        worst = max((_rank(p)[0] for p in both), default=0.0)
        for fw in dict.fromkeys(f for p in wrong for f in p.seen):
            alone = max((replace(p, seen={fw: p.seen[fw]}) for p in wrong if fw in p.seen), key=_rank)
            if fw not in told and _rank(alone)[0] > FAR_WORSE * worst:
                yield alone.divergence(kind, FINITE)
        told |= {f for p in wrong for f in p.seen}


def _rank(pair: Pair) -> tuple[float, float]:
    return rank(pair.first)


def _agree(pair: Pair, kind: str) -> bool:
    a, b = (s.obtained for s in pair.seen.values())
    if kind == DEFECT:
        return same(a, b, CLOSE)
    return bool(abs(a - b) <= PART * abs(mpmath.mpf(a) - pair.first.truth.low))


def _conventions(pairs: Sequence[Pair]) -> Iterator[Divergence]:
    groups: dict[str, list[Pair]] = {}
    for p in pairs:
        kinds = {s.judged.kind for s in p.seen.values()}
        a, *others = (s.obtained for s in p.seen.values())
        if kinds == {SPECIAL} and not all(same(a, b, CLOSE) for b in others):
            groups.setdefault(_at(p.first), []).append(p)
    for at, found in groups.items():
        if found[0].first.what in (JVP, CURVATURE) or (at == NOT_FINITE and found[0].first.what == SECOND):
            continue  # nobody asks
        yield max(found, key=_rank).divergence(CONVENTION, at)


def _at(s: Seen) -> str:
    if not all(np.all(np.isfinite(x)) for x in s.xs):
        return NOT_FINITE
    return KINK if s.truth.known and s.truth.kink else UNDEFINED


def unsupported(family: str, row: Row, versions: dict[str, str]) -> Iterator[Divergence]:
    """What a framework has not, or cannot differentiate, by the row's own account; no program shows it."""
    for fw, why in row.unsupported.items():
        yield Divergence(
            id=f"{row.name}: {UNSUPPORTED}: {fw}",
            op=row.name,
            family=family,
            kind=UNSUPPORTED,
            what="support",
            at=why,
            input=(),
            obtained={},
            targets=(f"{fw}-cpu-float64", f"{fw}-cpu-float32"),
            versions={fw: versions[fw]},
            note=row.note,
        )


def merged(found: Iterable[Divergence]) -> list[Divergence]:
    """One entry for each id: the first (of the widest dtype), with the targets of all."""
    by_id: dict[str, Divergence] = {}
    for d in found:
        first = by_id.setdefault(d.id, d)
        targets = tuple(dict.fromkeys((*first.targets, *d.targets)))
        by_id[d.id] = replace(first, targets=targets)
    return list(by_id.values())
