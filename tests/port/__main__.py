"""Runs the planted mistakes and their right twins: which were seen, in which layer, and with which cause.

    python -m tests.port [--seeds 1] [word of a mistake's name]

Prints a table, and each run that went wrong.
"""

import argparse
import time
import warnings

from .planted import PLANTED, TWINS
from .runs import found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.port", description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="")
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    seeds, begun = range(asked.seeds), time.monotonic()
    planted = [s for s in PLANTED if asked.word in s.name]
    counts = [0, 0, 0, 0]
    print("| mistake | model | layer | cause | told |\n|---|---|---|---|---|")
    for f in found(tuple(planted), seeds):
        counts = [c + ok for c, ok in zip(counts, (1, f.flagged, f.localised, f.named), strict=True)]
        marks = [
            "yes" if ok else f"no: {told!r}" for ok, told in ((f.localised, f.report.layer), (f.named, f.slip.cause))
        ]
        print(f"| {f.slip} | {f.slip.model} | {' | '.join(marks)} | {f.report.cause} |", flush=True)
    print("{} runs: {} seen, {} in the right layer, {} with the right cause".format(*counts))
    twins = list(found(tuple(t for t in TWINS if asked.word in t.name), seeds))
    for f in [f for f in twins if f.report.verdict != "pass"]:
        print(f"{f.slip}: {f.report.verdict}\n{f.report}")
    print(f"{len(twins)} right ports: {sum(f.flagged for f in twins)} flagged")
    print(f"{time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
