"""What ran where, at the end of a run; and a target that was asked for and on which nothing ran."""

import pytest

from .helpers import assert_lines, assert_problem, outcomes, run, text

T, J = "torch-cpu-float32-eager", "jax-cpu-float32-eager"
SUITE = """
    import pytest

    def test_passes(fw): pass
    def test_fails(fw): assert fw.name == "jax"

    @pytest.mark.fw_xfail(fw="jax", reason="not yet")
    def test_xfails(fw): assert fw.name == "torch"

    @pytest.mark.fw_xfail(fw="jax", reason="may pass", strict=False)
    def test_xpasses(fw): pass

    @pytest.mark.fw_skip(fw="torch", reason="no such op")
    def test_skips(fw): pass

    @pytest.mark.fw_skip(fw="torch", reason="no such op")
    def test_skips_too(fw): pass

    def test_op_is_missing(fw):
        if fw.name == "jax":
            pytest.skip("unsupported: no such op in jax")

    @pytest.fixture
    def broken(fw): assert fw.name == "torch", "broken"

    def test_errs(broken): pass

    def test_of_both(both): pass

    def test_plain(): pass
"""


def _section(result):
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if line.strip("= ") == "dualfw")
    found = lines[start + 1 :]
    return found[: next(i for i, line in enumerate(found) if line.startswith("="))]


def test_the_whole_section(pytester):
    pytester.makepyfile(SUITE)
    result = run(pytester, "--fw=torch,jax", "--fw-seed=1")
    assert result.ret == 1
    assert [line for line in _section(result) if line] == [
        "target                    passed   failed    error  xfailed  xpassed  skipped",
        f"{T}        5        1        0        0        0        2",
        f"{J}          4        0        1        1        1        1",
        "both-cpu-float32-eager         1        0        0        0        0        0",
        f"skipped on {T}: no such op (2 times)",
        f"skipped on {J}: unsupported: no such op in jax",
        f"                    a {T}",
        f"                    b {J}",
        "                    c both-cpu-float32-eager",
        "op                  a b c",
        "test_passes         . .  ",
        "test_fails          F .  ",
        "test_xfails         . x  ",
        "test_xpasses        . X  ",
        "test_skips          s .  ",
        "test_skips_too      s .  ",
        "test_op_is_missing  . u  ",
        "test_errs           . E  ",
        "test_of_both            .",
        ". pass  u unsupported  F failed  E error  x xfailed  X xpassed  s skipped",
        "17 op-target pairs: 10 pass, 1 unsupported, 1 failed, 1 error, 1 xfailed, 1 xpassed, 2 skipped",
    ]


def test_a_run_without_tests_of_ours_has_no_section(pytester):
    pytester.makeini("[pytest]\nfw = jax\n")
    pytester.makepyfile("def test_plain(): pass")
    result = run(pytester)
    assert result.ret == 0
    assert not [line for line in result.outlines if line.strip("= ") == "dualfw"]


UNCOVERED = "{target} was asked for and no test ran on it ({why}); leave it out, or select tests that run there"


def test_uncovered_because_no_test_is_for_it(pytester):
    pytester.makepyfile("import pytest\n@pytest.mark.fw_only('jax')\ndef test_it(fw): pass")
    result = run(pytester, "--fw=torch,jax")
    assert_problem(result, UNCOVERED.format(target=T, why="none was collected for it"))
    assert J not in "".join(line for line in result.outlines if line.startswith("ERROR"))


def test_uncovered_because_all_were_skipped(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.fw_skip(fw="jax", reason="slow")
        def test_one(fw): pass

        def test_two(fw):
            if fw.name == "jax": pytest.skip("no such op")
    """)
    assert_problem(run(pytester, "--fw=torch,jax"), UNCOVERED.format(target=J, why="all skipped: slow and no such op"))


def test_uncovered_because_there_are_no_tests(pytester):
    pytester.makepyfile("def test_plain(): pass")
    assert_problem(run(pytester, "--fw=jax"), UNCOVERED.format(target=J, why="none was collected for it"))


def test_uncovered_because_there_is_no_test_file(pytester):
    assert_problem(run(pytester, "--fw=jax"), UNCOVERED.format(target=J, why="none was collected for it"))


@pytest.mark.parametrize("option", ["--fw-dtype=float16", "--fw-mode=jit", "--dtype=float64", "--fw-device=cpu"])
def test_any_axis_on_the_command_line_names_targets(pytester, option):
    pytester.makepyfile("import pytest\n@pytest.mark.fw_only('jax')\ndef test_it(fw): pass")
    assert run(pytester, option).ret == 4


NARROWED = [
    ["-k", "jax"],
    ["-m", "fw_jax"],
    ["test_it.py::test_it"],
    ["--lf"],
    ["--deselect=test_it.py::test_other"],
    ["--co"],
    ["--maxfail=1", "-k", "test_it"],
]


@pytest.mark.parametrize("args", NARROWED, ids=" ".join)
def test_a_run_narrowed_on_purpose(pytester, args):
    pytester.makepyfile(
        test_it="import pytest\n@pytest.mark.fw_only('jax')\ndef test_it(fw): pass\ndef test_other(): pass"
    )
    result = run(pytester, "--fw=torch,jax", *args, off=("randomly",))
    assert result.ret == 0
    assert "was asked for" not in text(result)


def test_targets_of_the_configuration_need_not_be_covered(pytester):
    """A project that always runs on both may hold tests for one."""
    pytester.makeini("[pytest]\nfw = torch jax\n")
    pytester.makepyfile("import pytest\n@pytest.mark.fw_only('jax')\ndef test_it(fw): pass")
    assert run(pytester).ret == 0


@pytest.mark.parametrize(
    ("required", "ret"), [("torch", 4), ("jax", 0), ("jax-cpu torch-cpu", 4), ("jax-cpu-float32-eager", 0)]
)
def test_required(pytester, required, ret):
    pytester.makeini(f"[pytest]\nfw = torch jax\nfw_required = {required}\n")
    pytester.makepyfile("import pytest\n@pytest.mark.fw_skip(fw='torch')\ndef test_it(fw): pass")
    result = run(pytester)
    assert result.ret == ret
    if ret:
        assert_problem(
            result,
            f"fw_required names {required.split()[-1]!r} and no test ran on such a target; "
            "make tests run there, or drop it",
        )


def test_a_failed_test_covers_its_target(pytester):
    pytester.makepyfile("def test_it(fw): assert 0")
    result = run(pytester, "--fw=jax")
    assert result.ret == 1
    assert "was asked for" not in text(result)


def test_an_interrupted_run_says_nothing_of_what_it_did_not_reach(pytester):
    pytester.makepyfile("def test_it(fw): assert 0\ndef test_b(fw): pass")
    result = run(pytester, "--fw=torch,jax", "-x")
    assert outcomes(result) == {f"test_it[{T}]": "failed"}
    assert result.ret == 1
    assert "was asked for" not in text(result)
    assert_lines(result, f"{T}        1")
