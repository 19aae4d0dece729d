"""The house's rules: imports run one way, torch and jax stay in their rooms, every row stands in three places."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import pytest_dualfw
from pytest_dualfw import reference, suites

PACKAGE = Path(pytest_dualfw.__file__).parent
REFERENCE = Path(reference.__file__).parent
SUITES = Path(suites.__file__).parent
FRAMEWORKS = {"torch", "jax", "jaxlib"}
# frameworks/torch.py, torch_program.py, ...: the rooms of one framework
MAY_IMPORT_FRAMEWORKS = {path: {fw} for fw in ("torch", "jax") for path in (PACKAGE / "frameworks").glob(f"{fw}*.py")}


def modules(folder):
    inner = (REFERENCE, SUITES)
    return sorted(p for p in folder.rglob("*.py") if folder in inner or not any(i in p.parents for i in inner))


def imported(path):
    """Top-level names that a file imports, relative imports as dots and name."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


def part_of_the_package(path, name):
    """The first name below the package that an import reaches."""
    level = len(name) - len(name.lstrip("."))
    if level:
        at = path.parents[level - 1].joinpath(*filter(None, name[level:].split(".")))
        return at.relative_to(PACKAGE).parts[:1]
    first, *rest = name.split(".")
    return rest[:1] if first == PACKAGE.name else [first] if first in ("reference", "suites") else []


def roots(path):
    return {name.partition(".")[0] for name in imported(path) if not name.startswith(".")}


@pytest.mark.parametrize("path", modules(PACKAGE), ids=lambda p: p.name)
def test_mechanism_imports_no_framework_and_no_knowledge(path):
    allowed = MAY_IMPORT_FRAMEWORKS.get(path, set())
    assert roots(path) & FRAMEWORKS <= allowed
    assert not {"reference", "suites"} & {part for name in imported(path) for part in part_of_the_package(path, name)}


@pytest.mark.parametrize("path", modules(REFERENCE), ids=lambda p: str(p.relative_to(REFERENCE)))
def test_references_import_numpy_and_scipy_only(path):
    assert roots(path) <= {"numpy", "scipy", "typing", "collections", "itertools", "functools", "dataclasses", "math"}
    assert not any(name.startswith("...") for name in imported(path))


@pytest.mark.parametrize("path", modules(SUITES), ids=lambda p: str(p.relative_to(SUITES)))
def test_suites_import_frameworks_only_where_they_are_under_test(path):
    place = str(path.relative_to(SUITES))
    allowed = {name for name in FRAMEWORKS if f"in_{name}" in place}
    assert roots(path) & FRAMEWORKS <= allowed


def test_every_row_stands_in_the_reference_and_in_both_frameworks():
    from pytest_dualfw.suites.ops import OPS

    for op in OPS:
        assert hasattr(import_module(f"pytest_dualfw.reference.{op.family}"), f"{op.name}_vjp"), op.name
        for fw in ("torch", "jax"):
            assert hasattr(import_module(f"pytest_dualfw.suites.in_{fw}.{op.family}"), op.name), (fw, op.name)


def test_every_reference_with_a_vjp_is_judged_in_both_frameworks():
    from pytest_dualfw.suites.ops import OPS

    with_vjp = {name.removesuffix("_vjp") for name in reference.__all__ if name.endswith("_vjp")}
    assert with_vjp - {op.name for op in OPS} == set()


def test_every_case_has_an_id_of_its_own():
    from pytest_dualfw.suites.ops import OPS
    from pytest_dualfw.suites.table import cases

    ids = [str(case) for case in cases(OPS)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("heavy", ["numpy", "torch", "jax", "scipy", "hypothesis", "ml_dtypes", "optree"])
def test_the_entry_point_imports_nothing_heavy(heavy):
    code = f"import sys, pytest_dualfw.autoload; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_that_test_would_notice():
    code = "import sys, pytest_dualfw.autoload, numpy; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1


def test_public_names_are_there_and_nothing_else():
    for name in pytest_dualfw.__all__:
        assert getattr(pytest_dualfw, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'pytest_dualfw' has no attribute 'chek_grads'; it has Check,"):
        pytest_dualfw.chek_grads  # noqa: B018
