"""MNIST's four files with few images of noise."""

from pathlib import Path

import numpy as np
from pytest_dualfw.suites.training.idx import FILES


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(int(n).to_bytes(4, "big") for n in array.shape)
    return header + array.astype(np.uint8).tobytes()


def write(folder: Path, training: int, test: int) -> None:
    """So many training and test images of 28 x 28, with their labels."""
    rng = np.random.default_rng(1)
    for name, n in zip(FILES, (training, training, test, test), strict=True):
        shape = (n, 28, 28) if "images" in name else (n,)
        (folder / name).write_bytes(idx(rng.integers(0, 10, shape)))
