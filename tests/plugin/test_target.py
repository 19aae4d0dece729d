"""Target: its id, read and written."""

import pytest

from pytest_dualfw import Target
from pytest_dualfw.target import listed


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("jax", Target("jax", "cpu", "float32", "eager")),
        ("torch-gpu", Target("torch", "gpu", "float32", "eager")),
        ("jax-tpu-bfloat16", Target("jax", "tpu", "bfloat16", "eager")),
        ("jax-gpu-float64-jit", Target("jax", "gpu", "float64", "jit")),
        ("both-cpu-float16-jit", Target("both", "cpu", "float16", "jit")),
    ],
)
def test_parse(text, target):
    assert Target.parse(text) == target
    assert Target.parse(str(target)) == target


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("jax-cuda", "'cuda' in the target 'jax-cuda' is not known; allowed are cpu, gpu and tpu"),
        (
            "jax-cpu-half",
            "'half' in the target 'jax-cpu-half' is not known; allowed are float64, float32, bfloat16 and float16",
        ),
        ("jax-cpu-float32-fast", "'fast' in the target 'jax-cpu-float32-fast' is not known; allowed are eager and jit"),
        ("jax-jit", "'jit' in the target 'jax-jit' is not known; allowed are cpu, gpu and tpu"),
        ("jax-", "'' in the target 'jax-' is not known; allowed are cpu, gpu and tpu"),
    ],
)
def test_parse_of_what_is_not_known(text, sentence):
    with pytest.raises(ValueError, match="is not known") as caught:
        Target.parse(text)
    assert str(caught.value) == sentence


def test_parse_of_what_has_a_part_too_many():
    with pytest.raises(
        ValueError, match=r"^'jax-cpu-float32-jit-3' is not a target; write it like jax-cpu-float32-jit$"
    ):
        Target.parse("jax-cpu-float32-jit-3")


def test_the_index_is_no_part_of_the_id():
    assert str(Target("jax", "gpu", "float32", "jit", index=1)) == "jax-gpu-float32-jit"
    assert Target("jax", "gpu", index=1) != Target("jax", "gpu")


def test_json():
    target = Target("jax", "gpu", "float64", "jit", 1)
    assert Target(**target.to_json()) == target


@pytest.mark.parametrize(
    ("names", "text"), [([], "none"), (["a"], "a"), (("a", "b"), "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(names, text):
    assert listed(names) == text


def test_listed_with_another_word():
    assert listed(["a", "b"], "or") == "a or b"
