"""``python -m pytest_dualfw.ranks.shepherd FOLDER``: starts the worker of one rank, and notes how it ended.

A worker that is killed cannot tell. The shepherd imports nothing heavy, so that it is there before the worker and sees
even an interpreter that does not come up. It ends as its worker ended, so that the launcher sees the same.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .folder import ENDED, STARTED, Folder


@dataclass
class Shepherd:
    """Of one rank. ``stopped`` says that the worker was ended by us, since the launcher or the leash said so."""

    folder: Folder
    rank: int
    stopped: bool = False
    worker: "subprocess.Popen[bytes] | None" = None

    def watch(self) -> int:
        """Run the worker to its end; returns its exit status, negative for a signal."""
        signal.signal(signal.SIGTERM, self.stop)
        self._tell_of(None)
        command = [sys.executable, "-m", "pytest_dualfw.ranks.worker", str(self.folder.path)]
        with self.folder.stderr(self.rank).open("wb") as stderr:
            self.worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=stderr)
        self._tell_of(self.worker.pid)
        threading.Thread(target=self._hold_the_leash, daemon=True).start()
        if self.stopped:  # before there was a worker
            self.stop()
        status = self.worker.wait()
        self.folder.write(ENDED, self.rank, status=status, stopped=self.stopped, time=time.time())
        return status

    def stop(self, *_: Any) -> None:
        self.stopped = True
        if self.worker:
            self.worker.kill()

    def _tell_of(self, worker: int | None) -> None:
        """Launchers start each rank in a group of its own: what the worker starts belongs to it, and goes with it."""
        self.folder.write(STARTED, self.rank, group=os.getpgrp(), worker=worker)

    def _hold_the_leash(self) -> None:
        """Reading ends when the last writer is gone: the launching process, however it died."""
        try:
            leash = os.open(self.folder.leash, os.O_RDONLY | os.O_NONBLOCK)  # does not wait for a writer
            os.set_blocking(leash, True)
            os.read(leash, 1)
        except FileNotFoundError:  # the launch is over and cleaned up
            pass
        self.stop()


def end_like(status: int) -> None:
    """End with this exit status, or by this signal."""
    if status < 0:
        signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    sys.exit(status)


if __name__ == "__main__":
    end_like(Shepherd(Folder(Path(sys.argv[1])), int(os.environ["RANK"])).watch())
