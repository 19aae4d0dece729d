"""Synthetic nights: a level with noise that a second measurement averages out, and nights that are bad as a whole."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pytest_dualfw.history.model import JIT, Numbers
from pytest_dualfw.history.remeasure import TIMES, needs_remeasuring

OUTLIERS, OUTLIER_SIZE = 0.05, (0.05, 0.30)

# What a whole night adds to the logarithm, and the night of the step, if there is one.
Plan = tuple[Numbers, int | None]


@dataclass(frozen=True)
class Noise:
    """Of one measurement, on the logarithm: ``sigma`` its standard deviation, a normal law's or of Student's ``t``
    degrees. One in twenty takes 5 to 30 % longer.
    """

    sigma: float
    t: int = 0

    def draw(self, rng: np.random.Generator) -> float:
        z = rng.standard_t(self.t) / np.sqrt(self.t / (self.t - 2)) if self.t else rng.normal()
        late = rng.uniform(*OUTLIER_SIZE) if rng.random() < OUTLIERS else 0.0
        return float(self.sigma * z + np.log1p(late))


@dataclass(frozen=True)
class Scenario:
    """``plan(rng, nights, sigma)`` says what happens to whole nights; ``own`` is false where all noise is the night's."""

    name: str
    plan: Callable[[np.random.Generator, int, float], Plan]
    own: bool = True


def quiet(rng, nights, sigma):
    return np.zeros(nights), None


def ar1(rng, nights, sigma, rho=0.5):
    """The machine's own state: a night keeps half of the one before. ``sigma`` is that of a night."""
    x = np.empty(nights)
    x[0] = rng.normal() * sigma
    for i in range(1, nights):
        x[i] = rho * x[i - 1] + rng.normal() * sigma * np.sqrt(1 - rho**2)
    return x, None


def uneven(rng, nights, sigma):
    """One night in four is three times as noisy, for all that is measured in it."""
    return np.where(rng.random(nights) < 0.25, rng.normal(size=nights) * sigma * np.sqrt(8), 0.0), None


def burst(length, low, high):
    """Bad nights in a row, twice in sixty nights; a second measurement in the night is as bad."""

    def plan(rng, nights, sigma):
        x = np.zeros(nights)
        for begin in range(12, nights - length, 30):
            at = begin + rng.integers(0, max(min(30, nights - length - begin), 1))
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
    """10 % over forty nights, which begin between the 15th and twenty nights before the end at the latest."""
    at = int(rng.integers(15, max(nights - 40, 20)))
    return np.log1p(0.1) * np.clip((np.arange(nights) - at) / 40, 0, 1), at


def measured_nights(scenario, noise, nights, rng, again):
    """A series as it is stored, and where its step is. ``again``: suspects are measured again in the same night."""
    level, at = scenario.plan(rng, nights, noise.sigma)
    own = noise if scenario.own else replace(noise, sigma=0.0)
    values = np.full(nights, np.nan)
    for i in range(nights):
        values[i] = np.exp(level[i] + own.draw(rng))
        if again and needs_remeasuring(values[:i], values[i], JIT, 0.0):
            values[i] = np.median([values[i], *(np.exp(level[i] + own.draw(rng)) for _ in range(TIMES))])
    return values, at


SCENARIOS = (
    Scenario("quiet", quiet),
    Scenario("AR(1), 0.5", ar1, own=False),
    Scenario("uneven nights", uneven),
    Scenario("one-night spikes of 20 to 50 %", burst(1, 0.2, 0.5)),
    Scenario("three-night bursts of 5 to 20 %", burst(3, 0.05, 0.2)),
    Scenario("drift of +10 % over 40 nights", drift),
    *(Scenario(f"step of {100 * (f - 1):+.0f} %", step(f)) for f in (1.03, 1.05, 1.10)),
    *(Scenario(f"step of {100 * (1 / f - 1):+.0f} %", step(1 / f)) for f in (1.03, 1.05, 1.10)),
)
