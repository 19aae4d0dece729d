"""Collects what the tests of a run report (in the controller, under xdist), judges the whole run, writes it out."""

import json
import platform
import time
import uuid
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from .. import __version__, frameworks, numerics
from ..collection import Ledger
from ..findings import Check
from ..kernels import environment
from ..kernels.environment import Surroundings
from ..kernels.files import WRITTEN, files
from ..kernels.model import TABLE
from ..kernels.terminal import of_rows
from ..options import Settings
from ..target import listed
from . import terminal
from .model import Outcome, Run

# Narrowing a run on purpose: then a target without tests is no mistake.
SELECTIONS = ("keyword", "markexpr", "lf", "stepwise", "deselect", "benchmark_skip", "benchmark_only")


NOTHING_STORED = "nothing was timed, nothing is stored; --benchmark-only times the suites' kernels"

# A run that came to its end; one that was interrupted says nothing about what did not run.
FINISHED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)


class Session:
    """The controller's side of the plugin: header, report, verdict table, exit status."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self.run = Run(_environment(config, settings), [str(t) for t in settings.targets])
        self.by_test: dict[str, Outcome] = {}
        self.collected: set[str] = set()
        self.stored: list[Path] = []
        if settings.history and not config.getoption("collectonly", False):
            from ..history.tonight import Tonight, tonight_key  # not before somebody asks: it brings NumPy

            config.stash[tonight_key] = Tonight(Path(settings.history), self._surroundings)

    def pytest_report_header(self) -> list[str]:
        s = self.settings
        versions = ", ".join(f"{name} {version}" for name, version in s.versions.items())
        lines = [
            f"dualfw: {__version__}, {versions}, profile {s.profile}, seed {s.seed} (replay with --fw-seed={s.seed})",
            f"dualfw targets: {', '.join(map(str, s.targets))}",
            f"dualfw devices: {_devices(s)}",
            f"dualfw numerics: {numerics.in_words(s.numerics)}",
        ]
        return lines + ([f"dualfw left out: {', '.join(s.left_out)}"] if s.left_out else [])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected |= {item.nodeid for item in session.items}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """pytest-xdist: a worker has no exit status of its own; what it could not collect is told here."""
        told = getattr(node, "workeroutput", {}).get("dualfw", [])
        self.run.problems += [p for p in told if p not in self.run.problems]

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.collected |= set(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "dualfw", None)
        outcome = self.by_test.get(report.nodeid)
        if told is None:
            if outcome is not None:  # what pytest-xdist reports of a worker that went down in this test
                outcome.outcome, outcome.message = "failed", str(report.longrepr)
            return
        if outcome is None or report.when == "setup":
            outcome = Outcome(report.nodeid, told["label"], told["target"], told["command"])
            self.by_test[report.nodeid] = outcome
        outcome.seconds += report.duration
        outcome.checks += [Check.from_json(c) for c in told["checks"]]
        outcome.rows += told["rows"]
        outcome.script = told.get("script") or outcome.script
        _note(outcome, report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self.run.outcomes = list(self.by_test.values())
        if self.settings.history and not self.config.option.collectonly:
            self._append_to_history()
        stopped = exitstatus == pytest.ExitCode.TESTS_FAILED and self.config.option.maxfail
        if not self.config.option.collectonly and exitstatus in FINISHED and not stopped:
            self.run.problems += [*self._uncovered(), *self._not_required(), *self._stale()]
        if self.run.problems and exitstatus != pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if self.settings.report and not self.config.option.collectonly:
            write(self.run, Path(self.settings.report))
            self._write_kernels(Path(self.settings.report))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self.run.outcomes and not self.run.problems:
            return
        terminalreporter.section("dualfw")
        for line in terminal.summary(self.run):
            terminalreporter.write_line(line, red=line.startswith("ERROR"))
        if self.settings.report:
            terminalreporter.write_line(f"report: {Path(self.settings.report, 'report.json')}")
        if self.settings.history:
            terminalreporter.write_line(f"history: {', '.join(map(str, self.stored)) or NOTHING_STORED}")

    def _write_kernels(self, folder: Path) -> None:
        for earlier in (path for pattern in WRITTEN for path in folder.glob(pattern)):
            earlier.unlink()
        rows = self.run.tables().get(TABLE, [])
        for name, text in files(of_rows(rows), self._surroundings).items() if rows else ():
            (folder / name).write_text(text, encoding="utf-8")

    def _append_to_history(self) -> None:
        """Nothing that was measured is lost in silence: a history that cannot be written is a problem of the run."""
        from ..history.problems import HistoryError
        from ..history.tonight import tonight_key

        timings = of_rows(self.run.tables().get(TABLE, []))
        try:
            self.stored = self.config.stash[tonight_key].keep(timings)
        except HistoryError as error:
            self.run.problems.append(str(error))

    @cached_property
    def _surroundings(self) -> Surroundings:
        threads, probes = self.settings.numerics.threads, self.settings.probes.values()
        gpu = next((d.name for p in probes for d in p.devices if d.kind == "gpu"), "")
        driver = next((p.driver for p in probes if gpu and p.driver), "")
        return Surroundings(
            run_id=uuid.uuid4().hex[:12],
            started=self.run.environment["started"],
            machine=environment.machine(threads, gpu, driver),
            commit=environment.commit(self.config.rootpath),
            env=environment.software(threads),
        )

    def _uncovered(self) -> list[str]:
        """A target named on the command line on which nothing ran, unless the run was narrowed on purpose."""
        if not self.settings.named or self._narrowed():
            return []
        ran = self._ran()
        return [
            f"{t} was asked for and no test ran on it ({self._why_not(str(t))}); "
            "leave it out, or select tests that run there"
            for t in map(str, self.settings.targets)
            if not any(t == r or r == f"both-{t.partition('-')[2]}" for r in ran)
        ]

    def _not_required(self) -> list[str]:
        if self._narrowed():
            return []
        return [
            f"fw_required names {prefix!r} and no test ran on such a target; make tests run there, or drop it"
            for prefix in self.settings.required
            if not any(r.startswith(prefix) for r in self._ran())
        ]

    def _stale(self) -> list[str]:
        if not self.settings.xfails or self._narrowed():
            return []
        stale = Ledger(self.settings.xfails).stale(self.collected, self.settings.targets, self.config.rootpath)
        return [f"{self.settings.xfails} lists {e!r}, which no test is called; remove the line" for e in stale]

    def _ran(self) -> set[str]:
        return {o.target for o in self.run.outcomes if o.outcome != "skipped"}

    def _why_not(self, target: str) -> str:
        reasons = list(self.run.skips().get(target, {}))
        return f"all skipped: {listed(reasons)}" if reasons else "none was collected for it"

    def _narrowed(self) -> bool:
        option = self.config.option
        picked = any("::" in str(arg) for arg in self.config.args)
        return picked or any(getattr(option, name, None) for name in SELECTIONS)


def write(run: Run, folder: Path) -> None:
    """``report.json`` in ``folder``, replaced in one step, so that a reader never sees half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "report.json.part"
    draft.write_text(json.dumps(run.to_json(), indent=1, allow_nan=False, default=str), encoding="utf-8")
    draft.replace(folder / "report.json")


