"""What a history says, in words."""

import pytest

from pytest_dualfw.report import words

from .told import change, nights, series, timeline


@pytest.mark.parametrize(
    ("quantity", "factor", "worse", "told"),
    [
        ("jit", 1.052, True, "jit 5.2 % slower"),
        ("eager", 0.9, False, "eager 10 % faster"),
        ("compile", 1.5, True, "compile 50 % slower"),
        ("ratio", 0.6, True, "ratio 40 % lower"),
        ("ratio", 1.25, False, "ratio 25 % higher"),
        ("memory", 1.06, True, "memory 6 % more"),
        ("memory", 0.5, False, "memory 50 % less"),
        ("jit", 1.999, True, "jit 99.9 % slower"),
        ("jit", 2.0, True, "jit 2 times slower"),
        ("memory", 3.21, True, "memory 3.21 times more"),
    ],
)
def test_a_change_in_words(quantity, factor, worse, told):
    assert words.in_words(change(quantity=quantity, factor=factor, worse=worse)) == told


@pytest.mark.parametrize(
    ("tier", "worse", "symbol"),
    [("confirmed", True, "✗"), ("suspect", True, "?"), ("confirmed", False, "✓"), ("suspect", False, "✓")],
)
def test_its_symbol(tier, worse, symbol):
    assert words.told(timeline(), change(tier=tier, worse=worse)).symbol == symbol


def test_all_of_a_change():
    accepted = {"who": "Ann", "why": "a safer kernel", "when": "2026-01-04"}
    assert words.told(timeline(), change(beside=["a", "b"], acknowledged=accepted)) == words.Told(
        id="abc",
        symbol="✗",
        tier="confirmed",
        words="jit 10 % slower",
        since="2026-01-02 03:00",
        found="2026-01-03 03:00",
        blame="compiler",
        beside="a, b",
        acknowledged="accepted by Ann: a safer kernel",
    )


def test_a_commit_is_told_by_its_beginning():
    found = timeline()
    found["runs"][1]["commit"] = "0123456789"
    assert words.when(found, 1) == "2026-01-02 03:00 (0123456)"
    assert words.when(found, 0) == "2026-01-01 03:00"


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        ({"cpu": "EPYC", "gpu": "H200"}, "EPYC, H200, branch main"),
        ({"cpu": "EPYC", "gpu": ""}, "EPYC, branch main"),
        ({}, "7aaf, branch main"),
        ({"cpu": "x" * 300}, f"{'x' * 200}… and 100 more characters, branch main"),
    ],
)
def test_a_machine(machine, told):
    assert words.machine(timeline(machine=machine)) == told


def test_facts():
    assert words.facts(timeline(series(), floor=0.0123)) == (
        "3 runs, 2026-01-01 03:00 to 2026-01-03 03:00; 1 series; machine 7aaf; differences below 1.23 % are noise"
    )
    assert words.facts(timeline(nights=0)) == "0 runs; 0 series; machine 7aaf"


def test_a_tally_has_no_empty_groups():
    assert words.tally(nights(regressed=1, same=96)["counts"]) == "1 regressed, 96 same"
    assert words.tally(nights()["counts"]) == "no series"


def test_what_is_notable_comes_worst_first():
    groups = ("same", "insufficient", "improved", "invalid", "suspect", "regressed")
    many = [series(group, group) for group in groups]
    found = [*words.notable(timeline(*many, series("accepted", "same", [change()])))]
    assert [name for _, name, _ in found] == [
        "regressed forward", "suspect forward", "invalid forward", "improved forward", "accepted forward"]  # fmt: skip
    assert [len(changes) for *_, changes in found] == [0, 0, 0, 0, 1]
