"""The source of a function and of what it needs, cut out of the files it was written in.

Statements that define a name are taken as they stand; what a closure holds, and what a call computed once, is written
out as data, since running the call again in other surroundings might not give it again.
"""

import ast
import base64
import builtins
import functools
import itertools
import linecache
import re
import symtable
import sys
import sysconfig
import textwrap
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

LISTED = 64
COLUMNS = 100

# Modules whose names are looked for before a function's own module: the public name of torch.sin is not where it lives.
PUBLIC = ("torch", "torch.nn.functional", "torch.linalg", "jax.numpy", "jax.nn", "jax.lax", "jax.numpy.linalg", "numpy")
PLAIN = (type(None), bool, int, float, complex, str, bytes, slice, range, type(...))
CONTAINERS = (tuple, list, dict, set, frozenset)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
FUTURE = "from __future__ import annotations"


@dataclass(frozen=True)
class Source:
    """``expression`` evaluates to the function after ``imports`` and ``definitions``."""

    imports: list[str]
    definitions: list[str]
    expression: str


class Unwritable(Exception):
    """There is no text that evaluates to this object."""


def source_of(fn: Any, name: str = "function") -> Source:
    """Never raises: what cannot be written out becomes a comment that asks for it, under ``name``."""
    writer = Writer()
    try:
        expression = writer.text(fn)
    except Exception:
        expression = writer.missing(name, fn)
    return Source(list(writer.imports), list(writer.definitions), expression)


def array_text(x: np.ndarray[Any, Any]) -> str:
    """An expression of the exact array: a list where it is short, else its compressed bytes."""
    named = x.dtype.name in ("float64", "int64", "bool", "complex128")
    if x.size == 0:
        return f'np.zeros({x.shape}, dtype="{x.dtype.name}")'
    if x.size > LISTED or (x.dtype.kind == "c" and not np.all(np.isfinite(x))):
        return _packed(x)
    listed = re.sub(r"\b(nan|inf)\b", r"np.\1", repr(x.tolist()))
    made = f"np.array({listed})" if named else f'np.array({listed}, dtype="{x.dtype.name}")'
    return "\n    ".join(textwrap.wrap(made, COLUMNS - 4, break_long_words=False, break_on_hyphens=False))


def _packed(x: np.ndarray[Any, Any]) -> str:
    code = base64.b64encode(zlib.compress(np.ascontiguousarray(x).tobytes())).decode()
    lines = "\n".join(f'        "{part}"' for part in textwrap.wrap(code, COLUMNS - 10))
    decoded = f"zlib.decompress(base64.b64decode(\n{lines}\n    ))"
    return f'np.frombuffer(\n    {decoded}, dtype="{x.dtype.name}"\n).reshape({x.shape}).copy()'


