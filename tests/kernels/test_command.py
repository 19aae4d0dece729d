"""The command ``dualfw``: what it says to a wrong word, and that help costs no framework."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from pytest_dualfw import __version__, command


def test_help(capsys):
    assert command.main(["--help"]) == command.main(["-h"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        """\
usage: dualfw COMMAND [OPTIONS]

  report   what a history says and a run found: page, Markdown, JSON, pictures, exit status
  compare  two runs, or two histories: what differs, and by how much
  gate     this revision against another one, measured in turn on this machine
  ack      accept a change: a new baseline, with who and why
  export   a history as CSV, or a run as pytest-benchmark keeps it
  doctor   what this machine is, how fast it can be, and the smallest change it can see

dualfw COMMAND --help tells a command's options.
"""
    )


def test_version(capsys):
    assert command.main(["--version"]) == 0
    assert capsys.readouterr().out == f"pytest-dualfw {__version__}\n"


@pytest.mark.parametrize(
    ("given", "got"), [([], "nothing"), (["doktor"], "'doktor'"), (["--json"], "'--json'"), (["", "doctor"], "''")]
)
def test_a_word_that_is_no_command(capsys, given, got):
    assert command.main(given) == 2
    told = capsys.readouterr()
    assert told.out == ""
    words = "report, compare, gate, ack, export or doctor"
    assert told.err == f"dualfw: got {got}, expected a command: {words}; see dualfw --help\n"


def test_every_command_is_there():
    for name, (module, what) in command.COMMANDS.items():
        assert what
        with pytest.raises(SystemExit) as ended:
            command.main([name, "--help"])
        assert ended.value.code == 0, module


def test_it_is_installed():
    (script,) = entry_points(group="console_scripts", name="dualfw")
    assert script.value == "pytest_dualfw.command:main"


@pytest.mark.parametrize("heavy", ["numpy", "torch", "jax"])
def test_help_imports_nothing_heavy(heavy):
    code = f"import sys; from pytest_dualfw import command; command.main(['-h']); sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
