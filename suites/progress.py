"""A line now and then in the nightly profile: how far the run is, and what it has found so far."""

import time
from collections.abc import Callable
from typing import Any

import pytest

TABLE = "not in the catalogue"
SECONDS = 60.0


class Progress:
    """Counts tests as they end (in the controller, under pytest-xdist) and tells once a minute."""

    def __init__(self, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._clock = tell, clock
        self._started = self._told = clock()
        self._ended = 0
        self._found: list[str] = []
        self._failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        rows = (getattr(report, "dualfw", None) or {}).get("rows", ())
        self._found += [f"{row['op']}: {row['found']}" for row in rows if row["table"] == TABLE]
        self._failed += report.failed
        self._ended += report.when == "teardown"
        if self._clock() - self._told >= SECONDS:
            self._told = self._clock()
            self._tell(self.line())

    def line(self) -> str:
        minutes = (self._clock() - self._started) / 60
        newest = f"; the newest: {self._found[-1]}" if self._found else ""
        return (
            f"{minutes:.0f} min: {self._ended} tests, {self._failed} failed, "
            f"{len(self._found)} findings that are not in the catalogue{newest}"
        )


def shown(config: pytest.Config) -> Progress | None:
    """None in a worker of pytest-xdist, whose terminal nobody sees."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return None

    def tell(line: str) -> None:
        reporter.ensure_newline()
        reporter.write_line(line)

    return Progress(tell)
