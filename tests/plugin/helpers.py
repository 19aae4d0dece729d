"""Inner pytest runs, and what they said.

``run`` stays in this process, where torch and jax are imported already: an inner run takes a tenth of a second.
``run_apart`` starts a process: for what is about imports, the environment or pytest-xdist.
"""

import json
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

USAGE_ERROR = pytest.ExitCode.USAGE_ERROR
# Off unless a test is about them: what runs keep from one to the next, random order, and jaxtyping's plugin, which
# comes with equinox and imports NumPy.
OFF = ("cacheprovider", "randomly", "jaxtyping")

# One test that computes on every target.
ADDS_ONE = """
    def test_adds_one(fw, assert_close):
        assert_close(fw.compile(lambda x: x + 1)(fw.asarray(1.0)), 2.0)
"""

# A test file that must not be imported, because the run ends before collection.
NOT_TO_BE_COLLECTED = "raise RuntimeError('was collected')"

_WORDS = "PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS"
_VERBOSE = re.compile(rf"^(\S+?\.py::.+?) ({_WORDS})(?: \(.*)? *\[ *\d+%\]$")
_XDIST = re.compile(rf"^\[gw\d+\] \[ *\d+%\] ({_WORDS}) (\S+\.py::.+?) *$")


class _Imports:
    """Pytester forgets what an inner run imported, and a framework cannot be imported twice in a process."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    def pytest_unconfigure(self) -> None:
        self.seen |= sys.modules

    def forget(self, folder: Path) -> None:
        """The inner project's own modules: the next one may have the same names."""
        self.seen = {k: m for k, m in self.seen.items() if not str(getattr(m, "__file__", "")).startswith(str(folder))}

    def put_back(self) -> None:
        for name, module in self.seen.items():
            sys.modules.setdefault(name, module)


IMPORTS = _Imports()


def run(pytester: pytest.Pytester, *args: str, off: tuple[str, ...] = OFF) -> pytest.RunResult:
    """An inner run in this process, with the warning filters that a run has by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        result = pytester.runpytest_inprocess("-v", *_without(off), *args, plugins=[IMPORTS])
    IMPORTS.forget(pytester.path)
    IMPORTS.put_back()
    return result


def run_apart(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """An inner run in a process of its own."""
    return pytester.runpytest_subprocess("-v", *_without(OFF), *args)


def _without(names: tuple[str, ...]) -> list[str]:
    return [f"-pno:{name}" for name in names]


def text(result: pytest.RunResult) -> str:
    return "\n".join([*result.outlines, *result.errlines])


def has_line(result: pytest.RunResult, line: str) -> bool:
    """Whether the run wrote exactly this line, on either stream; blanks around it and pytest's ``E`` do not count."""
    return line in [re.sub(r"^E  +", "", written).strip() for written in (*result.outlines, *result.errlines)]


def assert_lines(result: pytest.RunResult, *lines: str) -> None:
    missing = [line for line in lines if not has_line(result, line)]
    assert not missing, f"the run did not write {missing[0]!r}; it wrote\n{text(result)}"


def assert_usage_error(result: pytest.RunResult, sentence: str) -> None:
    """Exit status 4, the sentence on a line of its own, no traceback, nothing collected."""
    assert_lines(result, f"ERROR: {sentence}")
    assert result.ret == USAGE_ERROR
    for sign in ("Traceback", "INTERNALERROR", "was collected"):
        assert sign not in text(result)


def assert_problem(result: pytest.RunResult, sentence: str) -> None:
    """Exit status 4 at the end of a run, with the sentence below the report."""
    assert_lines(result, f"ERROR: {sentence}")
    assert result.ret == USAGE_ERROR


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    """Test id without its file -> passed, failed, error, skipped, xfail or xpass."""
    ended: dict[str, str] = {}
    for line in result.outlines:
        if found := _VERBOSE.match(line):
            ended[found[1].partition("::")[2]] = found[2].lower()
        elif found := _XDIST.match(line):
            ended[found[2].partition("::")[2]] = found[1].lower()
    return ended


def collected(result: pytest.RunResult) -> list[str]:
    """What ``--collect-only -qq`` listed, without the file."""
    return [line.partition("::")[2] for line in result.outlines if ".py::" in line]


def report_of(pytester: pytest.Pytester, folder: str = "out") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((pytester.path / folder / "report.json").read_text(encoding="utf-8"))
    return found
