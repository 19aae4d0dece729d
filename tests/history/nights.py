"""Synthetic nights: a level with noise that a second measurement averages out, nights that are bad as a whole, steps;
and the count of what a detector makes of them.
"""

from dataclasses import dataclass, field

import numpy as np

from pytest_dualfw.history.changes import CONFIRMED
from pytest_dualfw.history.detect import changes
from pytest_dualfw.history.model import JIT
from pytest_dualfw.history.remeasure import TIMES, needs_remeasuring

OUTLIERS, OUTLIER_SIZE = 0.05, (0.05, 0.30)


@dataclass(frozen=True)
class Noise:
    """Of one measurement, on the logarithm: ``sigma`` its standard deviation, of a normal law or of Student's with
    ``t`` degrees of freedom. One in twenty takes 5 to 30 % longer.
    """

    sigma: float
    t: int = 0

    def draw(self, rng):
        z = rng.standard_t(self.t) / np.sqrt(self.t / (self.t - 2)) if self.t else rng.normal()
        late = rng.uniform(*OUTLIER_SIZE) if rng.random() < OUTLIERS else 0.0
        return self.sigma * z + np.log1p(late)


@dataclass(frozen=True)
class Scenario:
    """``plan(rng, nights, sigma)`` says what happens to whole nights, as logarithms, and at which the step is (None:
    there is none). ``way`` is its direction, ``gradual`` whether it may be told in several steps. Without ``own`` all
    noise is the night's: a second measurement in it sees the same.
    """

    name: str
    plan: object
    way: int = 0
    gradual: bool = False
    own: bool = True


def quiet(rng, nights, sigma):
    return np.zeros(nights), None


def autoregressive(rng, nights, sigma, rho=0.5):
    """The machine's own state: a night keeps half of the one before."""
    x = sigma * rng.normal(size=nights)
    for i in range(1, nights):
        x[i] = rho * x[i - 1] + np.sqrt(1 - rho**2) * x[i]
    return x, None


def uneven(rng, nights, sigma):
    """One night in four is three times as noisy, whatever is measured in it."""
    return np.where(rng.random(nights) < 0.25, rng.normal(size=nights) * sigma * np.sqrt(8), 0.0), None


def burst(length, low, high):
    """Bad nights in a row, once in every thirty from the twelfth on; a second measurement in the night is as bad."""

    def plan(rng, nights, sigma):
        x = np.zeros(nights)
        for begin in range(12, nights - 30 + 1, 30):
            at = begin + rng.integers(0, 30 - length)
            x[at : at + length] = np.log1p(rng.uniform(low, high))
        return x, None

    return plan


def step(factor):
    """Anywhere from the 25th night to ten nights before the end."""

    def plan(rng, nights, sigma):
        at = int(rng.integers(25, nights - 10))
        return np.where(np.arange(nights) >= at, np.log(factor), 0.0), at

    return plan


def drift(rng, nights, sigma):
    """10 % over forty nights, from the fifteenth at the earliest."""
    at = int(rng.integers(15, max(nights - 40, 20)))
    return np.log1p(0.1) * np.clip((np.arange(nights) - at) / 40, 0, 1), at


SCENARIOS = (
    Scenario("quiet", quiet),
    Scenario("AR(1), 0.5", autoregressive, own=False),
    Scenario("uneven nights", uneven),
    Scenario("spikes of one night, 20 to 50 %", burst(1, 0.2, 0.5)),
    Scenario("bursts of three nights, 5 to 20 %", burst(3, 0.05, 0.2)),
    Scenario("drift, +10 % in 40 nights", drift, way=1, gradual=True),
    *(Scenario(f"step, +{p} %", step(1 + p / 100), way=1) for p in (3, 5, 10)),
    *(Scenario(f"step, -{p} %", step(1 - p / 100), way=-1) for p in (3, 5, 10)),
)


def stored(scenario, noise, nights, rng, again):
    """A series as it is stored, and where its step is. ``again``: suspects are measured again in the same night."""
    level, at = scenario.plan(rng, nights, noise.sigma)
    values = np.full(nights, np.nan)

    def measure(i):
        return np.exp(level[i] + (noise.draw(rng) if scenario.own else 0.0))

    for i in range(nights):
        values[i] = measure(i)
        if again and needs_remeasuring(values[:i], values[i], JIT, 0.0):
            values[i] = np.median([values[i], *(measure(i) for _ in range(TIMES))])
    return values, at


@dataclass
class Tally:
    """Of many series of one scenario: what was confirmed. A drift may be told in several steps, a step only once."""

    series: int = 0
    steps: int = 0
    quiet_nights: int = 0
    true: int = 0
    false: int = 0
    delays: list[int] = field(default_factory=list)

    def count(self, scenario, values, at):
        told = [c for c in changes(values, 0.0, JIT) if c.tier == CONFIRMED]
        right = [c for c in told if at is not None and c.found >= at and (c.factor > 1) == (scenario.way > 0)]
        right = right if scenario.gradual else right[:1]
        self.series += 1
        self.steps += at is not None
        self.quiet_nights += len(values) if at is None else at
        self.true += len(right)
        self.false += len(told) - len(right)
        self.delays += [c.found - at for c in right[:1]]

    @property
    def found(self):
        return len(self.delays) / self.steps

    @property
    def false_per_100(self):
        return 100 * self.false / self.quiet_nights


def tally(scenario, noise, nights, series, seed, again=True):
    """``series`` seeded series of a scenario, each judged night by night."""
    total = Tally()
    for i in range(series):
        rng = np.random.default_rng([seed, i, nights])
        total.count(scenario, *stored(scenario, noise, nights, rng, again))
    return total
