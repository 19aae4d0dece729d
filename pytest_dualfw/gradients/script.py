"""A program that shows one failed check with nothing but NumPy and the framework, to be read, run and passed on."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from string import Template
from typing import Any

import numpy as np

from ..findings import Check
from ..frameworks.base import Framework
from ..frameworks.program import Array, is_inexact
from . import second_order, templates
from .cut import FUTURE
from .evidence import Evidence
from .oracles.difference import DifferenceLadder
from .oracles.forward import ForwardMode
from .oracles.other_mode import OtherMode
from .source import Writer, array_text

SCALED = " at -2 times the cotangent"

# These judge the function's gradient in float64, whatever the target's dtype.
IN_DOUBLE = (DifferenceLadder.name, ForwardMode.name)

# Names that the script keeps for itself.
RESERVED = ("numpy", "torch", "jax", "base64", "zlib", "show_entry", "gradient_of")


@dataclass(frozen=True)
class Place:
    """What is shown (``kind`` is a key of ``templates.ROWS``) and where: in a gradient of ``leaves``, or in an output.

    ``index`` is None where the check names no entry. ``second``: of the second order.
    """

    kind: str
    name: str
    leaves: tuple[int, ...] = ()
    output: int | None = None
    index: tuple[int, ...] | None = ()
    expected: str = ""
    second: bool = False


def script_of(evidence: Evidence, check: Check) -> str:
    """The program's text: the function's source, its input as data, and the two numbers that should agree.

    ``evidence`` is of the input to be shown; where the second order failed, of the first.
    """
    problem, place, writer = evidence.problem, _place(evidence, check), Writer(RESERVED)
    function = writer.tried(problem.fn) or writer.missing("function", f"a {type(problem.fn).__name__}")
    leaves = (f"leaves[{i}]" for i in range(len(problem.leaves)))
    call = f"{function}, lambda leaves: {_tree(problem.tree, leaves, writer)}"
    call = f"gradient_of({call}), lambda leaves: leaves" if place.second else call
    shown = f"{_harness(evidence, check, place)}\n\nshow_entry({call})\n"
    definitions = "".join(map(_spaced, writer.definitions))
    imports = "\n".join(_imports(problem.fw.name, writer, definitions + shown))
    text = f"{_docstring(evidence, check, place)}\n{imports}\n\n{_setup(problem.fw)}{definitions}\n\n{shown}"
    return re.sub(r"\n{4,}", "\n\n\n", text)


def _spaced(definition: str) -> str:
    return f"\n\n{definition}\n\n\n" if definition.startswith(("def ", "class ", "async ", "@")) else f"{definition}\n"


def _docstring(evidence: Evidence, check: Check, place: Place) -> str:
    fn, found = evidence.problem.fn, check.discrepancy
    if found:
        wrong = f"{found.place} is {found.obtained}, expected {_expected(check)}"
    else:
        wrong = f"{check.what} {check.note or 'is wrong'} ({check.oracle})"
    name = getattr(fn, "__name__", type(fn).__name__)
    lines = textwrap.wrap(f"{name} on {evidence.problem.fw.target}: {wrong}.", 116)
    lines += ["There the entries of the gradients were weighed, here they are summed."] if place.second else []
    text = "\n".join([*lines, "", "Run it: python this_file.py"])
    return '"""' + text.replace("\\", "\\\\").replace('"""', "'''") + '\n"""\n'


def _imports(framework: str, writer: Writer, text: str) -> Iterator[str]:
    packed = ["import base64", "import zlib"] if "base64." in text else []
    every = {*writer.imports, *packed, f"import {framework}", "import numpy"}
    yield from [FUTURE, ""] if FUTURE in every else []
    yield from sorted(every - {FUTURE}, key=lambda i: (i.startswith("from"), i))


