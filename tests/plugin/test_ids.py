"""Ids, their order, and what selects among them."""

import pytest

from .helpers import ADDS_ONE, collected, outcomes, run

FOUR = ["--fw=torch,jax", "--fw-mode=eager,jit"]
ON_FOUR = [f"{fw}-cpu-float32-{mode}" for fw in ("torch", "jax") for mode in ("eager", "jit")]


def listed_by(pytester, *args):
    return collected(run(pytester, "--collect-only", "-qq", *args))


def test_exact_ids(pytester):
    pytester.makepyfile("def test_b(fw): pass\ndef test_plain(): pass\ndef test_a(mode): pass")
    assert listed_by(pytester, *FOUR) == [
        *(f"test_b[{target}]" for target in ON_FOUR),
        "test_plain",
        *(f"test_a[{target}]" for target in ON_FOUR),
    ]


def test_names_keep_the_order_they_were_given_in(pytester):
    pytester.makepyfile("def test_it(fw): pass")
    args = ["--fw=jax,torch", "--fw-dtype=bfloat16 float64", "--fw-mode=jit"]
    assert listed_by(pytester, *args) == [
        f"test_it[{fw}-cpu-{dtype}-jit]" for fw in ("jax", "torch") for dtype in ("bfloat16", "float64")
    ]


def test_all_of_every_axis(pytester):
    pytester.makepyfile("def test_it(fw): pass")
    assert listed_by(pytester, "--fw=all", "--fw-dtype=all", "--fw-mode=all") == [
        f"test_it[{fw}-cpu-{dtype}-{mode}]"
        for fw in ("torch", "jax")
        for dtype in ("float64", "float32", "bfloat16", "float16")
        for mode in ("eager", "jit")
    ]


def test_a_name_given_twice_counts_once(pytester):
    pytester.makepyfile("def test_it(fw): pass")
    assert listed_by(pytester, "--fw=jax,jax jax") == ["test_it[jax-cpu-float32-eager]"]


@pytest.mark.parametrize("fixture", ["fw", "xp", "device", "dtype", "mode", "target", "assert_close", "check_grads"])
def test_each_fixture_makes_a_test_ours(pytester, fixture):
    pytester.makepyfile(f"def test_it({fixture}): pass")
    assert listed_by(pytester, "--fw=jax") == ["test_it[jax-cpu-float32-eager]"]


def test_rng_alone_does_not(pytester):
    pytester.makepyfile("def test_it(rng): pass")
    assert listed_by(pytester, *FOUR) == ["test_it"]


def test_through_a_users_fixture_and_usefixtures(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture(scope="module")
        def weights(fw): return fw

        def test_indirectly(weights): pass

        @pytest.mark.usefixtures("fw")
        def test_by_mark(): pass
    """)
    assert listed_by(pytester, "--fw=jax") == [
        "test_indirectly[jax-cpu-float32-eager]",
        "test_by_mark[jax-cpu-float32-eager]",
    ]


@pytest.mark.parametrize("signature", ["fw, n", "n, fw"])
def test_with_the_users_parametrize(pytester, signature):
    pytester.makepyfile(f"""
        import pytest

        @pytest.mark.parametrize("n", [3, 5])
        def test_it({signature}): pass
    """)
    assert listed_by(pytester, "--fw=torch,jax") == [
        f"test_it[{fw}-cpu-float32-eager-{n}]" for fw in ("torch", "jax") for n in (3, 5)
    ]


def test_in_classes(pytester):
    pytester.makepyfile("""
        import pytest

        class TestOne:
            def test_it(self, fw): pass

            class TestInner:
                def test_it(self, fw): pass

        @pytest.mark.parametrize("n", [3, 5])
        class TestTwo:
            def test_it(self, fw, n): pass
    """)
    assert listed_by(pytester, "--fw=jax") == [
        "TestOne::test_it[jax-cpu-float32-eager]",
        "TestOne::TestInner::test_it[jax-cpu-float32-eager]",
        "TestTwo::test_it[jax-cpu-float32-eager-3]",
        "TestTwo::test_it[jax-cpu-float32-eager-5]",
    ]


NAMED_ALIKE = """
    def test_jax_jit_of_torch(fw): pass
    def test_other(fw): pass
    def test_plain(): pass
"""


@pytest.mark.parametrize(
    ("select", "picked"),
    [
        (["-m", "fw_jax and fw_jit"], ["jax-cpu-float32-jit"]),
        (["-m", "fw_torch and not fw_jit"], ["torch-cpu-float32-eager"]),
        (["-m", "fw_cpu and fw_float32 and fw_eager"], ["torch-cpu-float32-eager", "jax-cpu-float32-eager"]),
        (["-m", "fw_gpu or fw_float64 or fw_both"], []),
    ],
)
def test_marks_select_exactly(pytester, select, picked):
    """Where -k would match the names of the tests too."""
    pytester.makepyfile(NAMED_ALIKE)
    names = ("test_jax_jit_of_torch", "test_other")
    assert listed_by(pytester, *FOUR, *select) == [f"{name}[{target}]" for name in names for target in picked]


def test_keywords_and_ids_select(pytester):
    pytester.makepyfile(test_it=NAMED_ALIKE)
    assert listed_by(pytester, *FOUR, "-k", "other and jit") == [f"test_other[{t}]" for t in ON_FOUR if "jit" in t]
    one = "test_it.py::test_other[jax-cpu-float32-eager]"
    assert listed_by(pytester, *FOUR, one) == ["test_other[jax-cpu-float32-eager]"]


def test_last_failed_and_deselect(pytester):
    pytester.makepyfile(test_it="def test_it(fw): assert fw.name == 'jax'")
    first = run(pytester, *FOUR, off=("randomly",))
    assert sorted(outcomes(first).values()) == ["failed", "failed", "passed", "passed"]
    again = run(pytester, *FOUR, "--lf", off=("randomly",))
    assert outcomes(again) == {f"test_it[{t}]": "failed" for t in ON_FOUR if t.startswith("torch")}
    fixed = run(pytester, *FOUR, *(f"--deselect=test_it.py::test_it[{t}]" for t in ON_FOUR[:2]))
    assert outcomes(fixed) == {f"test_it[{t}]": "passed" for t in ON_FOUR[2:]}
    assert fixed.ret == 0


def test_file_order_is_kept(pytester):
    """Session-scoped fixtures that are parametrised would regroup tests by target, across files."""
    pytester.makepyfile(test_a=ADDS_ONE, test_b=ADDS_ONE.replace("adds", "also_adds"))
    ran = list(outcomes(run(pytester, "--fw=torch,jax")))
    assert [name.partition("[")[0] for name in ran] == ["test_adds_one"] * 2 + ["test_also_adds_one"] * 2
