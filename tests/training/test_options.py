"""--mnist and --fw-tensorboard, as somebody gives them who has only the installed package."""

import pytest

from .small import write

SUITE = ("--pyargs", "pytest_dualfw.suites.training.test_digits", "--fw=torch", "-p", "no:randomly")


def test_a_folder_without_mnist_is_told_in_a_sentence(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(*SUITE, "--mnist=nowhere", "-k", "mnist and mlp")
    result.stdout.fnmatch_lines(
        ["nowhere has no train-images-idx3-ubyte, gzipped or not; pass the folder of MNIST's four files"]
    )
    result.assert_outcomes(failed=1, deselected=3)


def test_images_are_trained_on_and_curves_written(pytester: pytest.Pytester) -> None:
    write(pytester.path, 120, 20)
    given = ("--fw-mnist=.", "--fw-tensorboard=curves", "-k", "mnist and mlp")
    result = pytester.runpytest_subprocess(*SUITE, *given)
    result.assert_outcomes(passed=1, deselected=3)
    assert len(list((pytester.path / "curves/MNIST/mlp/torch-cpu-float32-eager").iterdir())) == 1


def test_without_a_folder_mnist_is_left_out(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(*SUITE, "--collect-only", "-q")
    result.stdout.no_fnmatch_line("*test_mnist*")
    result.stdout.fnmatch_lines(["*test_digits*"])
