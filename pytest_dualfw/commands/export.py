"""``dualfw export``: a history for other tools, as CSV or as files of pytest-benchmark."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..command import DONE, NOTHING_MEASURED, Parser
from ..history.export import to_csv, to_pytest_benchmark
from ..history.latest import latest
from ..history.problems import HistoryError, printable
from ..history.reader import read
from ..kernels.line import from_json
from .status import refused

PROGRAM = "dualfw export"
CSV, PYTEST_BENCHMARK = FORMATS = ("csv", "pytest-benchmark")


def main(arguments: Sequence[str]) -> int:
    """0; 2 for a folder that cannot be read or written; 5 where there is nothing to export."""
    options = _parser().parse_args(arguments)
    try:
        text = exported(options.folder, options.format)
        if text and options.out:
            options.out.write_text(text, encoding="utf-8")
    except (HistoryError, OSError) as error:
        return refused(PROGRAM, error)
    if not text:
        print(f"{PROGRAM}: {printable(str(options.folder))} holds no measurement to export", file=sys.stderr)
        return NOTHING_MEASURED
    if not options.out:
        sys.stdout.write(text)
    return DONE


def exported(folder: Path, form: str) -> str:
    """All of it as CSV; the latest run, as pytest-benchmark keeps one run in a file. Empty where there is nothing."""
    history = read(folder)
    for problem in history.problems:
        print(f"{PROGRAM}: {problem}", file=sys.stderr)
    if form == CSV:
        return to_csv(history) if history.lines else ""
    lines = [from_json(line) for line in latest(folder, history)]
    return json.dumps(to_pytest_benchmark(lines), indent=1) + "\n" if lines else ""


def _parser() -> Parser:
    parser = Parser(prog=PROGRAM, description="A history for other tools.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the history")
    parser.add_argument("--format", choices=FORMATS, default=CSV, help="all runs as csv (default), or the latest run "
                        "as a file that pytest-benchmark compare reads")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there (default: standard output)")
    return parser
