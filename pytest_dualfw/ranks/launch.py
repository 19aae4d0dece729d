"""Start the ranks of a plan, wait for them in bounded time, and leave nothing of them behind."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from .folder import ENDED, JOB, STARTED, Folder
from .launchers import LAUNCHERS, environment, expect_devices, reserved
from .outcome import End, Outcome, failure_of
from .plan import Plan
from .worker import ASK

POLL_S = 0.02
# After one rank has failed, the time in which others may tell how they ended: it decides who was first.
GRACE_S = 1.0
# A launcher whose ranks are dead ends by itself; torchrun takes a second.
CLOSING_S = 10.0
ANSWER_S = 0.5


def gathered(plan: Plan, folder: Path) -> Outcome:
    """The outcome of ``plan``, launched by whoever asks first: processes that share ``folder`` launch it once.

    RanksUnsupported where the machine has too few devices.
    """
    expect_devices(plan)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = folder / "outcome.json"
        if not place.exists():
            place.write_text(run(plan, folder / "ranks").to_json(), encoding="utf-8")
        return Outcome.from_json(place.read_text(encoding="utf-8"))


def run(plan: Plan, path: Path) -> Outcome:
    """Launch ``plan`` in a new folder and wait until it ended, failed, or its time is over."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    launch = Launch(plan, Folder(path))
    with launch.running():
        launch.wait()
        hung = launch.unfinished()
        launch.ask(hung)
        failure = failure_of(plan, launch.folder, hung)
    return Outcome(plan, path, failure)


@dataclass
class Launch:
    """The processes of one plan while they run."""

    plan: Plan
    folder: Folder
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Started inside, gone outside: every process group, whatever happened, a KeyboardInterrupt too."""
        self.folder.plan.write_text(self.plan.to_json(), encoding="utf-8")
        os.mkfifo(self.folder.leash)
        leash = os.open(self.folder.leash, os.O_RDWR)  # a writer that does not wait for readers
        try:
            with reserved() as held:
                self._start(held.getsockname()[1])
                yield
        finally:
            self._end()
            os.close(leash)

    def _start(self, port: int) -> None:
        shared = environment(self.plan)
        with self.folder.said.open("wb") as said:
            for process in LAUNCHERS[self.plan.launcher](self.plan, self.folder.path, port):
                self.processes.append(
                    subprocess.Popen(
                        process.command,
                        env={**shared, **process.environment},
                        cwd=self.folder.path,  # `python -m` looks there first
                        stdin=subprocess.DEVNULL,
                        stdout=said,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                )

    def wait(self) -> None:
        """Until all have ended, the plan's time is over, or one rank has failed and the others had time to tell."""
        deadline = time.monotonic() + self.plan.timeout_s
        failed = False
        while self._lives() and time.monotonic() < deadline:
            if not failed and self._failed():
                failed, deadline = True, min(deadline, time.monotonic() + GRACE_S)
            time.sleep(POLL_S)

    def unfinished(self) -> tuple[int, ...]:
        """Ranks that ran on although none had failed: those that hang."""
        if not self._lives() or self._failed():
            return ()
        return tuple(k for k in range(self.plan.ranks) if not self.folder.read(ENDED, k))

    def ask(self, ranks: tuple[int, ...]) -> None:
        """Have them write where they stand."""
        for k in ranks:
            worker = (self.folder.read(STARTED, k) or {}).get("worker")
            if worker and self.folder.read(JOB, k):  # from then on it knows the signal
                with suppress(ProcessLookupError):
                    os.kill(worker, ASK)
        if ranks:
            time.sleep(ANSWER_S)

    def _lives(self) -> bool:
        return any(process.poll() is None for process in self.processes)

    def _failed(self) -> bool:
        return any(End.of(self.folder, k) for k in range(self.plan.ranks))

    def _end(self) -> None:
        """Ranks first: a launcher that lives collects its children."""
        deadline = time.monotonic() + CLOSING_S
        self._kill_ranks()
        while self._lives() and time.monotonic() < deadline:
            self._kill_ranks()  # one may have started only now
            time.sleep(POLL_S)
        for process in self.processes:
            _kill_group(process.pid)
            process.wait()

    def _kill_ranks(self) -> None:
        for k in range(self.plan.ranks):
            if note := self.folder.read(STARTED, k):
                _kill_group(note["group"])


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # gone already, or somebody else's by now
        os.killpg(group, signal.SIGKILL)
