import os
from pathlib import Path

import pytest

from pytest_dualfw.ranks.launch import run
from pytest_dualfw.ranks.plan import Job, Plan
from pytest_dualfw.target import Target

# Ranks that compute nothing start in a fifth of a second; a loaded machine takes longer.
ENDS_WITHIN_S = 60.0


def alive(folder):
    """Processes of this machine that a launch in ``folder`` started: all of them have its path in their command."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:  # gone meanwhile
            continue
        if os.fsencode(folder) in command and state != "Z":
            found.append(int(entry.name))
    return found


@pytest.fixture
def launched(tmp_path):
    """``launched(function, launcher=, target=, ranks=, timeout_s=, **options)``: one job's outcome, nothing left."""

    def launch(
        work, *, launcher="processes", target="", ranks=2, devices=1, timeout_s=ENDS_WITHIN_S, module="work", **options
    ):
        job = Job("job", f"{__package__}.{module}:{work}", options)
        target = Target.parse(target) if target else Target("")
        plan = Plan(launcher, target, (job,), ranks=ranks, devices=devices, timeout_s=timeout_s)
        outcome = run(plan, tmp_path / "launch")
        assert alive(tmp_path) == []
        return outcome

    return launch
