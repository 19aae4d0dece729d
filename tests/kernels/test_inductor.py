"""torch's compiler proper, in a process of its own: what --benchmark-only measures."""

import json
import shutil

import pytest

from ..plugin.helpers import run_apart

COMPILER = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)


@pytest.mark.skipif(COMPILER is None, reason="inductor compiles C++: install g++")
def test_a_kernel_compiled_by_inductor(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DUALFW_CACHE", str(pytester.path / "kept"))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(pytester.path / "compiled"))
    pytester.makepyfile(
        """
        def test_chain(kernel_benchmark, rng):
            kernel_benchmark(lambda x: ((x * 2 + 1).tanh() * x).sin(), rng.normal(size=(64, 64)), max_time=0.1)
        """
    )
    result = run_apart(pytester, "--fw=torch", "--fw-compile-backend=inductor", "--fw-report=out", "--benchmark-quiet")
    assert result.ret == 0
    lines = [json.loads(line) for line in (pytester.path / "out" / "kernels.jsonl").read_text().splitlines()]
    assert [(line["pass"], line["env"]["compile_backend"]) for line in lines] == [
        ("forward", "inductor"),
        ("forward+backward", "inductor"),
    ]
    for line in lines:
        assert line["status"] in ("ok", "noisy")
        assert line["compile"]["compile_fx_inner"] > 0
        assert line["compile"]["cache"] == "cold"
        assert line["ratio"]["n_pairs"] >= 3
