"""Who is the odd one out: opinions that lie within the sum of their errors cluster, and the minority is named.

What counts is how many independent families stand behind a number. Reverse mode, forward mode and a rerun follow the
same derivative rules, so together they are one; differences of the function's values are another; a reference and
another framework are one each.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ..findings import Check
from ..frameworks.program import Direction, exactly
from .evidence import Evidence
from .ladder import Slope
from .oracles import Oracle, witnesses
from .probes import signs, unit
from .products import inner, inner_error, inner_norm

ROUNDING = 64.0 * 2.0**-53

RULES, VALUES = "rules", "values"


@dataclass(frozen=True)
class Opinion:
    """What one source says of one number."""

    source: str
    family: str
    says: Slope

    def agrees(self, other: "Opinion") -> bool:
        return abs(self.says.value - other.says.value) <= self.says.error + other.says.error

    def over(self, length: float) -> "Opinion":
        return replace(self, says=Slope(self.says.value / length, self.says.error / length))


def sentence(opinions: list[Opinion]) -> str:
    """Names the odd one out, or says between whom it stands; empty where all agree."""
    if all(a.agrees(b) for a, b in combinations(opinions, 2)):
        return ""
    groups = [[b for b in opinions if a.agrees(b)] for a in opinions]
    largest = max(groups, key=lambda g: (_weight(g), len(g)), default=[])
    odd = [o for o in opinions if o not in largest]
    if odd and _weight(largest) > _weight(odd):
        return f"odd one out: {_names(odd)}; {_names(largest)} agree on {largest[0].says.value:.6g}"
    rules, values = ([o for o in opinions if o.family == f] for f in (RULES, VALUES))
    if (
        values
        and len(rules) > 1
        and len(rules) + len(values) == len(opinions)
        and all(rules[0].agrees(o) for o in rules)
    ):
        return (
            f"the derivative rules ({_names(rules)}) agree on {rules[0].says.value:.6g}, "
            f"the function's own values say {values[0].says.value:.6g}"
        )
    return f"no majority: {', '.join(f'{o.source} says {o.says.value:.6g}' for o in opinions)}"


def _weight(opinions: list[Opinion]) -> int:
    return len({o.family for o in opinions})


def vote(evidence: Evidence, check: Check) -> str:
    """The sentence on the gradient's entry, or direction, at which ``check`` failed; empty for other checks."""
    names = evidence.problem.gradient_names()
    name = (check.discrepancy.leaf if check.discrepancy else check.what).removeprefix(f"{check.heading}: ")
    leaf = next((i for i, n in enumerate(names) if name in (n, f"<{n}, u>")), None)
    with evidence.in_double():
        if leaf is None or not _runs_in_double(evidence):
            return ""
        direction = _direction(evidence, leaf, check)
        found = [_reverse(evidence, direction)]
        for oracle in witnesses(evidence.asked, evidence.dtype):
            says = _ask(oracle, evidence, direction)
            if says is not None:
                found.append(Opinion(f"the {oracle.name}", oracle.family, says))
    length = max(float(np.max(np.abs(u))) for u in direction if u is not None) if _of_an_entry(check) else 1.0
    return sentence([o.over(length) for o in found])


def _runs_in_double(evidence: Evidence) -> bool:
    try:
        return all(np.all(np.isfinite(d)) for d in evidence.gradients)
    except Exception:
        return False


def _of_an_entry(check: Check) -> bool:
    return bool(check.discrepancy and check.discrepancy.index)


def on_value(check: Check, checks: list[Check]) -> str:
    """Who judged the same value, and how; empty where ``check`` alone did."""
    judged = [c for c in checks if c.what == check.what and c.verdict in ("pass", "discrepancy")]
    groups = {v: [f"the {c.oracle}" for c in judged if c.verdict == v] for v in ("discrepancy", "pass")}
    if len(judged) < 2:
        return ""
    told = f"{_listed(groups['discrepancy'])} {'disagrees' if len(groups['discrepancy']) == 1 else 'disagree'} with it"
    agreeing = groups["pass"]
    return told + (f", {_listed(agreeing)} {'agrees' if len(agreeing) == 1 else 'agree'}" if agreeing else "")


def _ask(oracle: Oracle, evidence: Evidence, direction: Direction) -> Slope | None:
    try:
        return None if oracle.unable(evidence) else oracle.opinion(evidence, direction)
    except Exception:
        return None


def _reverse(evidence: Evidence, direction: Direction) -> Opinion:
    grads = exactly(evidence.everything(evidence.pulled)[len(evidence.pulled.outputs) :])
    error = ROUNDING * inner_norm(grads, direction)
    if evidence.dtype != "float64":
        bounds = [evidence.bound(d, np.zeros(d.shape)) for d in grads]
        error = inner_error(bounds, direction)
    return Opinion(f"reverse mode on {evidence.problem.fw.target}", RULES, Slope(inner(grads, direction), error))


def _direction(evidence: Evidence, leaf: int, check: Check) -> Direction:
    x = evidence.problem.differentiated_of(evidence.exact)[leaf]
    u = np.zeros_like(x)
    if check.discrepancy and _of_an_entry(check):
        u[check.discrepancy.index] = unit(x)
    else:
        u = signs(x.shape, evidence.rng) * unit(x) + u
    return [u if i == leaf else None for i in range(len(evidence.gradients))]


def _names(opinions: list[Opinion]) -> str:
    return _listed([o.source for o in opinions])


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
