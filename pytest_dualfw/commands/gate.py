"""``dualfw gate``: is this working tree slower than another revision? Both are measured in turn, on this machine."""

import os
import subprocess
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..command import Parser
from ..history.comparison import in_turn
from ..history.problems import HistoryError, printable
from ..kernels.environment import git
from .comparing import add_options, heard, tell
from .status import refused

PROGRAM = "dualfw gate"
ROUNDS = 10
# What to run where nothing is said: every kernel that the project's suite times.
TIMED = ("--benchmark-only",)


@dataclass(frozen=True)
class Side:
    """A tree of files, and where the reports of its rounds go: a history with one run for each."""

    name: str
    tree: Path
    reports: Path

    def measure(self, number: int, arguments: Sequence[str]) -> None:
        """One round, in a process of its own, on the tree's own modules. HistoryError where a test fails."""
        report = self.reports / str(number)
        kept = f"cache_dir={self.reports / 'cache'}"  # not in the tree: it stays as it was
        command = [sys.executable, "-m", "pytest", *arguments, f"--fw-report={report}", "-o", kept]
        environment = {**os.environ, "PYTHONPATH": self._path()}
        done = subprocess.run(
            command, cwd=self.tree, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode:
            print(done.stdout[-4000:], done.stderr[-4000:], file=sys.stderr)
            raise HistoryError(f"pytest ended with status {done.returncode} on {self.name}; its output stands above")

    def _path(self) -> str:
        """Before what is installed: an editable install points at one tree only."""
        own = [str(p) for p in (self.tree / "src", self.tree) if p.is_dir()]
        return os.pathsep.join([*own, *filter(None, [os.environ.get("PYTHONPATH", "")])])


def main(arguments: Sequence[str]) -> int:
    """Exit status as in ``comparing.status``; 2 for a revision that is none, or a side whose tests fail."""
    ours, asked = _split(arguments)
    parser = _parser()
    options = parser.parse_args(ours)
    try:
        with TemporaryDirectory(prefix="dualfw-gate-") as made:
            folder = Path(made)
            with checked_out(options.base, folder) as (base, head):
                sides = Side(options.base, base, folder / "before"), Side("this tree", head, folder / "after")
                measure(sides, options.rounds, asked or TIMED)
            return tell(in_turn(*(heard(_made(side.reports), PROGRAM) for side in sides)), options)
    except (HistoryError, OSError) as error:
        return refused(PROGRAM, error)


def measure(sides: tuple[Side, Side], rounds: int, arguments: Sequence[str]) -> None:
    """In turn, and in turn the first: what the machine does over the minutes hits both."""
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            print(f"round {number + 1} of {rounds}: {side.name}", file=sys.stderr, flush=True)
            side.measure(number, arguments)


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[tuple[Path, Path]]:
    """The revision in a tree of its own, and this one: of both the folder in which the command stands."""
    here = Path.cwd()
    top = git(here, "rev-parse", "--show-toplevel")
    if not top:
        raise HistoryError(f"{printable(str(here))} is in no git repository; run the command in the project's checkout")
    commit = git(here, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if not commit:
        raise HistoryError(f"{revision!r} is no revision of {printable(top)}; name a branch, a tag or a commit")
    below = here.resolve().relative_to(Path(top).resolve())
    tree = folder / "base"
    try:
        _worktree(top, "add", "--detach", str(tree), commit)
        if not (tree / below).is_dir():
            raise HistoryError(f"{printable(str(below))} is not in {revision!r}; run the command in a folder of both")
        yield tree / below, here
    finally:
        _worktree(top, "remove", "--force", str(tree), check=tree.exists())


def _worktree(top: str, *arguments: str, check: bool = True) -> None:
    command = ["git", "-C", top, "worktree", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if check and done.returncode:
        said = printable(" ".join(done.stderr.split()))
        raise HistoryError(f"git worktree {arguments[0]} ended with status {done.returncode} ({said}); mend that first")


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)  # where no round left a report
    return folder


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what stands behind ``--``: pytest's."""
    given = list(arguments)
    at = given.index("--") if "--" in given else len(given)
    return given[:at], given[at + 1 :]


def _parser() -> Parser:
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} --base REV [OPTIONS] [-- PYTEST'S ARGUMENTS]",
        description="Measure this working tree and another revision in turn, and tell what differs.",
        epilog=f"Behind -- stands what to run (default: {' '.join(TIMED)}).",
    )
    parser.add_argument("--base", required=True, metavar="REV", help="a branch, a tag or a commit")
    parser.add_argument("--rounds", type=_rounds, default=ROUNDS, help=f"runs of each side (default: {ROUNDS})")
    add_options(parser)
    return parser


def _rounds(given: str) -> int:
    """argparse makes its sentence of what this raises."""
    if not given.isdecimal() or int(given) < 1:
        raise ArgumentTypeError(f"{given!r} is no number of rounds; give a whole number from 1 on")
    return int(given)
