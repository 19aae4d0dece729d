"""Curves as event files for TensorBoard, by tensorboardX."""

from collections.abc import Iterable
from pathlib import Path


class NoTensorBoard(Exception):
    """What writes event files is not installed."""


def write(folder: Path, curves: dict[str, Iterable[float]]) -> None:
    """A file of events in ``folder``, a value for each step of each curve. NoTensorBoard without the library."""
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        raise NoTensorBoard(
            "event files for TensorBoard were asked for and tensorboardX is not installed; pip install tensorboardX"
        ) from None
    with SummaryWriter(str(folder)) as writer:
        for name, values in curves.items():
            for step, value in enumerate(values):
                writer.add_scalar(name, value, step)
