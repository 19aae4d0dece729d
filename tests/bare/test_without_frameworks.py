"""The wheel where neither torch nor jax is installed: it loads, says what is missing, and leaves other suites alone."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_dualfw import command

NONE_FOUND = (
    "ERROR: pytest-dualfw found no framework: neither torch nor jax is installed; "
    "run pip install 'pytest-dualfw[torch]', 'pytest-dualfw[jax]' or 'pytest-dualfw[all]'"
)
PLAIN = "def test_plain():\n    assert 1 + 1 == 2\n"


def test_the_environment_is_bare() -> None:
    assert find_spec("torch") is None
    assert find_spec("jax") is None


@pytest.mark.parametrize(("name", "line"), [("torch", "pip install torch"), ("jax", "pip install jax")])
def test_a_framework_asked_for_is_named_with_its_pip_line(pytester: Any, name: str, line: str) -> None:
    pytester.makepyfile(PLAIN)
    result = pytester.runpytest_subprocess(f"--fw={name}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --fw names '{name}', which is not installed; run {line}, or leave it out"])


def test_all_frameworks_of_none_is_an_error(pytester: Any) -> None:
    pytester.makepyfile(PLAIN)
    result = pytester.runpytest_subprocess("--fw=all")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert NONE_FOUND in result.stderr.str()


def test_the_shipped_suites_say_what_is_missing(pytester: Any) -> None:
    result = pytester.runpytest_subprocess("--pyargs", "pytest_dualfw.suites", "--fw=torch,jax")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "'torch', which is not installed" in result.stderr.str()


def test_a_suite_that_does_not_use_the_plugin_runs_as_before(pytester: Any) -> None:
    pytester.makepyfile(PLAIN)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    assert (
        "dualfw" not in result.stdout.str().replace(str(pytester.path), "").partition("plugins:")[2].partition("\n")[2]
    )


def test_the_references_need_no_framework() -> None:
    from pytest_dualfw.reference.losses import mse, mse_vjp

    y, t = np.array([1.0, 3.0]), np.array([0.0, 1.0])
    assert mse(y, t) == 2.5
    np.testing.assert_array_equal(mse_vjp(np.array(1.0), y, t)[0], [1.0, 2.0])


def test_help_and_markers_are_shown_without_a_framework(pytester: Any) -> None:
    assert "--fw-dtype" in pytester.runpytest_subprocess("--help").stdout.str()
    assert "fw_xfail" in pytester.runpytest_subprocess("--markers", "-p", "pytest_dualfw").stdout.str()


def test_check_grads_without_its_framework_says_so() -> None:
    code = "import pytest_dualfw; pytest_dualfw.check_grads(lambda x: x, 1.0, fw='torch')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "No module named 'torch'" in done.stderr


def test_a_history_is_judged_without_a_framework(tmp_path: Path) -> None:
    line = {"schema": "dualfw-bench/1", "started": "2026-11-22", "bench": {"id": "softmax"}, "jit": {"median": 1e-3}}
    (tmp_path / "kernels.jsonl").write_text(json.dumps(line) + "\n")
    assert command.main(["report", str(tmp_path), "--html", str(tmp_path / "page.html")]) == 0
    assert "softmax" in (tmp_path / "page.html").read_text()
