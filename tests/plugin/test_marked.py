"""Markers: which targets a test runs on, where it skips, where it is expected to fail."""

from functools import partial

import pytest

from pytest_dualfw import plugin
from pytest_dualfw.options import Resolver

from .helpers import assert_lines, outcomes, run

FOUR = ["--fw=torch,jax", "--fw-mode=eager,jit"]
T, TJ, J, JJ = (f"{fw}-cpu-float32-{mode}" for fw in ("torch", "jax") for mode in ("eager", "jit"))


def ended(pytester, mark, body="pass", args=FOUR):
    """What each target's test came to; targets that the test is not for are missing."""
    pytester.makepyfile(test_it=f"import pytest\n\n@pytest.mark.{mark}\ndef test_it(fw, mode): {body}")
    result = run(pytester, *args, "-rsxX")
    return {name.removeprefix("test_it[").removesuffix("]"): end for name, end in outcomes(result).items()}, result


@pytest.mark.parametrize(
    ("mark", "targets"),
    [
        ("fw_only('jax')", [J, JJ]),
        ("fw_only('jax', 'torch')", [T, TJ, J, JJ]),
        ("fw_only(fw='jax')", [J, JJ]),
        ("fw_only('torch', mode='jit')", [TJ]),
        ("fw_only(mode=['jit'])", [TJ, JJ]),
        ("fw_only(device='cpu', dtype=('float32', 'float64'))", [T, TJ, J, JJ]),
    ],
)
def test_only(pytester, mark, targets):
    found, result = ended(pytester, mark)
    assert found == dict.fromkeys(targets, "passed")
    assert result.ret == (0 if len(targets) == 4 else 4)


def test_only_for_targets_that_are_not_there(pytester):
    found, result = ended(pytester, "fw_only('jax', dtype='float64')", args=["--fw=jax"])
    assert found == {"no-target": "skipped"}
    assert_lines(
        result,
        "SKIPPED [1] test_it.py:3: test_it is for other targets (fw_only); this run covers jax-cpu-float32-eager",
    )


def test_only_on_class_and_module(pytester):
    pytester.makepyfile("""
        import pytest
        pytestmark = pytest.mark.fw_only("jax", "torch")

        @pytest.mark.fw_only("jax")
        class TestJax:
            def test_any(self, fw): pass

            @pytest.mark.fw_only(mode="jit")
            def test_jit(self, fw): pass

        def test_both_of_them(fw): pass
    """)
    assert list(outcomes(run(pytester, *FOUR))) == [
        f"TestJax::test_any[{J}]",
        f"TestJax::test_any[{JJ}]",
        f"TestJax::test_jit[{JJ}]",
        *(f"test_both_of_them[{t}]" for t in (T, TJ, J, JJ)),
    ]


@pytest.mark.parametrize(
    ("mark", "skipped", "reason"),
    [
        ("fw_skip(fw='torch', reason='no such op')", [T, TJ], "no such op"),
        ("fw_skip(fw='torch', mode='jit')", [TJ], f"fw_skip on {TJ}"),
        ("fw_skip(fw=['torch', 'jax'], mode='jit', reason='later')", [TJ, JJ], "later"),
        ("fw_skip(dtype='float64', reason='wide')", [], ""),
        ("fw_skip(device='gpu', fw='jax', reason='slow')", [], ""),
    ],
)
def test_skip(pytester, mark, skipped, reason):
    found, result = ended(pytester, mark)
    assert found == {t: "skipped" if t in skipped else "passed" for t in (T, TJ, J, JJ)}
    for target in skipped:
        assert_lines(result, f"skipped on {target}: {reason}")


def test_xfail_still_runs(pytester):
    found, result = ended(pytester, "fw_xfail(fw='torch', reason='spelt otherwise')", "assert fw.name == 'jax'")
    assert found == {T: "xfail", TJ: "xfail", J: "passed", JJ: "passed"}
    assert result.ret == 0
    assert_lines(result, f"XFAIL test_it.py::test_it[{T}] - spelt otherwise")


