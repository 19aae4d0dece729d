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
    vague: Counter[str] = Counter()
    for title, cases in (("planted bugs", PLANTED), ("right functions", CORRECT)):
        for framework in asked.fw.split(","):
            chosen = [c for c in cases if asked.word in c.name and c.on(framework)]
            found = counted(chosen, framework, range(asked.seeds), vague)
            numbers = [found[v] for v in ("discrepancy", "inconclusive", "pass")]
            rows.append([title, framework, len(chosen), sum(numbers), *numbers])
    head = "| corpus | framework | cases | runs | discrepancy | inconclusive | pass |\n|---|---|---|---|---|---|---|"
    print("\n".join([head, *(f"| {' | '.join(map(str, row))} |" for row in rows)]))
    for name, count in sorted((+vague).items()):
        print(f"inconclusive {count} times: {name}")


def counted(cases: list[Case], framework: str, seeds: range, vague: Counter[str]) -> Counter[str]:
    """Verdicts; a run that went wrong is printed. ``vague`` counts the inconclusive ones by name."""
    found: Counter[str] = Counter()
    for case in cases:
        for name, report in runs.runs(case, framework, seeds):
            found[report.verdict] += 1
            vague[f"{case.name} ({runs.reason_of(case)})"] += report.verdict == "inconclusive"
            if (report.verdict == "discrepancy") != (case in PLANTED):
                print(f"{name}: {report.verdict}\n{report}\n", flush=True)
    return found


if __name__ == "__main__":
    main()
