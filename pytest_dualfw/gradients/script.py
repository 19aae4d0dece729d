"""A program that shows one failed check with nothing but NumPy and the framework, to be read, run and passed on."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from string import Template
from typing import Any

import numpy as np

from ..findings import Check
from ..frameworks.program import exactly, is_inexact
from .evidence import Evidence
from .request import Request
from .source import FUTURE, Writer, array_text, source_of
from .variants import of_problem

SECOND_ORDER = "second order"
LAYOUTS = ("non-contiguous", "transposed in memory")

# The script's own names; one that the function's source uses too gets an underscore.
NAMES = [
    "LEAVES",
    "COTANGENTS",
    "DIFFERENTIATED",
    "PLACE",
    "WHERE",
    "ENTRY",
    "EXPECTED",
    "function",
    "compiled",
    "tensors",
    "arguments",
    "outputs",
    "loss",
    "gradient_sum",
    "gradients",
    "number",
    "central_difference",
    "laid_out",
    "obtained",
    "again",
    "difference",
]

DATA = """
# The inputs, each exactly as the target rounded it, and the cotangents of the outputs.
$LEAVES = [
$leaves_data]
$COTANGENTS = [
$cotangents_data]
$DIFFERENTIATED = $differentiated
$PLACE, $WHERE, $ENTRY = $place, $where, $entry
$EXPECTED = $expected


def $arguments(leaves):
    return $arguments_text


def $outputs(leaves, f):
    ${seed}out = f(*$arguments($given_leaves))
    return $outputs_text

"""

TENSORS = {
    "torch": """
def $tensors(leaves, dtype):
    \"\"\"The leaves as tensors, floating ones in this dtype.\"\"\"
    torch.set_default_dtype(torch.float64 if dtype == torch.float64 else torch.float32)
    made = [torch.tensor(x, device="$device") for x in leaves]
    ${wide}return [x.to(dtype) if x.is_floating_point() else $otherwise for x in made]

""",
    "jax": """
