"""Runs both corpora and counts: what of the planted bugs is caught, what of the right functions is flagged.

    python -m tests.corpus [--seeds 10] [--fw torch,jax] [word of a case's name]

Prints a table, and each run that went wrong.
"""

import argparse
import warnings
from collections import Counter

from . import runs
from .correct import CORRECT
from .planted import PLANTED
from .table import Case


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--fw", default="torch,jax")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # compilers warn of the functions that they are given here
    rows = []
    for title, cases, wrong in (("planted bugs", PLANTED, missed), ("right functions", CORRECT, flagged)):
        for framework in asked.fw.split(","):
            chosen = [c for c in cases if asked.word in c.name and c.on(framework)]
            rows.append((title, framework, len(chosen), counted(chosen, framework, range(asked.seeds), wrong)))
    print("| corpus | framework | cases | runs | discrepancy | inconclusive | pass |\n|---|---|---|---|---|---|---|")
    for title, framework, cases, found in rows:
        numbers = [found[v] for v in ("discrepancy", "inconclusive", "pass")]
        print(f"| {title} | {framework} | {cases} | {sum(numbers)} | {' | '.join(map(str, numbers))} |")


def missed(verdict: str) -> bool:
    return verdict != "discrepancy"


def flagged(verdict: str) -> bool:
    return verdict == "discrepancy"


def counted(cases: list[Case], framework: str, seeds: range, wrong: object) -> Counter[str]:
    found: Counter[str] = Counter()
    for case in cases:
        for name, report in runs.runs(case, framework, seeds):
            found[report.verdict] += 1
            if wrong(report.verdict):
                print(f"{name}: {report.verdict}\n{report}\n", flush=True)
    return found


if __name__ == "__main__":
    main()
