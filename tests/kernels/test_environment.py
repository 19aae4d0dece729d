"""The machine's key, the commit, and systems that do not say."""

import os
import subprocess
from dataclasses import replace

import pytest

from pytest_dualfw.kernels import environment
from pytest_dualfw.kernels.environment import Commit, Machine

MACHINE = Machine("a processor", 2, 1, "a card", "570.1")


def test_the_key_is_of_hardware_and_pinning():
    assert len(MACHINE.key) == 12
    assert replace(MACHINE, driver="580.0").key == MACHINE.key
    for change in ({"cpu": "another"}, {"cores": 4}, {"threads": 2}, {"gpu": ""}):
        assert replace(MACHINE, **change).key != MACHINE.key


def git(folder, *args):
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    dates = {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05+00:00", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05+00:00"}
    subprocess.run(
        ["git", "-C", folder, *args], check=True, capture_output=True, env={**os.environ, **identity, **dates}
    )


def test_the_commit(tmp_path):
    git(tmp_path, "init", "-b", "trunk")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-m", "a")
    found = environment.commit(tmp_path)
    assert (found.time, found.dirty, found.branch) == ("2026-01-02T03:04:05+00:00", False, "trunk")
    assert len(found.id) == 40
    (tmp_path / "a").write_text("2")
    assert environment.commit(tmp_path) == replace(found, dirty=True)


def test_no_commit_outside_a_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert environment.commit(tmp_path) == Commit()


def test_no_commit_without_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert environment.commit(tmp_path) == Commit()


def test_caches(tmp_path, monkeypatch):
    for i, (level, kind, size) in enumerate([(1, "Data", "32K"), (1, "Instruction", "64K"), (3, "Unified", "32M")]):
        entry = tmp_path / f"index{i}"
        entry.mkdir()
        for name, value in (("level", level), ("type", kind), ("size", size)):
            (entry / name).write_text(f"{value}\n")
    monkeypatch.setattr(environment, "CACHES", tmp_path)
    assert environment.caches() == {"L1": 32 * 2**10, "L3": 32 * 2**20}


def test_a_system_that_does_not_say(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "CACHES", tmp_path)
    monkeypatch.setattr(environment, "CPUINFO", tmp_path / "missing")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert (environment.caches(), environment.affinity(), environment.load()) == ({}, (), None)
    assert environment.cores() == os.cpu_count()
    assert environment.cpu_model()


def test_the_processor_as_the_system_calls_it(tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: A Processor: 3 GHz\n")
    monkeypatch.setattr(environment, "CPUINFO", tmp_path / "cpuinfo")
    assert environment.cpu_model() == "A Processor: 3 GHz"


@pytest.mark.parametrize("name", ["torch", "jax", "jaxlib"])
def test_software_that_is_not_installed(monkeypatch, name):
    monkeypatch.setattr(environment.frameworks, "is_installed", lambda asked: asked != name)
    assert environment.software(1)[name] is None


def test_flags_that_are_set(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_something")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    found = environment.software(2)
    assert found["flags"]["XLA_FLAGS"] == "--xla_something"
    assert "OMP_NUM_THREADS" not in found["flags"]
    assert found["threads"] == 2
