"""How often the interval of a speed-up holds the true one, on simulated noise: python benchmarks/interval_coverage.py

The clock is a counter, so that two seconds of pairs take a fraction of one. Both sides are the same kernel.
"""

import argparse
from collections.abc import Callable

import numpy as np

from pytest_dualfw.kernels.pairs import Stop, paired
from pytest_dualfw.kernels.statistics import ratio

CALL = 3e-4
Draw = Callable[[], float]


def normal(rng: np.random.Generator) -> Draw:
    return lambda: 0.05 * rng.normal()


def heavy_tails(rng: np.random.Generator) -> Draw:
    return lambda: 0.03 * rng.standard_t(2.0)


def two_levels(rng: np.random.Generator) -> Draw:
    return lambda: 0.01 * rng.normal() + (0.15 if rng.random() < 0.4 else 0.0)


def wandering(rng: np.random.Generator) -> Draw:
    """One side alone: its partner does not share it."""
    level = 0.0

    def draw() -> float:
        nonlocal level
        level = 0.95 * level + 0.02 * rng.normal()
        return level + 0.04 * rng.normal()

    return draw


def bursts(rng: np.random.Generator) -> Draw:
    """Of the machine: whichever side runs is hit."""
    left = 0

    def draw() -> float:
        nonlocal left
        left = left - 1 if left else int(rng.integers(20, 200)) if rng.random() < 0.003 else 0
        return 0.02 * rng.normal() + (0.4 * rng.random() if left else 0.0)

    return draw


# Noise that both sides meet.
SHARED = (bursts,)


def holds(noise: Callable[[np.random.Generator], Draw], seed: int) -> bool:
    rng, now = np.random.default_rng(seed), 0.0
    machine = noise(rng)

    def side() -> Draw:
        draw = machine if noise in SHARED else noise(rng)

        def sample() -> float:
            nonlocal now
            seconds = CALL * float(np.exp(draw()))
            now += seconds
            return seconds

        return sample

    found = paired(side(), side(), Stop(), seed=seed, now=lambda: now)
    return ratio(found.a, found.b, seed).covers_one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=150)
    runs = parser.parse_args().runs
    print("| noise | the interval holds 1 |\n|---|---|")
    for noise in (normal, heavy_tails, two_levels, wandering, bursts):
        share = sum(holds(noise, seed) for seed in range(runs)) / runs
        print(f"| {noise.__name__.replace('_', ' ')} | {100 * share:.0f} % of {runs} |", flush=True)


if __name__ == "__main__":
    main()
