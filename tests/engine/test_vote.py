"""The vote: who is named, and when nobody is."""

import numpy as np
import pytest

from pytest_dualfw import GradientMismatch, check_grads
from pytest_dualfw.findings import Check
from pytest_dualfw.gradients.ladder import Slope
from pytest_dualfw.gradients.vote import Opinion, on_value, sentence

x = np.array([0.5, -1.25, 2.0])


def says(source, family, value, error=1e-6):
    return Opinion(source, family, Slope(value, error))


def test_the_minority_of_families_is_odd():
    found = [
        says("reverse mode", "rules", 2.0),
        says("the reference vjp", "reference", 1.0),
        says("the difference ladder", "values", 1.0),
    ]
    expected = "odd one out: reverse mode; the reference vjp and the difference ladder agree on 1"
    assert sentence(found) == expected


def test_three_of_one_family_do_not_outvote_one_of_another():
    found = [
        says("reverse mode", "rules", 2.0),
        says("the float64 rerun", "rules", 2.0),
        says("the forward mode", "rules", 2.0),
        says("the difference ladder", "values", 1.0),
    ]
    expected = (
        "the derivative rules (reverse mode, the float64 rerun and the forward mode) agree on 2, "
        "the function's own values say 1"
    )
    assert sentence(found) == expected


def test_one_against_one_is_no_majority():
    found = [says("reverse mode", "rules", 2.0), says("the reference vjp", "reference", 1.0)]
    assert sentence(found) == "no majority: reverse mode says 2, the reference vjp says 1"


def test_opinions_agree_within_the_sum_of_their_errors():
    others = [says("reverse mode", "rules", 2.0), says("the reference vjp", "reference", 1.0)]
    for value, error, start in (
        (1.2, 0.3, "odd one out: reverse mode"),
        (1.2, 0.1, "no majority"),
        (1.5, 0.6, "no majority"),
    ):
        assert sentence([*others, says("the difference ladder", "values", value, error)]).startswith(start)


def test_a_value_is_told_with_those_who_judged_it():
    wrong = Check("out", "reference", "discrepancy")
    others = [Check("out", "float64 rerun", "pass"), Check("dx", "float64 rerun", "pass")]
    assert on_value(wrong, [wrong, *others]) == "the reference disagrees with it, the float64 rerun agrees"
    assert on_value(wrong, [wrong]) == ""


def vote_of(fn, *args, **options):
    with pytest.raises(GradientMismatch) as caught:
        check_grads(fn, *args, seed=1, **options)
    return caught.value.report.vote


@pytest.mark.parametrize("fw", ["torch", "jax"])
def test_a_wrong_reference_vjp_is_the_odd_one(fw):
    vote = vote_of(lambda x: x * x, x, fw=f"{fw}-cpu-float64", reference_vjp=lambda g, x: (3 * g * x,))
    start = f"odd one out: the reference vjp; reverse mode on {fw}-cpu-float64-eager, the difference ladder and the "
    assert vote.startswith(start + "forward mode agree on ")


def test_the_vote_is_on_the_entry_that_the_message_shows():
    def scaled(g, x):
        dx = 2 * g * x
        dx[2] *= 1.5
        return (dx,)

    with pytest.raises(GradientMismatch) as caught:
        check_grads(lambda x: x * x, x, fw="torch-cpu-float64", reference_vjp=scaled, seed=1)
    (failure,) = caught.value.report.failures
    assert failure.discrepancy.index == (2,)
    assert caught.value.report.vote.endswith(f"agree on {failure.discrepancy.obtained:.6g}")


def test_another_framework_testifies():
    def torch_square(x):
        return x * x.detach()

    def jax_square(x):
        return x * x

    vote = vote_of({"torch": torch_square, "jax": jax_square}, x, fw="torch-cpu-float64")
    assert vote.startswith("odd one out: reverse mode on torch-cpu-float64-eager and the forward mode; ")
    assert "the difference ladder and the other framework agree" in vote


def test_a_failure_at_a_variant_is_put_to_the_vote_there():
    from .bugs import wrong_for_negative_input

    with pytest.raises(GradientMismatch) as caught:
        check_grads(
            wrong_for_negative_input("torch"), np.array([0.5, 1.5]), fw="torch-cpu-float64", variants=True, seed=1
        )
    report = caught.value.report
    first = report.failures[0]
    assert first.heading == "negated"
    assert report.vote.startswith("no majority: reverse mode on torch-cpu-float64-eager says ")
    assert f"{first.discrepancy.expected:.6g}" in report.vote


def test_where_all_agree_nobody_is_named():
    assert sentence([says("reverse mode", "rules", 1.0), says("the difference ladder", "values", 1.0)]) == ""
