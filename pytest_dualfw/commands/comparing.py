"""What ``compare`` and ``gate`` have in common: their forms, and their exit status."""

import json
import sys
from argparse import Namespace
from pathlib import Path

from ..command import DONE, NOTHING_MEASURED, Parser
from ..history.comparison import CONFIRMED, SUSPECT, Comparison
from ..history.model import History
from ..history.reader import read
from ..report.differences import lines, markdown
from .status import CONFIRMED_ONLY, FAIL_ON, REGRESSED, SUSPECTS_TOO
from .status import SUSPECT as SUSPECT_STATUS


def add_options(parser: Parser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number that was compared there")
    parser.add_argument("--md", type=Path, metavar="FILE", help="write Markdown there, say $GITHUB_STEP_SUMMARY")
    parser.add_argument("--fail-on", choices=FAIL_ON, default=CONFIRMED_ONLY, help="what ends with a status: 1 for "
                        "what is surely worse, with 'suspect' also 3 for what may be (default: confirmed)")  # fmt: skip


def heard(place: Path, program: str) -> History:
    """A side; what of it cannot be used is told."""
    history = read(place)
    for problem in history.problems:
        print(f"{program}: {problem}", file=sys.stderr)
    return history


def tell(found: Comparison, options: Namespace) -> int:
    """Print it, write it, and say how to exit. OSError for a file that cannot be written."""
    print("\n".join(lines(found)))
    if options.json:
        options.json.write_text(json.dumps(found.to_json(), allow_nan=False) + "\n", encoding="utf-8")
    if options.md:
        options.md.write_text(markdown(found), encoding="utf-8", errors="replace")
    return status(found, options.fail_on)


def status(found: Comparison, fail_on: str) -> int:
    """0 fine; 1 something is surely worse; 3 something may be, if asked; 5 both sides have no number in common."""
    if found.worse(CONFIRMED):
        return REGRESSED
    if fail_on == SUSPECTS_TOO and found.worse(SUSPECT):
        return SUSPECT_STATUS
    return DONE if found.differences else NOTHING_MEASURED
