"""What a round does to all benches alike is the machine's and is taken out of each, unless all rounds agree on it."""

from dataclasses import replace

import numpy as np
import pytest

from pytest_dualfw.history.comparison import CONFIRMED, in_turn, steadied
from pytest_dualfw.history.model import EAGER, JIT, History

from .planted import series, timeline

ROUNDS = 10


def side(rng, wobble, slower=None, everything=1.0, benches=12):
    """``slower`` is the bench whose jit takes 10 % longer."""
    each = []
    for i in range(benches):
        factor = wobble * everything
        jit = factor * (1.10 if i == slower else 1.0)
        each.append(series(f"bench {i}", rng, ROUNDS, sigma=0.01, jit=jit, eager=factor))
    return timeline(each, ROUNDS)


def compared(seed, **after):
    rng = np.random.default_rng(seed)
    wobbles = [np.exp(0.2 * rng.normal(size=ROUNDS)) for _ in range(2)]
    before, now = side(rng, wobbles[0]), side(rng, wobbles[1], **after)
    return in_turn(*(History([t], []) for t in (before, now)))


@pytest.mark.parametrize("seed", range(3))
def test_one_that_is_slower_is_seen_on_a_machine_that_wobbles(seed):
    found = [d for d in compared(seed, slower=4).worse(CONFIRMED) if d.quantity == JIT]
    assert [d.bench for d in found] == ["bench 4 forward"]
    assert found[0].factor == pytest.approx(1.10, rel=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_what_wobbles_alone_is_no_difference(seed):
    assert [d for d in compared(seed).differences if d.verdict == CONFIRMED] == []


def test_what_became_slower_altogether_stays_slower():
    found = [d for d in compared(0, everything=2.0).worse(CONFIRMED) if d.quantity in (JIT, EAGER)]
    assert len(found) == 24
    assert np.median([d.factor for d in found]) > 1.6


def test_few_benches_make_no_machine():
    rng = np.random.default_rng(0)
    before, after = ({s.bench.name: s for s in side(rng, 1 + rng.random(ROUNDS), benches=3).series} for _ in range(2))
    assert steadied(before, after) is after


def test_a_round_that_one_side_missed_counts_on_neither():
    rng = np.random.default_rng(0)
    before, after = (side(rng, np.ones(ROUNDS), benches=1) for _ in range(2))
    (one,) = after.series
    values = {**one.values, JIT: np.where(np.arange(ROUNDS) < 3, np.nan, one.values[JIT])}
    after = replace(after, series=[replace(one, values=values)])
    (found,) = (d for d in in_turn(History([before], []), History([after], [])).differences if d.quantity == JIT)
    assert found.runs == ROUNDS - 3