def _setup(fw: Framework) -> str:
    platform = 'jax.config.update("jax_platforms", "cpu")\n' if fw.device == "cpu" else ""
    return Template(templates.SETUP[fw.name]).substitute(platform=platform)


def _place(evidence: Evidence, check: Check) -> Place:
    name, inputs, outs = _bare(check), evidence.problem.names, evidence.pulled.names
    if check.heading == second_order.HEADING:
        first = re.fullmatch(r"out\[(\d+)\]", name)  # there the gradient is the function
        name = evidence.problem.gradient_names()[int(first[1])] if first else name
        return _place_of_gradient(evidence, check, name, second=not first)
    if not check.discrepancy and name in (*inputs, "the cotangent"):
        return Place("argument", name, (inputs.index(name),)) if name in inputs else Place("cotangent", name)
    if name in outs:
        index = _index(check, evidence.pulled.outputs[outs.index(name)].shape)
        kind = "shape" if index is None else "value"
        return Place(kind, name, (), outs.index(name), index or (), _expected(check))
    return _place_of_gradient(evidence, check, name, second=False)


def _bare(check: Check) -> str:
    """What the check is of, without its heading."""
    name = check.discrepancy.leaf if check.discrepancy else check.what
    return name.removeprefix(f"{check.heading}: ") if check.heading else name


def _expected(check: Check) -> str:
    return f"{check.discrepancy.expected} by the {check.oracle}" if check.discrepancy else ""


def _place_of_gradient(evidence: Evidence, check: Check, name: str, *, second: bool) -> Place:
    leaves = tuple(i for i, d in enumerate(evidence.problem.differentiated) if d)
    rows = dict(zip(evidence.problem.gradient_names(), leaves, strict=True))
    known, alone = name.removesuffix(SCALED), re.sub(r"^<(.*), u>$", r"\1", name)
    index = _index(check, evidence.problem.leaves[rows[known]].shape) if known in rows else None
    if index is None:
        return Place("searched", "", (rows[alone],) if alone in rows else leaves, index=None, second=second)
    expected = _expected(check) if known == name and not second else ""
    return Place("gradient" if known == name else "scaled", known, (rows[known],), None, index, expected, second)


