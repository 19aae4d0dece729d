"""Networks of the table trained on images, by SGD with momentum, the rate rising and falling over the whole run."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from ..models.rows import MODELS
from .idx import mnist
from .images import Images, digits, magnified
from .judge import Training
from .problem import of_images
from .recipes import MOMENTUM, Recipe, Schedule

BY_NAME = {str(model): model for model in MODELS}
# The one network of affine maps takes images of MNIST's size.
LARGE = "mlp"
LEARNING_RATE = 0.15
# Of MNIST, whose epochs have a thousand steps, the beginning is followed.
BEGINNING = 50


@cache
def on_digits(network: str, epochs: int, seed: int = 0) -> Training:
    return _on(network, magnified() if network == LARGE else digits(), epochs, seed)


@cache
def on_mnist(folder: str, network: str, epochs: int) -> tuple[Training, Training]:
    """The whole training, and its beginning. NoImages where the folder has not MNIST's files."""
    whole = _on(network, mnist(Path(folder)), epochs)
    return whole, replace(whole, problem=replace(whole.problem, batches=whole.problem.batches[:BEGINNING]))


def _on(network: str, images: Images, epochs: int, seed: int = 0) -> Training:
    problem = of_images(BY_NAME[network], images, epochs, seed)
    steps = len(problem.batches)
    schedule = Schedule("cosine_rate", {"warmup": steps // 10 + 1, "steps": steps, "start": 0.1})
    return Training(problem, Recipe(MOMENTUM, LEARNING_RATE, schedule))