class Writer:
    """Texts of objects, and the imports and definitions that these texts rely on."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.definitions: dict[str, None] = {}
        self._writing: set[int] = set()
        self._objects = 0

    def missing(self, name: str, value: Any) -> str:
        self.definitions[f"# {name}: a {type(value).__name__} that could not be written out; define it here"] = None
        return name

    def text(self, value: Any) -> str:
        """An expression of the value. Unwritable where there is none."""
        if id(value) in self._writing:
            raise Unwritable(value)
        self._writing.add(id(value))
        try:
            return self._data(value) if is_data(value) else self._object(value)
        finally:
            self._writing.discard(id(value))

    def _data(self, value: Any) -> str:
        if isinstance(value, PLAIN):
            return (
                re.sub(r"(?<![\w'\"])(nan|inf)(?![\w'\"])", r"float('\1')", repr(value))
                if isinstance(value, float)
                else repr(value)
            )
        if isinstance(value, CONTAINERS):
            return self._container(value)
        self.imports["import numpy as np"] = None
        if isinstance(value, np.generic):
            return f"{array_text(np.asarray(value))}[()]"
        if isinstance(value, np.ndarray):
            return self._array(value)
        if type(value).__module__.partition(".")[0] == "torch":
            self.imports["import torch"] = None
            moved = "" if value.device.type == "cpu" else f".to({str(value.device)!r})"
            return f"torch.tensor({self._array(value.detach().cpu().numpy())}){moved}"
        self.imports["import jax.numpy as jnp"] = None
        return f"jnp.asarray({self._array(np.asarray(value))})"

    def _array(self, x: np.ndarray[Any, Any]) -> str:
        text = array_text(x)
        if "base64." in text:
            self.imports.update({"import base64": None, "import zlib": None})
        return text

    def _container(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.text(k)}: {self.text(v)}" for k, v in value.items()) + "}"
        parts = ", ".join(map(self.text, value))
        if isinstance(value, tuple):
            return f"({parts},)" if len(value) == 1 else f"({parts})"
        return f"[{parts}]" if isinstance(value, list) else f"{type(value).__name__}([{parts}])"

    def _object(self, value: Any) -> str:
        if isinstance(value, ModuleType):
            return self._imported(value.__name__)
        if type(value) in CONTAINERS:
            return self._container(value)
        if type(value) is OrderedDict:
            return f"{self._imported('collections')}.OrderedDict({self.text(list(value.items()))})"
        if isinstance(value, functools.partial):
            return self._partial(value)
        public = self._public(value)
        if public:
            return public
        cut = self._global(value) or self._cut(value)
        return cut or self._held(value)

    def _imported(self, module: str) -> str:
        self.imports[f"import {module}"] = None
        return module

    def _partial(self, value: Any) -> str:
        self.imports["import functools"] = None
        keywords = [f"{k}={self.text(v)}" for k, v in value.keywords.items()]
        return f"functools.partial({', '.join([self.text(value.func), *map(self.text, value.args), *keywords])})"

    def _public(self, value: Any) -> str:
        """Where an installed library offers the object."""
        name = getattr(value, "__name__", "") or ""
        for module in (*PUBLIC, getattr(value, "__module__", None) or "builtins"):
            found = sys.modules.get(module)
            path = getattr(value, "__qualname__", name) if found and module not in PUBLIC else name
            if found and path and _reached(found, path) is value and installed(found):
                return path if module == "builtins" else f"{self._imported(module)}.{path}"
        return ""

    def _global(self, value: Any) -> str:
        """The name under which the module of the object keeps it, with the statements that made it."""
        module = sys.modules.get(getattr(value, "__module__", None) or "")
        if module is None or not getattr(module, "__file__", None):
            return ""
        cut = Cut.of(self, str(module.__file__), vars(module))
        names = [n for n, v in vars(module).items() if v is value and n in cut.bound_above]
        if not names:
            return ""
        cut.need(names[0])
        cut.emit()
        return names[0]

    def _cut(self, value: Any) -> str:
        """A function by the place of its code; one that decorators wrapped by that of the function inside."""
        inner = getattr(value, "__wrapped__", None)
        if isinstance(inner, FunctionType):
            expression = self._cut(inner)
            plain = not _decorated(inner)
            jitted = plain and type(value).__name__ == "PjitFunction"
            return f"{self._imported('jax')}.jit({expression})" if jitted else "" if plain else expression
        if isinstance(value, MethodType):
            return f"{self.text(value.__self__)}.{value.__name__}"
        if not isinstance(value, FunctionType):
            return ""
        cut = Cut.of(self, value.__code__.co_filename, value.__globals__, value)
        return cut.function(value)

    def _held(self, value: Any) -> str:
        """An object of a plain class: the class, and what the object holds."""
        if type(value).__new__ is not object.__new__ or not hasattr(value, "__dict__"):
            raise Unwritable(value)
        holds = ", ".join(f"{k!r}: {self.text(v)}" for k, v in vars(value).items())
        kind = self.text(type(value))
        self._objects += 1
        name = f"{type(value).__name__.lower()}_{self._objects}"
        self.definitions[f"{name} = object.__new__({kind})\n{name}.__dict__.update({{{holds}}})"] = None
        return name


class Cut:
    """The statements that functions of one file need, gathered to a fixed point and written in the file's order.

    ``scopes`` are the lists of statements around a function, the module's first; ``cells`` what its closure holds.
    """

    def __init__(self, writer: Writer, lines: list[str], names: dict[str, Any], cells: dict[str, Any]) -> None:
        self._writer, self._lines, self._names, self._cells = writer, lines, names, cells
        self.tree = ast.parse("".join(lines))
        self._scopes: list[list[ast.stmt]] = [self.tree.body]
        self._taken: dict[ast.stmt, None] = {}
        self._seen: set[str] = set()
        self._values: list[str] = []
        self._future = False

    @classmethod
    def of(cls, writer: Writer, file: str, names: dict[str, Any], fn: Any = None) -> "Cut":
        lines = linecache.getlines(file, names)
        if not lines:
            raise Unwritable(file)
        return cls(writer, lines, names, {} if fn is None else dict(_cells(fn, set())))

    @functools.cached_property
    def bound_above(self) -> set[str]:
        """What a definition or an assignment of the module itself binds."""
        made = (*DEFINITIONS, ast.Assign, ast.AnnAssign)
        return {n for s in self.tree.body if isinstance(s, made) for n in _bound(s)}

    def function(self, fn: FunctionType) -> str:
        chain = _chain_to(self.tree, fn)
        if not chain:
            raise Unwritable(fn)
        self._scopes = [self.tree.body, *_scopes_along(chain)]
        node = chain[-1]
        if isinstance(node, ast.Lambda):
            return self._lambda(node)
        nodes = _class_last(chain)
        self._take(nodes[0])
        self.emit()
        return ".".join(n.name for n in nodes)

    def _lambda(self, node: ast.Lambda) -> str:
        for name in _used(ast.Expr(node)):
            self.need(name)
        self.emit()
        segment = ast.get_source_segment("".join(self._lines), node) or ""
        return f"({segment})" if _same(f"({segment})", ast.Expr(node)) else f"({ast.unparse(node)})"

    def need(self, name: str) -> None:
        """Take what defines a name, or write its value."""
        if name in self._seen or name.startswith("__"):
            return
        self._seen.add(name)
        found = self._binding(name)
        local = name in self._cells
        known, value = local or name in self._names, self._cells.get(name, self._names.get(name))
        if found and all(isinstance(s, (*DEFINITIONS, *IMPORTS)) for s in found):
            self._define(name, found)
        elif known and is_data(value) and (local or any(_calls(s) for s in found)):
            self._values.append(f"{name} = {self._writer.text(value)}")
        elif found and not local:
            for s in found:
                self._take(s)
        elif known or not hasattr(builtins, name):
            self._write(name, value, found)

    def _binding(self, name: str) -> list[ast.stmt]:
        """The statements that bind a name in the innermost scope that does."""
        found = ([s for s in scope if name in _bound(s)] for scope in reversed(self._scopes))
        return next(filter(None, found), [])

    def _define(self, name: str, found: list[ast.stmt]) -> None:
        for s in found:
            if isinstance(s, IMPORTS):
                self._import(name, s)
            else:
                self._take(s)

    def _import(self, name: str, s: ast.Import | ast.ImportFrom) -> None:
        alias = next(a for a in s.names if (a.asname or a.name).partition(".")[0] == name)
        value = self._names.get(name, self._cells.get(name))
        if isinstance(s, ast.ImportFrom) and self._inlined(name, value):
            return
        as_name = f" as {alias.asname}" if alias.asname else ""
        if isinstance(s, ast.Import):
            self._writer.imports[f"import {alias.name}{as_name}"] = None
        else:
            self._writer.imports[f"from {self._absolute(s)} import {alias.name}{as_name}"] = None

    def _inlined(self, name: str, value: Any) -> bool:
        """A function or class of a file that is no installed library is cut out of it too."""
        module = sys.modules.get(getattr(value, "__module__", None) or "")
        if not isinstance(value, (FunctionType, type)) or module is None or installed(module):
            return False
        try:
            expression = self._writer.text(value)
        except Exception:
            return False
        self._values += [] if expression == name else [f"{name} = {expression}"]
        return True

    def _absolute(self, s: ast.ImportFrom) -> str:
        package = str(self._names.get("__package__") or "").split(".")
        return (
            ".".join([*package[: len(package) - s.level + 1], *filter(None, [s.module])]) if s.level else str(s.module)
        )

    def _write(self, name: str, value: Any, found: list[ast.stmt]) -> None:
        try:
            expression = self._writer.text(value) if name in self._cells or name in self._names else ""
        except Exception:
            expression = ""
        if expression and expression != name:
            self._values.append(f"{name} = {expression}")
        elif not expression and found:
            for s in found:
                self._take(s)
        elif not expression:
            self._writer.missing(name, value)

    def _take(self, s: ast.stmt) -> None:
        if s in self._taken:
            return
        self._taken[s] = None
        self._seen |= _bound(s)
        self._future |= any(_annotations(s))
        for name in sorted(_used(s)):
            self.need(name)

    def emit(self) -> None:
        """Hand over to the writer what was gathered, after what acts on it: ``cube.defvjp(forward, backward)``."""
        waiting = True
        while waiting:
            made = {n for s in self._taken for n in _bound(s)}
            waiting = [s for scope in self._scopes for s in scope if s not in self._taken and _acts_on(s, made)]
            for s in waiting:
                self._take(s)
        if self._future:
            self._writer.imports[FUTURE] = None
        order = [s for scope in self._scopes for s in scope if s in self._taken]
        rest = [s for s in self._taken if s not in order]
        texts = [*self._values, *(self._text(s) for s in [*order, *rest])]
        self._writer.definitions.update(dict.fromkeys(texts))

    def _text(self, s: ast.stmt) -> str:
        first = min([s.lineno, *(d.lineno for d in getattr(s, "decorator_list", []))])
        text = textwrap.dedent("".join(self._lines[first - 1 : s.end_lineno])).strip("\n")
        return text if _same(text, s) else ast.unparse(s)


def is_data(value: Any) -> bool:
    """Numbers, texts, arrays of any library, and plain containers of them."""
    if type(value) in CONTAINERS:
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return all(map(is_data, parts))
    if type(value) in PLAIN or type(value) is np.ndarray or isinstance(value, np.generic):
        return True
    return type(value).__name__ in ("Tensor", "Parameter", "ArrayImpl") and type(value).__module__.startswith(
        ("torch", "jax")
    )


def installed(module: ModuleType) -> bool:
    """A library that the script may import: no file of the tests', and not this package."""
    file = getattr(module, "__file__", None) or ""
    if module.__name__.partition(".")[0] == __name__.partition(".")[0]:
        return False
    return not file or "-packages" in file or file.startswith(sysconfig.get_path("stdlib"))


