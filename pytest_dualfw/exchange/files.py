"""Save parameters to a file, and load them: the suffix of its name says in which form."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..target import listed
from . import npz, safe
from .arrays import Array, Params


@dataclass(frozen=True)
class Form:
    """A form of files: ``write(params, path)`` and ``read(path)``."""

    write: Callable[[Params, Path], None]
    read: Callable[[Path], dict[str, Array]]


FORMS = {".npz": Form(npz.write, npz.read), ".safetensors": Form(safe.write, safe.read)}


def save(path: str | os.PathLike[str], params: Params) -> None:
    """Write a dict of names and NumPy arrays; a weight under two names is written twice.

    An array comes back bit for bit, whatever its strides and byte order were. The file is there whole, or as it was.
    ValueError for another suffix than ``.npz`` and ``.safetensors``, for a name or a dtype that the form cannot hold;
    TypeError for what is no NumPy array; ImportError where a form takes a package that is not installed.
    """
    target = Path(path)
    draft = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        _form(target).write(params, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> dict[str, Array]:
    """The arrays of a file by name: writable, in C order, in this machine's byte order, in the order of the file.

    Nothing in a file is run: a pickle is refused. ValueError for a file that is damaged, or not of its suffix's form;
    FileNotFoundError where there is none.
    """
    source = Path(path)
    form = _form(source)
    if not source.is_file():
        raise FileNotFoundError(f"there is no file {source} to load")
    return form.read(source)


def _form(path: Path) -> Form:
    if path.suffix not in FORMS:
        raise ValueError(f"{path.name} has the suffix {path.suffix!r}; parameters go into {listed(list(FORMS))} files")
    return FORMS[path.suffix]
