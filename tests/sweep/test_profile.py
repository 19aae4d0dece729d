"""What the quick profile keeps of the sweep."""

from pytest_dualfw.suites.profile import (
    SAMPLED,
    SEARCH,
    SEARCHES,
    SHAPES,
    Item,
    Marks,
    allowed,
    keeps_in_full,
    keeps_in_quick,
)

from pytest_dualfw import Target

TORCH = [Target.parse(f"torch-cpu-{dtype}-{mode}") for dtype in ("float32", "float64") for mode in ("eager", "jit")]


def items(test):
    return [Item(test, f"row {k}", False, target, swept=True) for k in range(500) for target in TORCH]


def test_some_rows_at_home():
    kept = keeps_in_quick(items("test_row"))
    assert {str(i.target) for i in kept} == {"torch-cpu-float64-eager"}
    assert 500 / SAMPLED / 2 < len(kept) < 500 / SAMPLED * 2
    assert kept == keeps_in_quick(items("test_row"))


def test_no_search():
    for test in SEARCHES:
        assert keeps_in_quick(items(test)) == set()


def test_shapes_are_for_nights():
    assert keeps_in_full(items(SHAPES)) == set()


def test_full_keeps_every_row_and_search_at_home():
    for test in ("test_row", SEARCH):
        kept = keeps_in_full(items(test))
        assert (len(kept), {str(i.target) for i in kept}) == (500, {"torch-cpu-float64-eager"})


def test_full_keeps_everything_else():
    others = [Item("test_value_and_gradient", "relu", False, target) for target in TORCH]
    assert keeps_in_full(others) == set(others)


def test_marks_keep_a_test_for_its_profile():
    marks = [Marks("test_a", least, None) for least in ("quick", "full", "nightly")]
    assert [allowed(profile, marks) for profile in ("quick", "full", "nightly")] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_a_test_that_is_at_home_runs_there_alone_in_quick():
    marks = [Marks("test_a", "quick", target) for target in TORCH]
    assert [str(t) for t, stays in zip(TORCH, allowed("quick", marks), strict=True) if stays] == [
        "torch-cpu-float64-eager"
    ]
    assert all(allowed("full", marks))
