"""``dualfw compare``: two runs, or two histories, held against each other."""

from collections.abc import Sequence
from pathlib import Path

from ..command import Parser
from ..history.comparison import compared
from ..history.problems import HistoryError
from .comparing import add_options, heard, tell
from .status import refused

PROGRAM = "dualfw compare"


def main(arguments: Sequence[str]) -> int:
    """Exit status as in ``comparing.status``; 2 for what cannot be read or written."""
    parser = Parser(
        prog=PROGRAM, description="What differs from A to B: with five runs of each by a test, else by size."
    )
    parser.add_argument(
        "a", type=Path, metavar="A", help="a history, a report's folder, kernels.jsonl, or pytest-benchmark's JSON"
    )
    parser.add_argument("b", type=Path, metavar="B", help="the same, of the other side")
    add_options(parser)
    options = parser.parse_args(arguments)
    try:
        return tell(compared(heard(options.a, PROGRAM), heard(options.b, PROGRAM)), options)
    except (HistoryError, OSError) as error:
        return refused(PROGRAM, error)
