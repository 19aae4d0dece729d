"""The command ``dualfw``: one word that says what to do, then that command's own options."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

from . import __version__
from .target import listed

# Exit statuses that all commands share; 1 is Python's own for an error nobody foresaw.
DONE, WRONG_USAGE, NOTHING_MEASURED = 0, 2, 5

# name -> (module of this package with a ``main(arguments) -> exit status``, what it does). Imported when called.
COMMANDS: dict[str, tuple[str, str]] = {
    "report": ("commands.report", "what a history says and a run found: page, Markdown, JSON, pictures, exit status"),
    "compare": ("commands.compare", "two runs, or two histories: what differs, and by how much"),
    "gate": ("commands.gate", "this revision against another one, measured in turn on this machine"),
    "ack": ("commands.ack", "accept a change: a new baseline, with who and why"),
    "export": ("commands.export", "a history as CSV, or a run as pytest-benchmark keeps it"),
    "doctor": ("kernels.doctor", "what this machine is, how fast it can be, and the smallest change it can see"),
}


class Parser(ArgumentParser):
    """argparse, with one sentence where it has a usage text and a sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the first argument names; its exit status. 2 for wrong usage, with one sentence."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name that this terminal has no letters for is no reason to fail
    if given[:1] in (["-h"], ["--help"]):
        print(usage())
        return DONE
    if given[:1] == ["--version"]:
        print(f"pytest-dualfw {__version__}")
        return DONE
    if not given or given[0] not in COMMANDS:
        got = repr(given[0]) if given else "nothing"
        print(
            f"dualfw: got {got}, expected a command: {listed(list(COMMANDS), 'or')}; see dualfw --help", file=sys.stderr
        )
        return WRONG_USAGE
    run: Callable[[Sequence[str]], int] = import_module(f".{COMMANDS[given[0]][0]}", __package__).main
    return run(given[1:])


def usage() -> str:
    """What ``dualfw --help`` says."""
    width = max(map(len, COMMANDS))
    told = [f"  {name:{width}s}  {what}" for name, (_, what) in COMMANDS.items()]
    return "\n".join(
        ["usage: dualfw COMMAND [OPTIONS]", "", *told, "", "dualfw COMMAND --help tells a command's options."]
    )


if __name__ == "__main__":
    sys.exit(main())
