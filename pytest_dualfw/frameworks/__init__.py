"""The frameworks: a table of names, and the two files beside it that import torch and jax."""

from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, entry_points, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..target import Target, listed

if TYPE_CHECKING:
    from ..numerics import Numerics
    from .base import Framework

MODULES = {
    "torch": "pytest_dualfw.frameworks.torch:Torch",
    "jax": "pytest_dualfw.frameworks.jax:Jax",
}


@cache
def known() -> dict[str, str]:
    """Every framework's name and where its adaptor is; installed packages add theirs by an entry point."""
    added = {e.name: e.value for e in entry_points(group="pytest_dualfw.frameworks")}
    return {**MODULES, **added}


def is_installed(name: str) -> bool:
    """Whether the library is there; nothing of it is imported."""
    return find_spec(name) is not None


def version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown version"


@cache
def adaptor(name: str) -> "type[Framework]":
    """The adaptor's class. Imports the library. KeyError for a name that is not in the table."""
    if name not in known():
        raise KeyError(f"{name!r} is not a framework; known are {listed(sorted(known()))}")
    module, _, attribute = known()[name].partition(":")
    found: type[Framework] = getattr(import_module(module), attribute)
    return found


def framework(target: Target, numerics: "Numerics | None" = None) -> "Framework":
    """The framework of a target, ready to use."""
    return adaptor(target.fw)(target, numerics)