def _note(outcome: Outcome, report: pytest.TestReport) -> None:
    """Fold one phase's report into the outcome; the worst phase counts."""
    wasxfail = getattr(report, "wasxfail", None)
    if report.skipped:
        outcome.outcome = "xfailed" if wasxfail is not None else "skipped"
        outcome.reason = wasxfail or _reason(report)
    elif report.failed:
        outcome.outcome = "failed" if report.when == "call" or outcome.outcome == "failed" else "error"
        outcome.message = str(report.longrepr)
    elif wasxfail is not None:
        outcome.outcome, outcome.reason = "xpassed", wasxfail
    elif report.when == "call":
        outcome.outcome = "passed"


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _devices(settings: Settings) -> str:
    """What was found where a framework was asked; a run on the CPU alone asks nobody."""
    told = [f"cpu ({platform.processor() or platform.machine()})"] if not settings.probes else []
    for name, found in settings.probes.items():
        kinds = ", ".join(
            f"{d.kind} {d.name}" + (f" {d.memory_gb:.0f} GB" if d.memory_gb else "") for d in found.devices
        )
        told.append(f"{name} sees {kinds}" + (f", driver {found.driver}" if found.driver else ""))
    return "; ".join(told)


def _environment(config: pytest.Config, settings: Settings) -> dict[str, Any]:
    return {
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "plugin": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {**settings.versions, **{n: frameworks.version_of(n) for n in ("numpy", "scipy", "pytest")}},
        "devices": _devices(settings),
        "numerics": numerics.in_words(settings.numerics),
        "profile": settings.profile,
        "seed": settings.seed,
        "left_out": list(settings.left_out),
        "command": ["pytest", *map(str, config.invocation_params.args)],
    }
