"""Ranks of the frameworks: torchrun over gloo, and jax.distributed. One that fails takes all along, and is named."""

import pytest

LAUNCHERS = {"torch": "torchrun", "jax": "processes"}
# Two interpreters with a framework are up after 4 s; a loaded machine takes longer.
HANGS_AFTER_S = 25

pytestmark = pytest.mark.parametrize("framework", sorted(LAUNCHERS))


@pytest.fixture
def together(launched, framework):
    """``together(work)``: two ranks of the framework, in float64."""

    def launch(work, **options):
        options = {"launcher": LAUNCHERS[framework], "target": f"{framework}-cpu-float64", **options}
        return launched(work, module="collective", **options)

    return launch


def test_ranks_are_one_group(together):
    outcome = together("summed")
    assert outcome.failure is None
    assert [float(rank["sum"]) for rank in outcome.of("job")] == [3.0, 3.0]


def test_a_rank_that_is_killed_is_named_not_those_that_lose_it(together, framework):
    sentence = f"rank 1 of 2 ({LAUNCHERS[framework]}) was ended by SIGKILL in job; "
    assert together("leave", who=1).failure.sentence.startswith(sentence)


def test_the_rank_that_the_others_met_at(together, framework):
    """Rank 0 holds the store, or the coordinator: without it the others come down in their own ways."""
    sentence = f"rank 0 of 2 ({LAUNCHERS[framework]}) was ended by SIGKILL in job; "
    assert together("leave", who=0).failure.sentence.startswith(sentence)


def test_a_rank_that_raises_is_named(together, framework):
    sentence = f"rank 1 of 2 ({LAUNCHERS[framework]}) raised in job: ValueError: planted"
    assert together("raise_alone", who=1).failure.sentence == sentence


def test_a_rank_that_skips_its_sum_is_named_not_those_that_wait(together, framework):
    sentence = together("skip", who=1, timeout_s=HANGS_AFTER_S).failure.sentence
    hangs, _, waiting = sentence.partition("; waiting: rank 0 in ")
    start = f"rank 1 of 2 ({LAUNCHERS[framework]}) had not ended after {HANGS_AFTER_S} s: it hangs in job, at elsewhere"
    assert hangs.startswith(start), sentence
    assert waiting
