"""The judge alone, on runs made by hand: what it lets pass and what it objects to."""

import numpy as np
import pytest
from pytest_dualfw.reference import mlp_loss_and_grads
from pytest_dualfw.suites.parallel.by_hand import (
    BATCH,
    NAMES,
    RESULTS,
    STEPS,
    batches,
    expected,
    initial,
    shard,
    sizes,
)
from pytest_dualfw.suites.parallel.judge import by_replica, claims
from pytest_dualfw.suites.parallel.rows import COLUMNS_THEN_ROWS, PLACEMENTS, TECHNIQUES, Technique, cases, jobs_of

WHOLE = Technique("whole", "")
SPLIT = Technique("split", "", split=COLUMNS_THEN_ROWS)


@pytest.fixture
def exact():
    return {name: x.copy() for name, (x, _) in expected("uneven", 2, "float64").items()}


def objections(technique, told, alone):
    return [c.what for c in claims(technique, 2, "float64", told, alone) if c.check.verdict != "pass"]


def test_the_run_itself_passes(exact):
    assert objections(WHOLE, {0: exact, 1: exact}, exact) == []


@pytest.mark.parametrize("name", RESULTS)
def test_an_array_outside_its_bound_is_found(exact, name):
    bound = expected("uneven", 2, "float64")[name][1]
    wrong = {**exact, name: exact[name].copy()}
    wrong[name].flat[-1] += 2 * bound
    agreement = [f"{name} of replica 1"] if name.startswith("param_") else []
    assert objections(WHOLE, {0: exact, 1: wrong}, exact) == [f"{name} of replica 1", *agreement]


@pytest.mark.parametrize("name", RESULTS)
def test_half_the_bound_passes(exact, name):
    near = {**exact, name: exact[name] + 0.5 * expected("uneven", 2, "float64")[name][1]}
    assert objections(WHOLE, {0: near, 1: near}, exact) == []


@pytest.mark.parametrize("name", RESULTS)
def test_what_nobody_tells_is_found(exact, name):
    told = {n: x for n, x in exact.items() if n != name}
    found = [c for c in _claims_of_missing(told, exact, name) if c.check.verdict != "pass"]
    assert [c.what for c in found] == [f"{name} of nobody"] * 2
    assert found[0].check.note == f"has shape (0,), expected {exact[name].shape}"


def _claims_of_missing(told, alone, name):
    return (c for c in claims(WHOLE, 2, "float64", {0: told, 1: told}, alone) if c.what.startswith(name))


def test_replicas_that_part_by_one_bit_are_found(exact):
    other = {**exact, "param_b2": np.nextafter(exact["param_b2"], np.inf)}
    assert objections(WHOLE, {0: exact, 1: other}, exact) == ["param_b2 of replica 1"]


def test_parts_are_put_together(exact):
    assert objections(SPLIT, _parts(exact, (0, 1)), exact) == []


def test_parts_in_the_wrong_order_are_found(exact):
    found = objections(SPLIT, _parts(exact, (1, 0)), exact)
    assert {f"{kind}_{name} of all replicas" for kind in ("grad", "param") for name in COLUMNS_THEN_ROWS} == set(found)


def _parts(exact, order):
    told = {}
    for k, part in enumerate(order):
        told[k] = dict(exact)
        for name, axis in COLUMNS_THEN_ROWS.items():
            told[k][f"param_{name}"] = np.split(exact[f"param_{name}"], 2, axis=axis)[part]
            told[k][f"grad_{name}"] = np.split(exact[f"grad_{name}"], 2, axis=axis + 1)[part]
    return told


def test_an_exact_technique_may_not_part_from_one_device_by_a_bit(exact):
    same = Technique("same", "", exact=True)
    other = {**exact, "grad_x": np.nextafter(exact["grad_x"], np.inf)}
    assert objections(same, {0: exact, 1: exact}, exact) == []
    assert objections(same, {0: other, 1: exact}, exact) == ["grad_x of replica 0"]


@pytest.mark.parametrize(("kept", "passes"), [((1600, 1088), True), ((1600, 1600), False), ((1600, 1089), False)])
def test_bytes_that_are_freed(exact, kept, passes):
    """The activation has 8 rows of 8 numbers of 8 bytes."""
    again = Technique("again", "", frees=True)
    told = {**exact, "kept": np.array(kept)}
    wrong = [f"bytes freed of the activation of replica {k}" for k in (0, 1)]
    assert objections(again, {0: told, 1: told}, exact) == ([] if passes else wrong)


def test_all_reduces_are_counted(exact):
    two = Technique("two", "", all_reduces=2)
    right, wrong = ({**exact, "all_reduces": np.array(n)} for n in (2, 3))
    assert objections(two, {0: right, 1: right}, exact) == []
    assert objections(two, {0: wrong, 1: right}, exact) == ["all-reduces in a step of replica 0"]


def test_a_replica_that_tells_nothing_is_found(exact):
    assert objections(WHOLE, {0: exact}, exact) == ["replicas that told of themselves"]


def test_names_of_results_begin_with_their_replica():
    x = np.zeros(1)
    assert by_replica([{"0/a": x, "2/a": x}, {"1/b": x}]) == {0: {"a": x}, 2: {"a": x}, 1: {"b": x}}


@pytest.mark.parametrize("schedule", ["even", "uneven", "tail"])
def test_the_first_gradients_are_those_of_the_textbook(schedule):
    x, y = batches(schedule, 4)[0]
    w1, b1, w2, b2 = initial()
    loss, grads = mlp_loss_and_grads(x, y, [(w1, b1), (w2, b2)])
    found = {name: x for name, (x, _) in expected(schedule, 4, "float64").items()}
    np.testing.assert_allclose(found["losses"][0], loss, rtol=1e-14)
    for name, g in zip(NAMES, (g for pair in grads for g in pair), strict=True):
        np.testing.assert_allclose(found[f"grad_{name}"][0], g, rtol=1e-12, atol=1e-15)


def test_the_run_learns_nothing_but_moves():
    """Labels are drawn at random; still every parameter moves at every step, so that no gradient is out of sight."""
    found = expected("uneven", 4, "float32")
    for name in NAMES:
        moved = np.abs(found[f"grad_{name}"][0]).reshape(STEPS, -1).max(axis=1)
        assert moved.min() > 100 * found[f"grad_{name}"][1]


def test_schedules_are_uneven_where_they_say_so():
    parts = [[len(shard(np.zeros(n), k, 4)) for k in range(4)] for n in sizes("uneven", 4)[:4]]
    assert parts == [[2, 2, 2, 2], [2, 2, 2, 2], [2, 1, 1, 1], [1, 1, 1, 0]]
    assert sizes("tail", 4)[-3:] == (BATCH, 2, 2)
    assert {len(sizes(s, 2)) for s in ("even", "uneven", "tail")} == {STEPS}


@pytest.mark.parametrize("fw", sorted(TECHNIQUES))
def test_every_technique_has_a_place_in_the_quick_profile_or_in_the_full_one(fw):
    assert {case.technique.name for case in cases(fw)} == {t.name for t in TECHNIQUES[fw]}
    assert {case.placement for case in cases(fw)} == set(PLACEMENTS[fw])
    assert len({str(case) for case in cases(fw)}) == len(cases(fw))
    names = [job.name for job in jobs_of(cases(fw))]
    assert len(names) == len(set(names))