def _reached(module: ModuleType, path: str) -> Any:
    return functools.reduce(lambda at, part: getattr(at, part, None), path.split("."), module)


def _cells(value: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """What the closures of a function hold, and those of the functions and classes that it reaches there."""
    if id(value) in seen:
        return
    seen.add(id(value))
    function = getattr(value, "__func__", value)
    held = []
    if isinstance(function, FunctionType):
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        held = [(n, c.cell_contents) for n, c in cells if _filled(c)]
        yield from held
    inside = list(vars(value).values()) if hasattr(value, "__dict__") and not isinstance(value, ModuleType) else []
    for inner in [*(v for _, v in held), *inside]:
        if callable(inner) or isinstance(inner, (staticmethod, classmethod)):
            yield from _cells(inner, seen)


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # not assigned yet
        return False


def _chain_to(tree: ast.Module, fn: FunctionType) -> list[ast.AST]:
    """The nodes around a function's own, itself last; empty where the file does not hold it."""
    found: list[list[ast.AST]] = []

    def walk(node: ast.AST, above: list[ast.AST]) -> None:
        chain = [*above, node]
        if _is_of(node, fn):
            found.append(chain[1:])
        for child in ast.iter_child_nodes(node):
            walk(child, chain)

    walk(tree, [])
    return found[0] if found else []


def _is_of(node: ast.AST, fn: FunctionType) -> bool:
    code = fn.__code__
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        return node.name == code.co_name and code.co_firstlineno in (first, node.lineno)
    return isinstance(node, ast.Lambda) and code.co_name == "<lambda>" and _is_lambda(node, code)


def _is_lambda(node: ast.Lambda, code: Any) -> bool:
    """Several lambdas may share a line: the place of what is returned tells them apart."""
    body = node.body
    place = (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
    positions = list(code.co_positions())
    if any(p[2] is not None for p in positions):
        return place in positions and list(code.co_varnames[: code.co_argcount]) == _positional(node)
    return node.lineno == code.co_firstlineno


def _positional(node: ast.Lambda) -> list[str]:
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args)]


