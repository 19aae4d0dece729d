"""Ten epochs on real images, scikit-learn's digits and, with ``--mnist=FOLDER``, MNIST.

The curves coincide while rounding allows, and every target learns them equally well.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_dualfw import Check
from pytest_dualfw.peak import watched

from ..profile import given, profile_of
from .boards import write
from .idx import NoImages
from .judge import Judge, Training, judge
from .networks import on_digits, on_mnist
from .running import Course
from .told import WorstOf, growth_row

pytest.importorskip("sklearn", reason="the training suite runs on scikit-learn's digits; pip install scikit-learn")

EPOCHS = {"quick": 1, "full": 10, "nightly": 10}
# What they reach after ten epochs, and how far from the run in NumPy: four of 360 images.
ENOUGH = {"mlp": 0.95, "cnn-digits": 0.97}
ACCURACY_SLACK = 0.012
ON_MNIST = {"mlp": 0.95, "cnn": 0.95}

pytestmark = pytest.mark.fw_only(dtype=("float64", "float32"))


@pytest.fixture
def epochs(pytestconfig: pytest.Config) -> int:
    return EPOCHS[profile_of(pytestconfig)]


@pytest.fixture
def learned(fw: Any, pytestconfig: pytest.Config, report_row: Any, record_check: Callable[[Check], Check]) -> Any:
    """``learned(judged, name, epochs)``: train, follow the run in NumPy up to the horizon, tell what came of it.

    ``whole`` is the training where only its beginning is judged.
    """

    def learn(judged: Judge, name: str, epochs: int, whole: Training | None = None) -> Course:
        course, worst = Course(fw, whole or judged.training), WorstOf(record_check)
        with watched() as memory:
            moments = course.moments()
            worst.follow(fw.target, judged.checks(moments))
            for _ in moments:  # beyond the horizon
                pass
        network = str(judged.training.problem.spec)
        for epoch, loss in enumerate(course.by_epoch(epochs), start=1):
            report_row(f"{name}, {network}: loss by epoch", epoch=epoch, loss=loss)
        report_row(
            f"{name}, {epochs} epochs",
            network=network,
            accuracy=course.accuracy(),
            seconds=sum(course.seconds),
            compile_s=course.compiling,
            ms_per_step=1e3 * course.usual,
            peak_mb=memory.peak if memory.peak is not None else "not told",
            **growth_row(judged),
        )
        if folder := given(pytestconfig, "fw_tensorboard"):
            write(Path(folder) / name / network / str(fw.target), {"loss": course.losses})
        return course

    return learn


@pytest.mark.home
@pytest.mark.parametrize("network", ENOUGH)
def test_digits(network: str, epochs: int, fw: Any, learned: Any) -> None:
    trained = on_digits(network, epochs)
    course = learned(judge(trained, fw.dtype), "digits", epochs)
    by_hand = trained.problem.accuracy(trained.exact.end)
    assert abs(course.accuracy() - by_hand) <= ACCURACY_SLACK
    if epochs == EPOCHS["full"]:
        assert course.accuracy() >= ENOUGH[network]


@pytest.mark.asked("fw_mnist")
@pytest.mark.parametrize("network", ON_MNIST)
def test_mnist(network: str, epochs: int, fw: Any, learned: Any, pytestconfig: pytest.Config) -> None:
    try:
        whole, beginning = on_mnist(given(pytestconfig, "fw_mnist"), network, epochs)
    except NoImages as error:
        pytest.fail(str(error), pytrace=False)
    course = learned(judge(beginning, fw.dtype), "MNIST", epochs, whole)
    if epochs == EPOCHS["full"]:
        assert course.accuracy() >= ON_MNIST[network]
