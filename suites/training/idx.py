"""MNIST from the four files it comes in, gzipped or not: Y. LeCun, C. Cortes and C. Burges's IDX format.

A file is a magic number (two zero bytes, a code of the dtype, the number of axes), the length of each axis as a
big-endian 32-bit number, and the data, the last axis fastest.
"""

import gzip
import zlib
from pathlib import Path

import numpy as np

from ..models.initial import Array
from .images import Images

# Bytes are what MNIST is made of: code 8.
BYTES = 8
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


class NoImages(Exception):
    """A folder without MNIST's files, or a file that is not what its name says."""


def mnist(folder: Path) -> Images:
    """The training images and the test images, values 0 to 1. NoImages where a file is missing or broken."""
    x, y, x_test, y_test = (read(_found(folder, name), axes=3 if "images" in name else 1) for name in FILES)
    for name, images, labels in (("training", x, y), ("test", x_test, y_test)):
        if len(images) != len(labels):
            raise NoImages(
                f"{folder} has {len(images)} {name} images and {len(labels)} labels; copy the four files again"
            )
    return Images("MNIST", _grey(x), y.astype(np.int64), _grey(x_test), y_test.astype(np.int64))


def read(path: Path, *, axes: int) -> Array:
    """The array in an IDX file of bytes. NoImages where its magic number or its length is another."""
    data = _content(path)
    magic = int.from_bytes(data[:4], "big")
    wanted = BYTES << 8 | axes
    if len(data) < 4 or magic != wanted:
        raise NoImages(
            f"{path} begins with the magic number {magic}; expected {wanted}, as MNIST's file of this name does"
        )
    begin = 4 + 4 * axes
    if len(data) < begin:
        raise NoImages(f"{path} ends within its header; copy it again")
    shape = tuple(int(n) for n in np.frombuffer(data[4:begin], ">u4"))
    expected = begin + int(np.prod(shape, dtype=np.int64))
    if len(data) != expected:
        raise NoImages(f"{path} holds {len(data)} bytes; expected {expected} by its header; copy it again")
    return np.frombuffer(data, np.uint8, offset=begin).reshape(shape)


def _found(folder: Path, name: str) -> Path:
    """The file under its name, gzipped, or with the dot that some unpackers leave in it."""
    tried = [folder / spelled for spelled in (name, f"{name}.gz", name.replace("-idx", ".idx"))]
    found = next((path for path in tried if path.is_file()), None)
    if found is None:
        raise NoImages(f"{folder} has no {name}, gzipped or not; pass the folder of MNIST's four files")
    return found


def _content(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, OSError, zlib.error) as error:
        raise NoImages(f"{path} cannot be unpacked ({error}); copy it again") from None


def _grey(x: Array) -> Array:
    """0 to 1, rounded to float32, so that every dtype sees the same."""
    return (x / np.float32(255)).astype(np.float32).astype(np.float64)