def $tensors(leaves, dtype):
    \"\"\"The leaves as arrays, floating ones in this dtype.\"\"\"
    jax.config.update("jax_enable_x64", dtype == "float64")
    made = [jnp.asarray(x) for x in leaves]
    return [x.astype(dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x for x in made]

""",
}

LAID_OUT = {
    "non-contiguous": "torch.stack([x, x], dim=-1)[..., 0] if x.dim() else x",
    "transposed in memory": "x.mT.contiguous().mT if x.dim() > 1 else x",
}
LAYOUT = """
def $laid_out(x):
    return ($layout) if x.is_floating_point() or x.is_complex() else x

"""

LOSS = {
    "torch": """
def $loss(leaves, f):
    \"\"\"Re sum(conj(g) y) over the outputs y and their cotangents g.\"\"\"
    pairs = [(g, y) for g, y in zip($COTANGENTS, $outputs(leaves, f)) if g is not None]
    return sum((torch.tensor(g).to(y).conj() * y).real.sum() for g, y in pairs)


def $gradients(leaves, of, factor=1.0):
    roots = [leaves[i].requires_grad_() for i in $DIFFERENTIATED]
    total = factor * of([x.clone() for x in leaves])
    if not total.requires_grad:
        return [None] * len(roots)
    return torch.autograd.grad(total, roots, allow_unused=True)

""",
    "jax": """
def $loss(leaves, f):
    \"\"\"Re sum(conj(g) y) over the outputs y and their cotangents g.\"\"\"
    pairs = [(g, y) for g, y in zip($COTANGENTS, $outputs(leaves, f)) if g is not None]
    return sum(jnp.sum(jnp.conj(jnp.asarray(g).astype(y.dtype)) * y).real for g, y in pairs)


def $gradients(leaves, of, factor=1.0):
    def total(some):
        changed = dict(zip($DIFFERENTIATED, some))
        return factor * of([changed.get(i, x) for i, x in enumerate(leaves)])

    found = jax.grad(total)([leaves[i] for i in $DIFFERENTIATED])
    return [jnp.conj(d) for d in found]  # JAX's gradient of a complex input is the conjugate

""",
}

GRADIENT_SUM = {
    "torch": """
def $gradient_sum(leaves, f):
    \"\"\"The sum of all entries of the gradients: a function whose gradient is of second order.\"\"\"
    roots = [leaves[i].requires_grad_() for i in $DIFFERENTIATED]
    found = torch.autograd.grad($loss(leaves, f), roots, create_graph=True, allow_unused=True)
    return sum(torch.zeros_like(x).real.sum() if d is None else d.real.sum() for x, d in zip(roots, found))

""",
    "jax": """
def $gradient_sum(leaves, f):
    \"\"\"The sum of all entries of the gradients: a function whose gradient is of second order.\"\"\"
    return sum(jnp.sum(d.real) for d in $gradients(leaves, lambda x: $loss(x, f)))

""",
}

NUMBER = """
def $number(x):
    return None if x is None else x[$ENTRY].item()

"""

DIFFERENCE = """
def $central_difference(of):
    \"\"\"In float64, of the entry alone.\"\"\"
    x = $LEAVES[$WHERE]
    h = 1e-6 * float(max(abs(x[$ENTRY]), 1e-3 * np.sqrt(np.mean(np.abs(x) ** 2))) or 1.0)

    def at(step):
        moved = [np.array(y) for y in $LEAVES]
        moved[$WHERE][$ENTRY] += step
        return float(of($tensors(moved, $double)))

    $difference_text


$compiled = $compiled_text
$obtained, $again = (
    $number($gradients($tensors($LEAVES, $dtype), lambda x: $objective(x, $compiled), factor)[$position])
    for factor in (1.0, -2.0)
)
$difference = $central_difference(lambda x: $objective(x, $function))
print(f"{$PLACE}: obtained {$obtained!r}, central difference {$difference!r}{$EXPECTED}")
print(f"{$PLACE} at -2 times the cotangent, divided by -2: {$again if $again is None else $again / -2!r}")
"""

VALUE = """
$compiled = $compiled_text
$obtained = $number($outputs($tensors($LEAVES, $dtype), $compiled)[$WHERE])
$again = $number($outputs($tensors($LEAVES, $double), $function)[$WHERE])
print(f"{$PLACE}: obtained {$obtained!r}, in eager float64 {$again!r}{$EXPECTED}")
"""

REAL = "return (at(h) - at(-h)) / (2 * h)"
COMPLEX = "return complex(*[(at(h * z) - at(-h * z)) / (2 * h) for z in (1.0, 1.0j)])"


@dataclass(frozen=True)
class Place:
    """What the script prints: an entry of the gradient of a leaf, or (``leaf`` None) of an output."""

    heading: str
    name: str
    leaf: int | None
    output: int
    index: tuple[int, ...]
    expected: str

    @property
    def text(self) -> str:
        head = f"{self.heading}: " if self.heading else ""
        return f"{head}{self.name}[{', '.join(map(str, self.index))}]" if self.index else f"{head}{self.name}"


def script_of(evidence: Evidence, check: Check) -> str:
    """The program's text: the function's source, its input as data, and the two numbers that should agree."""
    heading, what = _split(evidence, check)
    shown = _variant(evidence, heading)
    place = _place(shown, check, heading, what)
    source = source_of(evidence.problem.fn)
    used = "\n".join([*source.imports, *source.definitions, source.expression])
    own = {n: f"{n}_" if re.search(rf"\b{n}\b", used) else n for n in NAMES}
    own["function"] = (
        "function" if own["function"] == "function" or source.expression == "function" else own["function"]
    )
    writer = Writer()
    harness = _harness(shown, place, own, writer)
    if any(re.search(r"\bas np$", i) and i != "import numpy as np" for i in source.imports):
        harness = re.sub(r"\bnp\.", "numpy.", harness)
        writer.imports["import numpy"] = None
    else:
        writer.imports["import numpy as np"] = None
    bound = "" if source.expression == own["function"] else f"{own['function']} = {source.expression}\n"
    imports = _imports(shown, [*source.imports, *writer.imports], harness)
    definitions = [f"{d}\n" for d in [*source.definitions, *writer.definitions]]
    parts = [_docstring(evidence, check, place), *imports, "", *_setup(shown), "", *definitions, bound]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(parts)) + harness


def _split(evidence: Evidence, check: Check) -> tuple[str, str]:
    """The heading of a check (a variant, the second order) and what it is of."""
    leaf = check.discrepancy.leaf if check.discrepancy else check.what
    own = leaf.startswith(("<", *evidence.problem.names, *evidence.pulled.names, *evidence.problem.gradient_names()))
    heading, _, rest = leaf.partition(": ")
    return (heading, rest) if rest and not (own and "[" in heading) else ("", leaf)


def _variant(evidence: Evidence, heading: str) -> Evidence:
    """The evidence at the variant's input, its cotangents drawn anew; a layout keeps the input."""
    if heading in LAYOUTS:
        return evidence
    for variant in of_problem(evidence.problem):
        if variant.name == heading:
            problem = variant.change(evidence.problem)
            with problem.fw.scope():
                return Evidence.gather(problem, Request(), np.random.default_rng(0), given=False)
    return evidence


def _place(evidence: Evidence, check: Check, heading: str, what: str) -> Place:
    names, outs = evidence.problem.gradient_names(), evidence.pulled.names
    name = what.partition(" at -2 times")[0]
    found = check.discrepancy
    index = found.index if found else ()
    exact = name in names or name in outs
    expected = f", expected {found.expected} by the {check.oracle}" if found and exact and name == what else ""
    second = re.fullmatch(r"out\[(\d+)\]", name) if heading == SECOND_ORDER else None
    if second:  # the gradient is the function there
        at = int(second[1])
        return Place("", names[at], at, 0, index, expected)
    if name in outs:
        return Place(heading, name, None, outs.index(name), index, expected)
    at = next((i for i, n in enumerate(names) if n == name or re.match(rf"<?{re.escape(n)}(, |; |$)", name)), 0)
    if not names:
        return Place(heading, outs[0], None, 0, (0,) * evidence.pulled.outputs[0].ndim, "")
    entry = index if exact and found else _largest(evidence, at)
    return Place(heading, names[at], at, 0, entry, expected)


def _largest(evidence: Evidence, at: int) -> tuple[int, ...]:
    """The entry of a leaf's gradient that is largest."""
    x = evidence.problem.differentiated_of(evidence.exact)[at]
    d = evidence.pulled.gradients[at]
    size = np.zeros(x.shape) if d is None or d.shape != x.shape else np.abs(exactly([d])[0])
    return tuple(int(k) for k in np.unravel_index(int(np.argmax(np.nan_to_num(size))), x.shape)) if x.size else ()


def _docstring(evidence: Evidence, check: Check, place: Place) -> str:
    name = getattr(evidence.problem.fn, "__name__", type(evidence.problem.fn).__name__)
    found = check.discrepancy
    if found:
        wrong = f"{found.place} is {found.obtained}, expected {found.expected} by the {check.oracle}"
    else:
        wrong = f"{check.what} {check.note or 'is wrong'} ({check.oracle})"
    lines = textwrap.wrap(f"{name} on {evidence.problem.fw.target}: {wrong}.", 116)
    text = "\n".join([*lines, "", "Run it: python this_file.py"])
    return '"""' + text.replace("\\", "\\\\").replace('"""', "'''") + '\n"""\n'


def _imports(evidence: Evidence, wanted: list[str], harness: str) -> Iterator[str]:
    framework = ["import torch"] if evidence.problem.fw.name == "torch" else ["import jax", "import jax.numpy as jnp"]
    packed = ["import base64", "import zlib"] if "base64." in harness else []
    every = dict.fromkeys([*wanted, *framework, *packed])
    yield from [FUTURE] if FUTURE in every else []
    yield from sorted((i for i in every if i != FUTURE), key=lambda i: (i.startswith("from"), i))


def _setup(evidence: Evidence) -> list[str]:
    fw = evidence.problem.fw
    if fw.name == "torch":
        return [f"torch.set_default_dtype(torch.{'float64' if fw.dtype == 'float64' else 'float32'})"]
    platform = ['jax.config.update("jax_platforms", "cpu")'] if fw.device == "cpu" else []
    precision = 'jax.config.update("jax_default_matmul_precision", "highest")'
    return [*platform, 'jax.config.update("jax_enable_x64", True)', precision]


def _harness(evidence: Evidence, place: Place, own: dict[str, str], writer: Writer) -> str:
    fw = evidence.problem.fw
    parts = [DATA, TENSORS[fw.name], *([LAYOUT] if place.heading in LAYOUTS else [])]
    if place.leaf is None:
        parts += [NUMBER, VALUE]
    else:
        twice = [GRADIENT_SUM[fw.name]] if place.heading == SECOND_ORDER else []
        parts += [LOSS[fw.name], *twice, NUMBER, DIFFERENCE]
    fields = {**own, **_target_fields(evidence, place, own), **_data_fields(evidence, place, own, writer)}
    return Template("".join(parts)).substitute(fields)


def _target_fields(evidence: Evidence, place: Place, own: dict[str, str]) -> dict[str, str]:
    fw, torch = evidence.problem.fw, evidence.problem.fw.name == "torch"
    eager = fw.mode == "eager" or (torch and place.heading == SECOND_ORDER)
    backend = getattr(fw.numerics, "compile_backend", "aot_eager")
    jit = f'torch.compile($f, fullgraph=True, backend="{backend}")' if torch else "jax.jit($f)"
    wide = any(x.dtype.kind == "c" for x in evidence.exact)
    return {
        "compiled_text": own["function"] if eager else jit.replace("$f", own["function"]),
        "dtype": f"torch.{fw.dtype}" if torch else f'"{fw.dtype}"',
        "double": "torch.float64" if torch else '"float64"',
        "device": "cuda" if fw.device == "gpu" else "cpu",
        "seed": "torch.manual_seed(20)\n    " if torch else "",
        "wide": "wide = torch.complex128 if dtype == torch.float64 else torch.complex64\n    " if wide else "",
        "otherwise": "x.to(wide) if x.is_complex() else x" if wide else "x",
        "layout": LAID_OUT.get(place.heading, ""),
        "objective": own["gradient_sum" if place.heading == SECOND_ORDER else "loss"],
    }


def _data_fields(evidence: Evidence, place: Place, own: dict[str, str], writer: Writer) -> dict[str, str]:
    problem, pulled = evidence.problem, evidence.pulled
    differentiated = [i for i, d in enumerate(problem.differentiated) if d]
    where = place.output if place.leaf is None else differentiated[place.leaf]
    leaves = iter(f"leaves[{i}]" for i in range(len(problem.leaves)))
    turn = iter(evidence.cotangents)
    cotangents = [next(turn) if is_inexact(y.dtype) else None for y in pulled.outputs]
    laid_out = f"[{own['laid_out']}(x) for x in leaves]" if place.heading in LAYOUTS else "leaves"
    complex_leaf = place.leaf is not None and evidence.exact[where].dtype.kind == "c"
    return {
        "leaves_data": _listed(evidence.exact, problem.names),
        "cotangents_data": _listed(cotangents, pulled.names),
        "differentiated": repr(differentiated),
        "position": str(place.leaf or 0),
        "place": repr(place.text),
        "where": str(where),
        "entry": repr(place.index),
        "expected": repr(place.expected),
        "arguments_text": _tree(problem.tree, leaves, writer),
        "outputs_text": f"[{', '.join(a.codify('out') for a in pulled.tree.accessors())}]",
        "given_leaves": laid_out,
        "difference_text": COMPLEX if complex_leaf else REAL,
    }


def _listed(arrays: Any, names: list[str]) -> str:
    texts = ["None" if x is None else array_text(np.asarray(x)) for x in arrays]
    return "".join(f"    {t},  # {n}\n" for t, n in zip(texts, names, strict=True))


def _tree(spec: Any, leaves: Iterator[str], writer: Writer) -> str:
    """An expression that builds the tree: its nodes by their own classes, its leaves by the texts given."""
    kind = spec.kind.name
    if kind == "LEAF":
        return next(leaves)
    parts = [_tree(child, leaves, writer) for child in spec.children()]
    rows = ", ".join(f"{k!r}: {p}" for k, p in zip(spec.entries(), parts, strict=True))
    joined = ", ".join(parts)
    if kind == "NONE":
        return "None"
    if kind == "TUPLE":
        return f"({joined},)" if len(parts) == 1 else f"({joined})"
    if kind in ("LIST", "DICT"):
        return f"[{joined}]" if kind == "LIST" else f"{{{rows}}}"
    return _node(spec, parts, rows, writer)


def _node(spec: Any, parts: list[str], rows: str, writer: Writer) -> str:
    try:
        made = writer.text(spec.type)
    except Exception:
        made = writer.missing(spec.type.__name__, spec.type)
    kind, joined = spec.kind.name, ", ".join(parts)
    if kind == "NAMEDTUPLE":
        return f"{made}({joined})"
    if kind == "ORDEREDDICT":
        return f"{made}({{{rows}}})"
    if kind == "DEFAULTDICT":
        return f"{made}(None, {{{rows}}})"
    if kind in ("DEQUE", "STRUCTSEQUENCE"):
        return f"{made}([{joined}])"
    fields = [e for e in spec.entries() if isinstance(e, str) and e.isidentifier()]
    return f"{made}({', '.join(f'{e}={p}' for e, p in zip(fields, parts, strict=False)) if fields else joined})"
