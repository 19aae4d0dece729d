"""rng: the same data on every target, other data for every test, the same again with the same seed."""

import re

import pytest

from .helpers import run, text

DRAWS = """
    import pytest

    def tell(request, rng):
        params = getattr(request.node, "callspec", None)
        print("drew", request.node.originalname + (params.params.get("n", "") if params else ""), rng.integers(2**40))

    def test_one(request, fw, rng): tell(request, rng)
    def test_other(request, rng, mode): tell(request, rng)
    def test_plain(request, rng): tell(request, rng)

    @pytest.mark.parametrize("n", ["x", "y"])
    def test_param(request, fw, rng, n): tell(request, rng)
"""
FOUR = ["--fw=torch,jax", "--fw-mode=all", "-s"]


def drawn(result):
    """Test (and its own parameter) -> the numbers drawn on all targets."""
    numbers = {}
    for name, number in re.findall(r"drew (\w+) (\d+)", text(result)):
        numbers.setdefault(name, []).append(int(number))
    return numbers


@pytest.fixture
def suite(pytester):
    pytester.makepyfile(DRAWS)
    return pytester


def test_same_on_every_target(suite):
    found = drawn(run(suite, *FOUR))
    assert {name: len(numbers) for name, numbers in found.items()} == {
        "test_one": 4, "test_other": 4, "test_plain": 1, "test_paramx": 4, "test_paramy": 4,
    }  # fmt: skip
    assert all(len(set(numbers)) == 1 for numbers in found.values())


def test_other_in_every_test(suite):
    found = drawn(run(suite, *FOUR))
    assert len({numbers[0] for numbers in found.values()}) == len(found)


def test_replayed_by_the_seed(suite):
    first, second, third = (drawn(run(suite, *FOUR, f"--fw-seed={seed}")) for seed in (3, 3, 4))
    assert first == second
    assert all(first[name] != third[name] for name in first)


def test_same_whichever_targets_run(suite):
    """What a failure on one target of a long run tells can be repeated alone."""
    wide, narrow = run(suite, *FOUR, "--fw-seed=3"), run(suite, "--fw=jax", "--fw-seed=3", "-s", "-k", "test_other")
    assert drawn(narrow)["test_other"][0] == drawn(wide)["test_other"][0]


def test_the_seed_is_new_and_told(suite):
    """The header's seed, given back, draws the same data."""
    seeds = []
    for _ in range(2):
        result = run(suite, "--fw=jax", "-s")
        (seed,) = re.findall(r"seed \d+ \(replay with --fw-seed=(\d+)\)", text(result))
        assert drawn(run(suite, "--fw=jax", "-s", f"--fw-seed={seed}")) == drawn(result)
        seeds.append(seed)
    assert seeds[0] != seeds[1]


def test_the_seed_of_the_configuration(suite):
    suite.makeini("[pytest]\nfw = jax\nfw_seed = 11\n")
    assert drawn(run(suite, "-s")) == drawn(run(suite, "-s", "--fw-seed=11"))
