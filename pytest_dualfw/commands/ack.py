"""``dualfw ack``: a change that is accepted, with who and why; from then on it is the baseline."""

import getpass
from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ..command import DONE, Parser
from ..history.acknowledged import Acknowledged, acknowledge, acknowledged
from ..history.nights import Nights, nights
from ..history.problems import HistoryError, printable
from ..history.reader import read
from ..kernels.environment import git
from ..target import listed
from .status import refused

PROGRAM = "dualfw ack"
HISTORY = "dualfw-history"


def main(arguments: Sequence[str]) -> int:
    """0; 2 where there is no such change, or no such history."""
    options = _parser().parse_args(arguments)
    folder: Path = options.history
    try:
        accepted = acknowledged(folder)
        id_ = expected(nights(read(folder), accepted), options.id, folder)
        when = datetime.now(UTC).strftime("%Y-%m-%d")
        path = acknowledge(folder, Acknowledged(id_, options.who or who(folder), options.why, when))
    except HistoryError as error:
        return refused(PROGRAM, error)
    print(f"{id_} is accepted; {printable(str(path))} says so, and wants to be committed with the history")
    return DONE


def expected(found: Nights, given: str, folder: Path) -> str:
    """The whole id of which the beginning was given. HistoryError where it is none's, or several'."""
    known = found.changes()
    fitting = [id_ for id_ in known if given and id_.startswith(given)]
    if len(fitting) == 1:
        return fitting[0]
    told = f"its changes are {listed(list(known))}" if known else "it has no change"
    several = f"{given!r} is the beginning of {len(fitting)} changes in" if fitting else f"{given!r} is no change of"
    raise HistoryError(f"{several} {printable(str(folder))}; {told}")


def who(folder: Path) -> str:
    """As git knows the person, else as the system does."""
    return git(folder, "config", "user.name") or getpass.getuser()


def _parser() -> Parser:
    parser = Parser(prog=PROGRAM, description="Accept a change: it is listed on, and no regression any more.")
    parser.add_argument("id", metavar="ID", help="of the change, as dualfw report tells it, or the beginning of it")
    parser.add_argument("--why", required=True, type=_words, help="one clause that says why it is fine")
    parser.add_argument("--who", type=_words, help="who accepts it (default: git's user.name)")
    parser.add_argument("--history", type=Path, default=Path(HISTORY), metavar="DIR", help=f"(default: {HISTORY})")
    return parser


def _words(given: str) -> str:
    """argparse makes its sentence of what this raises."""
    if not given.strip():
        raise ArgumentTypeError("it is empty; give a few words")
    return given.strip()
