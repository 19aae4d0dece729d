"""What the change points find in synthetic nights, how late, and how often they are wrong.

    python benchmarks/nights.py [--series 200] [--seed 3]

Prints a Markdown table for each noise and length of history, without and with measuring suspects again. The constants
of the detector were chosen on the seeds 1 and 2; the table is of another.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

# The synthetic nights are those of the tests.
sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.history.nights import SCENARIOS, Noise, Tally, tally

SETTINGS = ((60, Noise(0.02)), (60, Noise(0.005)), (60, Noise(0.02, t=4)), (365, Noise(0.02)))
COLUMNS = ["found", "false per 100 quiet nights", "delay: median, 95 %"]
HEAD = f"| {' | '.join(['scenario', *COLUMNS, *COLUMNS])} |"


def cells(t: Tally) -> list[str]:
    """Found, false alerts, delay. The delay counts nights after the first one of the new level."""
    found = f"{100 * t.found:.1f} %" if t.steps else ""
    delay = f"{np.median(t.delays):.0f}, {np.percentile(t.delays, 95):.0f}" if t.delays else ""
    return [found, f"{t.false_per_100:.3f}", delay]


def precision(tallies: list[Tally]) -> str:
    true, false = sum(t.true for t in tallies), sum(t.false for t in tallies)
    return f"{100 * true / (true + false):.1f} % of {true + false}"


def print_table(nights: int, noise: Noise, series: int, seed: int) -> None:
    law = f"Student's with {noise.t} degrees" if noise.t else "normal"
    print(f"{nights} nights, noise of {100 * noise.sigma:g} % ({law}), {series} series each; left: measured once,")
    print(f"right: suspects measured again.\n\n{HEAD}\n|{'---|' * 7}")
    kinds: dict[bool, list[Tally]] = {False: [], True: []}
    for scenario in SCENARIOS:
        for again, tallies in kinds.items():
            tallies.append(tally(scenario, noise, nights, series, seed, again))
        row = [scenario.name, *(cell for tallies in kinds.values() for cell in cells(tallies[-1]))]
        print(f"| {' | '.join(row)} |", flush=True)
    print(f"| precision over all rows | {precision(kinds[False])} | | | {precision(kinds[True])} | | |\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Change points on synthetic nights.")
    parser.add_argument("--series", type=int, default=200, help="series of each scenario (default: 200)")
    parser.add_argument("--seed", type=int, default=3, help="the constants were chosen on 1 and 2 (default: 3)")
    options = parser.parse_args()
    for nights, noise in SETTINGS:
        print_table(nights, noise, options.series, options.seed)


if __name__ == "__main__":
    main()