def _index(check: Check, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Where the oracle found it; None where it says so of no entry."""
    found = check.discrepancy
    return found.index if found and len(found.index) == len(shape) else None


def _harness(evidence: Evidence, check: Check, place: Place) -> str:
    """The part of the script that runs the function and prints the numbers."""
    fw = evidence.problem.fw
    judged = evidence.double if check.oracle in IN_DOUBLE and evidence.dtype != "float64" else fw
    mode = fw.twice_differentiable.mode if place.second else judged.mode
    other = [{"eager": "jit", "jit": "eager"}[mode]] if check.heading == OtherMode.name else []
    before = [templates.GRADIENT_OF] if place.second else []
    modes = [templates.MODES[fw.name, m] for m in (mode, *other)]
    parts = [*before, templates.DATA, *modes, templates.OUTPUTS, *templates.PARTS[place.kind]]
    text = "".join(part if isinstance(part, str) else part[fw.name] for part in parts) + "\n"
    text += "".join(f"    {line}\n" for line in _prints(check, place, other))
    fields = {"mode": mode, "dtype": judged.dtype, "scaled": templates.SCALED[fw.name, mode]}
    return Template(text).substitute(**fields, **_fields(evidence, place), **_data(evidence, place))


def _prints(check: Check, place: Place, other: list[str]) -> Iterator[str]:
    (label, expression), *rows = templates.ROWS[place.kind]
    rows = [(label, expression), *((f"in {m} mode", expression.replace("$mode", m)) for m in other), *rows]
    rows += [("expected", repr(place.expected))] if place.expected else []
    heading = f"{check.heading}: " if check.heading else ""
    end = (" of the sum of the gradients" if place.second else "") + (SCALED if place.kind == "scaled" else "")
    at = "" if place.index is None else f"{place.name}{list(place.index) or ''}"
    yield f"print({heading!r} + name + {end!r})" if place.kind == "searched" else f"print({heading + at + end!r})"
    width = max(len(label) for label, _ in rows)
    yield from (f'print("  {label:{width}}", {expression})' for label, expression in rows)


def _fields(evidence: Evidence, place: Place) -> dict[str, str]:
    problem, fw = evidence.problem, evidence.problem.fw
    is_complex = any(evidence.exact[i].dtype.kind == "c" for i in place.leaves)
    return {
        "differentiated": repr([i for i, d in enumerate(problem.differentiated) if d]),
        "leaf": "".join(map(str, place.leaves[:1])),
        "entry": repr(place.index),
        "names": repr({i: f"d{problem.names[i]}" for i in place.leaves}),
        "slope": templates.SLOPES["complex" if is_complex else "real"],
        "backend": fw.numerics.compile_backend,
        "device": "cuda" if fw.device == "gpu" else "cpu",
        "lay_out": templates.LAYOUTS[problem.layout],
    }


def _data(evidence: Evidence, place: Place) -> dict[str, str]:
    problem, pulled = evidence.problem, evidence.pulled
    every = [a.codify("out") for a in pulled.tree.accessors()]
    floating = [text for text, y in zip(every, pulled.outputs, strict=True) if is_inexact(y.dtype)]
    cotangents = _listed(evidence.cotangents, floating)
    ones = [np.ones_like(x) for x in problem.differentiated_of(evidence.exact)]
    shown = floating if place.output is None else [every[place.output]]
    return {
        "leaves": _listed(evidence.exact, problem.names),
        "cotangents": _listed(ones, problem.gradient_names()) if place.second else cotangents,
        "outputs": "out" if place.second else f"[{', '.join(shown)}]",
        "inner_cotangents": cotangents,
        "inner_outputs": f"[{', '.join(floating)}]",
    }


def _listed(arrays: list[Array], names: list[str]) -> str:
    texts = (f"{array_text(x)},  # {n}\n" for x, n in zip(arrays, names, strict=True))
    return textwrap.indent("".join(texts), " " * 8)


def _tree(spec: Any, leaves: Iterator[str], writer: Writer) -> str:
    """An expression that builds the tree: its nodes by their own classes, its leaves by the texts given."""
    kind = spec.kind.name
    if kind in ("LEAF", "NONE"):
        return next(leaves) if kind == "LEAF" else "None"
    parts = [_tree(child, leaves, writer) for child in spec.children()]
    joined = ", ".join(parts)
    if kind == "TUPLE":
        return f"({joined},)" if len(parts) == 1 else f"({joined})"
    if kind in ("LIST", "DICT"):
        return f"[{joined}]" if kind == "LIST" else _dict(spec, parts)
    return _node(spec, parts, writer)


def _dict(spec: Any, parts: list[str]) -> str:
    """With the keys in the caller's order, which the tree's own is not."""
    values = dict(zip(spec.entries(), parts, strict=True))
    return "{" + ", ".join(f"{k!r}: {values[k]}" for k in spec.one_level().unflatten(parts)) + "}"


def _node(spec: Any, parts: list[str], writer: Writer) -> str:
    made = writer.tried(spec.type) or writer.missing(spec.type.__name__, "a class")
    kind, joined = spec.kind.name, ", ".join(parts)
    if kind in ("ORDEREDDICT", "DEFAULTDICT"):
        return f"{made}({'None, ' if kind == 'DEFAULTDICT' else ''}{_dict(spec, parts)})"
    if kind in ("DEQUE", "STRUCTSEQUENCE"):
        return f"{made}([{joined}])"
    fields = [e for e in spec.entries() if isinstance(e, str) and e.isidentifier()]
    return f"{made}({', '.join(f'{e}={p}' for e, p in zip(fields, parts, strict=False)) if fields else joined})"
