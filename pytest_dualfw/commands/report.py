"""``dualfw report``: a history and a run as one page, as Markdown, as JSON and as pictures; the verdict as a status."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ..command import DONE, NOTHING_MEASURED, WRONG_USAGE, Parser
from ..history.acknowledged import acknowledged
from ..history.latest import latest
from ..history.nights import Nights, nights
from ..history.problems import HistoryError, printable
from ..history.reader import read
from ..report import nights_terminal
from ..report.course import courses
from ..report.markdown import markdown
from ..report.model import SCHEMA
from ..report.page import PageModel, page
from ..report.text import plural
from .status import CONFIRMED_ONLY, FAIL_ON, refused, status

PROGRAM = "dualfw report"
RUN = "report.json"
# Option -> the name in the folder of --out, when none of them is given.
FORMS = {"html": "report.html", "md": "report.md", "json": "nights.json", "svg": "svg"}
OUT = "dualfw-report"


@dataclass(frozen=True)
class Found:
    """Everything a report is drawn from; ``run`` is a report.json."""

    nights: Nights
    run: dict[str, Any] | None
    kernels: list[dict[str, Any]]

    @cached_property
    def told(self) -> dict[str, Any]:
        """The nights as plain data."""
        return self.nights.to_json()


def main(arguments: Sequence[str]) -> int:
    """Exit status as in ``status``; 2 for wrong usage, a folder that cannot be read, or nothing in it but bad lines."""
    options = _parser().parse_args(arguments)
    try:
        found = gather(options.folder, options.run)
        for problem in found.nights.problems:
            print(f"{PROGRAM}: {problem}", file=sys.stderr)
        written = write(found, _paths(options))
    except (HistoryError, OSError) as error:
        return refused(PROGRAM, error)
    print("\n".join([*nights_terminal.lines(found.told), *told_of(written)]))
    return _status(found, options.fail_on)


def gather(folder: Path, run: Path | None) -> Found:
    """HistoryError for a folder that cannot be read, or a report that is none."""
    history = read(folder, partial(progress, "reading"))
    judged = nights(history, acknowledged(folder), partial(progress, "judging"))
    report = _report(run / RUN if run else folder / RUN, wanted=run is not None)
    lines = latest(run, read(run)) if run and not history.lines else latest(folder, history)
    return Found(judged, report, lines)


def write(found: Found, paths: dict[str, Path]) -> list[Path]:
    """Each form into its place; the files."""
    told = found.told
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    drawn: dict[str, Callable[[Path], dict[Path, str]]] = {
        "html": lambda at: {at: page(PageModel(found.run, found.kernels, told if told["timelines"] else None, made))},
        "md": lambda at: {at: markdown(found.run, told)},
        "json": lambda at: {at: json.dumps(told, allow_nan=False)},
        "svg": lambda at: {at / name: picture for name, picture in courses(told).items()},
    }
    files = {file: text for form, path in paths.items() for file, text in drawn[form](path).items()}
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", errors="replace")
    return [*files]


def told_of(files: list[Path]) -> list[str]:
    """Pictures by their folder alone: there may be hundreds."""
    pictures = [file for file in files if file.suffix == ".svg"]
    told = [f"written: {file}" for file in files if file not in pictures]
    return [*told, *([f"written: {plural(len(pictures), 'picture')} in {pictures[0].parent}"] if pictures else [])]


def progress(doing: str, done: int, of: int) -> None:
    """One line that is written over, for a person who waits; nothing where nobody looks on."""
    if sys.stderr.isatty():
        end = "\r" if done < of else "\r\033[K"
        print(f"{doing} {100 * done // max(of, 1)} %", end=end, file=sys.stderr, flush=True)


def _report(path: Path, *, wanted: bool) -> dict[str, Any] | None:
    if not path.is_file():
        if wanted:
            raise HistoryError(f"{printable(str(path))} is not there; name the folder that --fw-report wrote")
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise HistoryError(
            f"{printable(str(path))} is no JSON ({error}); run the tests with --fw-report again"
        ) from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        got = found.get("schema") if isinstance(found, dict) else None
        raise HistoryError(f"{printable(str(path))} has the schema {got!r}; this version reads {SCHEMA!r}")
    return found


def _paths(options: Namespace) -> dict[str, Path]:
    given = {form: getattr(options, form) for form in FORMS if getattr(options, form)}
    return given or {form: options.out / name for form, name in FORMS.items()}


def _status(found: Found, fail_on: str) -> int:
    judged = status(found.nights, fail_on)
    if judged != NOTHING_MEASURED:
        return judged
    if found.run:
        return DONE
    return WRONG_USAGE if found.nights.problems else NOTHING_MEASURED


def _parser() -> Parser:
    parser = Parser(prog=PROGRAM, description="What a history of kernel timings says, and what a run found.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="a history (--fw-history), or a report (--fw-report)")
    parser.add_argument("--run", type=Path, metavar="DIR", help="a report beside the history, for the page")
    parser.add_argument("--out", type=Path, default=Path(OUT), metavar="DIR", help=f"for all forms (default: {OUT})")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the page there, and no form that is not named")
    parser.add_argument("--md", type=Path, metavar="FILE", help="write Markdown there, say $GITHUB_STEP_SUMMARY")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the judged history there")
    parser.add_argument("--svg", type=Path, metavar="DIR", help="write a picture of each change there")
    parser.add_argument("--fail-on", choices=FAIL_ON, default=CONFIRMED_ONLY, help="what ends with a status: 1 for a "
                        "confirmed regression, with 'suspect' also 3 for a suspect (default: confirmed)")  # fmt: skip
    return parser
