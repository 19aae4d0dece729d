"""The exit statuses of the commands that judge measurements. 2 for wrong usage or input that cannot be read."""

import sys

from ..command import DONE, NOTHING_MEASURED, WRONG_USAGE
from ..history.nights import Nights
from ..history.problems import HistoryError, printable

REGRESSED, SUSPECT, INVALID = 1, 3, 4

CONFIRMED_ONLY, SUSPECTS_TOO = FAIL_ON = ("confirmed", "suspect")


def status(nights: Nights, fail_on: str = CONFIRMED_ONLY) -> int:
    """0 fine; 1 a confirmed regression stands; 3 a suspect, if asked; 4 a measurement became invalid; 5 nothing was
    measured.
    """
    if nights.regressed:
        return REGRESSED
    if fail_on == SUSPECTS_TOO and nights.suspect:
        return SUSPECT
    if nights.broken:
        return INVALID
    return DONE if nights.measured else NOTHING_MEASURED


def refused(program: str, error: HistoryError | OSError) -> int:
    """Say in a sentence what cannot be read or written; the status for that."""
    told = str(error)
    if isinstance(error, OSError):
        told = f"{printable(str(error.filename))} cannot be written ({error.strerror}); name another place"
    print(f"{program}: {told}", file=sys.stderr)
    return WRONG_USAGE