def _scopes_along(chain: list[ast.AST]) -> list[list[ast.stmt]]:
    """The statements beside each node of the chain, where a function inside can see their names."""
    scopes = []
    for above, node in itertools.pairwise(chain):
        blocks = [getattr(above, part, None) for part in ("body", "orelse", "finalbody")]
        inside = [b for b in blocks if isinstance(b, list) and node in b]
        if inside and not isinstance(above, ast.ClassDef):
            scopes.append([s for s in inside[0] if s not in chain[:-1]])
    return scopes


def _class_last(chain: list[ast.AST]) -> list[Any]:
    """The function's definition, or the classes around it with it last."""
    kept: list[Any] = [chain[-1]]
    for node in reversed(chain[:-1]):
        if not isinstance(node, ast.ClassDef):
            break
        kept.insert(0, node)
    return kept


def _decorated(fn: FunctionType) -> bool:
    tree = ast.parse("".join(linecache.getlines(fn.__code__.co_filename, fn.__globals__)))
    chain = _chain_to(tree, fn)
    return bool(chain and getattr(chain[-1], "decorator_list", []))


class _Unannotated(ast.NodeTransformer):
    """Annotations of functions are not evaluated: their names need no definition."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)


@functools.lru_cache(maxsize=4096)
def _names(s: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a statement binds, and those that it and the functions in it look up outside of them."""
    bare = _Unannotated().visit(ast.parse(ast.unparse(s)))
    top = symtable.symtable(ast.unparse(bare), "<statement>", "exec")
    bound = {n.get_name() for n in top.get_symbols() if n.is_assigned() or n.is_imported()}
    used = {n.get_name() for n in top.get_symbols() if n.is_referenced()}
    for table in _tables(top):
        used |= {n.get_name() for n in table.get_symbols() if n.is_global() and n.is_referenced()}
    return frozenset(bound), frozenset(n for n in used if not n.startswith("__"))


def _bound(s: ast.stmt) -> frozenset[str]:
    return _names(s)[0]


def _used(s: ast.stmt) -> frozenset[str]:
    return _names(s)[1]


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _tables(child)


def _annotations(s: ast.stmt) -> Iterator[bool]:
    for node in ast.walk(s):
        yield getattr(node, "annotation", None) is not None or getattr(node, "returns", None) is not None


def _calls(s: ast.stmt) -> bool:
    return any(isinstance(node, ast.Call) for node in ast.walk(s))


def _acts_on(s: ast.stmt, made: set[str]) -> bool:
    """A call of a method, or an assignment to a part, of something that is made here."""
    if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call):
        targets: list[ast.expr] = [s.value.func]
    elif isinstance(s, (ast.Assign, ast.AugAssign)):
        targets = s.targets if isinstance(s, ast.Assign) else [s.target]
    else:
        return False
    parts = [t for t in targets if isinstance(t, (ast.Attribute, ast.Subscript)) or isinstance(s, ast.AugAssign)]
    return any(_root(t) in made for t in parts)


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _same(text: str, s: ast.stmt) -> bool:
    try:
        (parsed,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return False
    return ast.dump(parsed) == ast.dump(s)
