"""Safetensors: a header of JSON and the bytes of each array, https://huggingface.co/docs/safetensors.

Arrays reach the package in C order: ``safetensors.numpy`` writes the bytes of a transposed one as they lie in memory,
and its ``__metadata__`` is no name for an array. Unlike a zip, a file carries no checksum: a bit that flipped within
the data is not seen.
"""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .arrays import EXTENSIONS, INTEGERS, Array, Params, checked

FORM = "a safetensors file"
RESERVED = "__metadata__"
DTYPES: dict[str, Any] = {
    "BOOL": np.dtype(bool),
    **{f"{name[0].upper()}{name.partition('int')[2]}": np.dtype(name) for name in INTEGERS},
    "F16": np.dtype(np.float16),
    "F32": np.dtype(np.float32),
    "F64": np.dtype(np.float64),
    "C64": np.dtype(np.complex64),
    "BF16": EXTENSIONS["bfloat16"],
    "F8_E4M3": EXTENSIONS["float8_e4m3fn"],
    "F8_E5M2": EXTENSIONS["float8_e5m2"],
}


def write(params: Params, path: Path) -> None:
    package = _package("writing", path)
    arrays = checked(params, [dtype.name for dtype in DTYPES.values()], FORM)
    if RESERVED in arrays:
        raise ValueError(f"{FORM} keeps the name {RESERVED!r} for itself; rename the parameter")
    try:
        path.write_bytes(package.numpy.save(arrays))
    except package.SafetensorError as reason:
        raise ValueError(
            f"safetensors {package.__version__} cannot write these parameters ({reason}); upgrade it, or write .npz"
        ) from None


def read(path: Path) -> dict[str, Array]:
    package = _package("reading", path)
    try:
        found = package.deserialize(path.read_bytes())
    except package.SafetensorError as reason:
        raise ValueError(f"{path} is damaged, or not {FORM} ({reason}); save it again") from None
    return {name: _array(path, name, entry) for name, entry in found}


def _array(path: Path, name: str, entry: dict[str, Any]) -> Array:
    if entry["dtype"] not in DTYPES:
        raise ValueError(f"{path} holds {name!r} of dtype {entry['dtype']}; this reads {', '.join(DTYPES)}")
    made: Array = np.frombuffer(entry["data"], DTYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
    return made


def _package(doing: str, path: Path) -> ModuleType:
    try:
        import safetensors.numpy  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise ImportError(
            f"{doing} {path.suffix} files takes the package safetensors, which is not installed; "
            "pip install safetensors"
        ) from None
    package: ModuleType = safetensors
    return package