def test_xfail_that_passes_is_a_failure(pytester):
    found, result = ended(pytester, "fw_xfail(fw='torch', reason='spelt otherwise')")
    assert found == {T: "failed", TJ: "failed", J: "passed", JJ: "passed"}
    assert_lines(result, "[XPASS(strict)] spelt otherwise")


def test_xfail_that_may_pass(pytester):
    found, _ = ended(pytester, "fw_xfail(mode='jit', reason='flaky', strict=False)")
    assert found == {T: "passed", TJ: "xpass", J: "passed", JJ: "xpass"}


@pytest.mark.parametrize(("raised", "end"), [("ValueError", "xfail"), ("KeyError", "failed")])
def test_xfail_by_the_error_that_is_expected(pytester, raised, end):
    found, _ = ended(pytester, "fw_xfail(fw='jax', raises=ValueError, reason='r')", f"raise {raised}", ["--fw=jax"])
    assert found == {J: end}


def test_xfail_of_a_wrong_result(pytester):
    """What the plugin finds after the body is an expected failure like any other."""
    found, _ = ended(pytester, "fw_xfail(mode='jit', reason='not compiled yet')", "fw.asarray(1.0) + 1")
    assert found == {T: "passed", TJ: "xfail", J: "passed", JJ: "xfail"}


@pytest.mark.parametrize(
    ("mark", "end", "reason"),
    [
        ("fw_requires(jax='>=0.1')", "passed", ""),
        ("fw_requires(torch='>=99')", "passed", ""),
        ("fw_requires(jax='>=99')", "skipped", "needs jax >=99, found {jax}"),
        ("fw_requires(jax='>=99', reason='new API')", "skipped", "needs jax >=99, found {jax}: new API"),
        ("fw_requires(memory_gb=10_000)", "passed", ""),
    ],
)  # fmt: skip
def test_requires(pytester, mark, end, reason):
    from importlib.metadata import version

    found, result = ended(pytester, mark, args=["--fw=jax"])
    assert found == {J: end}
    if reason:
        assert_lines(result, f"skipped on {J}: {reason.format(jax=version('jax'))}")


def test_requires_memory(pytester, monkeypatch):
    """On a GPU of 8 GB, which this machine need not have: the test is skipped before anything is imported."""
    from pytest_dualfw.frameworks.probe import Device, Probe

    found = Probe("9.9", (Device("cpu", "cpu"), Device("gpu", "small", 7.96)))
    monkeypatch.setattr(plugin, "Resolver", partial(Resolver, ask=lambda name: found))
    pytester.makeini("[pytest]\nfw = jax\nfw_device = gpu\n")
    ended_as, result = ended(pytester, "fw_requires(memory_gb=16, reason='a large model')", args=[])
    assert ended_as == {"jax-gpu-float32-eager": "skipped"}
    assert_lines(result, "skipped on jax-gpu-float32-eager: needs 16 GB on gpu, found 8.0: a large model")


def test_tolerance(pytester):
    pytester.makepyfile("""
        import numpy as np
        import pytest

        @pytest.mark.fw_tolerance(rtol=0.2, why="a coarse approximation on purpose")
        def test_coarse(fw, assert_close, check_grads):
            assert_close(fw.asarray(1.1), 1.0)
            check_grads(lambda x: x * 1.1, np.array([1.0, 2.0]), reference=lambda x: x)

        def test_fine(fw, assert_close):
            assert_close(fw.asarray(1.1), 1.0)
    """)
    assert list(outcomes(run(pytester, "--fw=jax")).values()) == ["passed", "failed"]


def test_markers_are_listed(pytester):
    lines = run(pytester, "--fw=jax", "--markers").outlines
    for name in (
        "fw_only(*frameworks, device=",
        "fw_skip(fw=",
        "fw_xfail(fw=",
        "fw_requires(",
        "fw_tolerance(",
        "fw_gpu:",
    ):
        assert any(line.startswith(f"@pytest.mark.{name}") for line in lines), name


def test_strict_markers_are_no_obstacle(pytester):
    found, _ = ended(pytester, "fw_only('jax')", args=["--fw=jax", "--strict-markers", "--strict-config"])
    assert found == {J: "passed"}
