"""A used environment gives its disk back where it is used once, and only there."""

import os
import runpy
import subprocess
import sys
import venv
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "give_back.py"


@pytest.fixture
def environment(tmp_path):
    venv.create(tmp_path / "used")
    (tmp_path / "used" / ".tox-info.json").write_text("{}")
    return tmp_path / "used"


def run_in(environment, **variables):
    python = environment / "bin" / "python"
    subprocess.run([python, SCRIPT], env={**os.environ, **variables}, check=True)


def test_an_environment_that_is_used_once_keeps_neither_packages_nor_the_record_of_them(environment):
    run_in(environment, DUALFW_ENVIRONMENTS="once")

    assert not (environment / "lib").exists()
    assert not (environment / ".tox-info.json").exists()


def test_without_being_told_it_keeps_both(environment):
    run_in(environment, DUALFW_ENVIRONMENTS="")

    assert (environment / "lib").is_dir()
    assert (environment / ".tox-info.json").exists()


def test_a_python_that_others_use_is_never_taken_apart(environment, monkeypatch):
    monkeypatch.setenv("DUALFW_ENVIRONMENTS", "once")
    monkeypatch.setattr(sys, "prefix", str(environment))
    monkeypatch.setattr(sys, "base_prefix", str(environment))

    runpy.run_path(str(SCRIPT), run_name="__main__")

    assert (environment / "lib").is_dir()
