"""NumPy's .npz: a zip of .npy files, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.

The zip is written here since ``numpy.savez`` takes names as keyword arguments and so loses a parameter that is called
``file``. bfloat16 and the 8-bit floats, which .npy does not know, are integers of one field that is called like the
dtype: ``numpy.load`` shows what the bits mean, and nothing is kept apart from its array.
"""

import zipfile
import zlib
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import EXTENSIONS, NUMBERS, Array, Params, checked

FORM = "an npz file"
SUFFIX = ".npy"

HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}

# What zipfile and numpy.lib.format raise where a byte is not what it should be.
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError)


class Refused(ValueError):
    """A whole file that holds what is not loaded."""


def write(params: Params, path: Path) -> None:
    arrays = checked(params, (*NUMBERS, *EXTENSIONS), FORM)
    with zipfile.ZipFile(path, "w", allowZip64=True) as file:
        for name, x in arrays.items():
            with file.open(zipfile.ZipInfo(name + SUFFIX), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, _known(x), allow_pickle=False)


def read(path: Path) -> dict[str, Array]:
    try:
        with zipfile.ZipFile(path) as file:
            listing = file.infolist()
            members = {info.filename: file.read(info) for info in listing}
        if len(members) != len(listing):
            raise ValueError("a name stands in it twice")
        if any(info.comment for info in listing):  # by a wrong length the next name becomes a comment, and is lost
            raise ValueError("a name carries a comment")
        return {name.removesuffix(SUFFIX): _array(path, name, data) for name, data in members.items()}
    except Refused:
        raise
    except DAMAGE as reason:
        raise ValueError(f"{path} is damaged, or not {FORM} ({reason}); save it again") from None


def _known(x: Array) -> Array:
    """The array as .npy can hold it."""
    name = x.dtype.name
    return x.view([(name, f"<u{x.dtype.itemsize}")]) if name in EXTENSIONS else x


def _array(path: Path, name: str, data: bytes) -> Array:
    if not name.endswith(SUFFIX):
        raise Refused(f"{path} holds {name!r}, which is no array; an npz file of parameters holds .npy files only")
    file = BytesIO(data)
    version = np.lib.format.read_magic(file)
    shape, columns_first, stored = HEADERS[version](file)
    dtype = _meant(path, name.removesuffix(SUFFIX), stored)
    rest = data[file.tell() :]
    if len(rest) != prod(shape) * dtype.itemsize:
        raise ValueError(f"{name} has {len(rest)} bytes of data, and a shape of {prod(shape) * dtype.itemsize}")
    flat = np.frombuffer(rest, stored).view(dtype).astype(dtype.newbyteorder("="))
    return np.ascontiguousarray(flat.reshape(shape, order="F" if columns_first else "C")).reshape(shape)


def _meant(path: Path, name: str, stored: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype that the stored bytes mean."""
    if stored.hasobject:
        raise Refused(f"{path} holds {name!r} as a pickle, which may run any code; save it as an array of numbers")
    field = stored.names[0] if stored.names and len(stored.names) == 1 else ""
    meant = EXTENSIONS.get(field)
    if meant is not None and stored.itemsize == meant.itemsize:
        return meant
    if stored.name not in NUMBERS:
        raise Refused(f"{path} holds {name!r} of dtype {stored}; parameters are arrays of numbers")
    return stored
