"""The statements that a function needs, cut out of its file as they stand.

What a name holds is written out where it is data, since the statement that computed it might not give it again.
"""

import ast
import builtins
import linecache
import sys
import sysconfig
import textwrap
from collections.abc import Iterator, Mapping
from functools import partial
from types import CellType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from . import syntax
from .syntax import Block, Paths, bound_by, parsed, used_by

if TYPE_CHECKING:
    from .source import Writer

IMPORTS = (ast.Import, ast.ImportFrom)
FUTURE = "from __future__ import annotations"


class Bound(NamedTuple):
    """A text and the names that it binds; ``value`` is the expression where it does no more than ``name = value``."""

    text: str
    names: frozenset[str] = frozenset()
    value: str = ""


class Unwritable(Exception):
    """There is no text that evaluates to this object."""


def text_of_function(writer: "Writer", fn: FunctionType, what: Literal["itself", "decorated", "class"]) -> str:
    """An expression of a function that stands in a file or a notebook, of what its decorators made of it, or of the
    class that it is a method of.
    """
    module = sys.modules.get(fn.__globals__.get("__name__", ""))
    source = _source(fn.__code__.co_filename, fn.__globals__)
    chain = syntax.chain_to(parsed(source), fn.__code__)
    if not chain or (module and installed(module)):
        raise Unwritable(fn)
    scope = _scope_around(writer, fn, chain, source)
    if isinstance(chain[-1], ast.Lambda):
        return scope.of_lambda(chain[-1])
    inside = next((i for i in range(len(chain) - 1, 0, -1) if not isinstance(chain[i - 1], ast.ClassDef)), 0)
    return scope.of_definitions(chain[inside : -1 if what == "class" else None], bare=what == "itself")


def decorators(fn: FunctionType) -> int:
    """How many there are above its definition."""
    chain = syntax.chain_to(parsed(_source(fn.__code__.co_filename, fn.__globals__)), fn.__code__)
    return len(getattr(chain[-1], "decorator_list", [])) if chain else 0


def text_of_name(writer: "Writer", module: ModuleType, name: str) -> str:
    """A name of a module that is no library."""
    scope = Scope(writer, _source(str(getattr(module, "__file__", None) or ""), vars(module)), vars(module))
    scope.need(name, frozenset())
    return scope.emit(name)


def name_in_module(value: Any) -> tuple[ModuleType, str] | None:
    """The module that an object says it is of, if it is no library, and the name that a statement there binds it to."""
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    if module is None or installed(module) or not getattr(module, "__file__", None):
        return None
    tree = parsed(_source(str(module.__file__), vars(module)))
    bound = {n for s in tree.body if not isinstance(s, IMPORTS) for n in bound_by(s)}
    return next(((module, n) for n, v in vars(module).items() if v is value and n in bound), None)


def installed(module: ModuleType) -> bool:
    """A library that the script may import: no file of the tests', and not this package."""
    if module.__name__ == "__main__" or module.__name__.partition(".")[0] == __name__.partition(".")[0]:
        return False
    file = getattr(module, "__file__", None) or ""
    return not file or "-packages" in file or file.startswith(sysconfig.get_path("stdlib"))


def is_own(value: Any) -> bool:
    """Whether an object is of this package: a framework of the fixtures."""
    return type(value).__module__.partition(".")[0] == __name__.partition(".")[0]


class Scope:
    """The statements of a module, or those around a local function (``above`` is then the module's), of which the
    needed ones are taken. ``known`` are the values of its names.
    """

    def __init__(
        self,
        writer: "Writer",
        source: str,
        known: Mapping[str, Any],
        blocks: list[Block] | None = None,
        above: "Scope | None" = None,
    ) -> None:
        self._writer, self._source, self._known, self._above = writer, source, known, above
        self._blocks = ([] if above else [Block(parsed(source).body)]) + (blocks or [])
        self._statements = [s for block in self._blocks for s in block.statements]
        self._taken: dict[ast.stmt, None] = {}
        self._used: dict[str, set[tuple[str, ...]]] = {}
        self._values: list[Bound] = []
        self._spaces: dict[str, Any] = {}
        self._states: list[Bound] = []
        self._bare: ast.stmt | None = None

    def of_lambda(self, node: ast.Lambda) -> str:
        self._need_all(ast.Expr(node))
        segment = ast.get_source_segment(self._source, node) or ""
        return self.emit(f"({segment})" if syntax.same(f"({segment})", ast.Expr(node)) else f"({ast.unparse(node)})")

    def of_definitions(self, nodes: list[Any], *, bare: bool) -> str:
        """A definition, or the classes around it with it last; ``bare``: without its decorators."""
        self._bare = nodes[0] if bare and getattr(nodes[0], "decorator_list", []) and len(nodes) == 1 else None
        self._take(nodes[0])
        return self.emit(".".join(n.name for n in nodes))

    def need(self, name: str, paths: Paths) -> None:
        """Take what binds a name, or write its value. ``paths`` are the attributes of it that are used."""
        found = self._binding(name)
        if name in self._used:
            self._used[name].update(paths)
        elif self._above and not found and name not in self._known:
            self._above.need(name, paths)
        else:
            self._used[name] = set(paths)
            self._bind(name, found)

    def _bind(self, name: str, found: list[ast.stmt]) -> None:
        value = self._known.get(name)
        if found and all(isinstance(s, syntax.DEFINITIONS) for s in found):
            self._take(*found)
        elif found and all(isinstance(s, IMPORTS) for s in found):
            self._import(name, found[-1])
        elif isinstance(value, ModuleType) or is_own(value):
            self._module(name, value)
        elif found and not self._above and not self._writer.is_data(value):
            self._take(*found)
            self._keep_state(name, value)
        else:
            self._write(name, found)

    def _binding(self, name: str) -> list[ast.stmt]:
        """The statements that bind a name in the innermost block that does."""
        for block in reversed(self._blocks):
            found = [s for s in block.statements if name in bound_by(s)]
            if found or name in block.targets:
                return found
        return []

    def _import(self, name: str, s: ast.stmt) -> None:
        assert isinstance(s, ast.Import | ast.ImportFrom)
        alias = next(a for a in s.names if (a.asname or a.name).partition(".")[0] == name)
        source = f"from {self._origin(s)} " if isinstance(s, ast.ImportFrom) else ""
        text = f"{source}import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        module = sys.modules.get(self._origin(s) if isinstance(s, ast.ImportFrom) else alias.name)
        value = getattr(module, alias.name, None) if source else self._known.get(name, module)
        if module is None or installed(module):
            self._values.append(Bound(text, frozenset([name])))
        elif isinstance(value, ModuleType):
            self._module(name, value)
        else:
            found = self._writer.attempt(lambda: text_of_name(self._writer, module, alias.name))
            self._assign(name, found or self._writer.missing(name, f"a {type(value).__name__}"))

    def _origin(self, s: ast.ImportFrom) -> str:
        """The module's absolute name."""
        names = self._above._known if self._above else self._known
        package = str(names.get("__package__") or "").split(".") if s.level else []
        return ".".join([*package[: len(package) - s.level + 1], *filter(None, [s.module])])

    def _module(self, name: str, module: Any) -> None:
        """A module, or an object of this package: of what a script cannot import only what is used is written."""
        if isinstance(module, ModuleType) and installed(module):
            as_name = "" if module.__name__ == name else f" as {name}"
            self._values.append(Bound(f"import {module.__name__}{as_name}", frozenset([name])))
        else:
            self._spaces[name] = module

    def _write(self, name: str, found: list[ast.stmt]) -> None:
        value = self._known.get(name)
        text = self._writer.tried(value) if name in self._known else ""
        if text:
            self._assign(name, text)
        elif found:
            self._take(*found)
        elif not hasattr(builtins, name):
            self._writer.missing(name, f"a {type(value).__name__}" if name in self._known else "a name")

    def _assign(self, name: str, text: str) -> None:
        self._values += [Bound(f"{name} = {text}", frozenset([name]), text)] if text != name else []

    def _keep_state(self, name: str, value: Any) -> None:
        """Weights that a call drew."""
        if hasattr(value, "load_state_dict"):
            state = self._writer.attempt(lambda: self._writer.text(dict(value.state_dict())))
            self._states += [Bound(f"{name}.load_state_dict({state})")] if state else []

    def _take(self, *statements: ast.stmt) -> None:
        for s in statements:
            if s not in self._taken:
                self._taken[s] = None
                self._need_all(s)

    def _need_all(self, s: ast.stmt) -> None:
        for name in bound_by(s):
            self._used.setdefault(name, set())
        for name, paths in used_by(s).items():
            self.need(name, paths)

    def emit(self, expression: str) -> str:
        """Hand what was taken to the writer. Returns what evaluates to ``expression`` after it."""
        scopes = [scope for scope in (self, self._above) if scope]
        for scope in scopes:
            scope._take_what_acts()
        return self._writer.define([scope._texts() for scope in reversed(scopes)], expression)

    def _take_what_acts(self) -> None:
        """Statements that act on what was taken: ``cube.defvjp(forward, backward)``."""
        waiting: list[ast.stmt] | None = None
        while waiting or waiting is None:
            made = {n for s in self._taken for n in bound_by(s)}
            rest = [s for s in self._statements if s not in self._taken and syntax.acts_on(s, made)]
            waiting = [s for s in rest if all(self._resolves(name) for name in used_by(s))]
            self._take(*waiting)

    def _resolves(self, name: str) -> bool:
        here = name in self._used or name in self._known or bool(self._binding(name)) or hasattr(builtins, name)
        return here or bool(self._above and self._above._resolves(name))

    def _texts(self) -> list[Bound]:
        for name, value in self._spaces.items():
            text = self._writer.attempt(partial(self._writer.space, value, frozenset(self._used[name])))
            self._assign(name, text or self._writer.missing(name, f"a {type(value).__name__}"))
        taken = [s for s in self._statements if s in self._taken]
        self._writer.imports.update({FUTURE: None} if any(map(syntax.annotated, taken)) else {})
        return [*self._values, *(Bound(self._text(s), bound_by(s)) for s in taken), *self._states]

    def _text(self, s: ast.stmt) -> str:
        first = s.lineno if s is self._bare else syntax.first_line(s)
        text = textwrap.dedent("".join(self._source.splitlines(True)[first - 1 : s.end_lineno])).strip("\n")
        return text if s is self._bare or syntax.same(text, s) else ast.unparse(s)


def _source(file: str, names: dict[str, Any]) -> str:
    lines = linecache.getlines(file, names)
    if not lines:
        raise Unwritable(file)
    return "".join(lines)


def _scope_around(writer: "Writer", fn: FunctionType, chain: list[ast.AST], source: str) -> Scope:
    """``chain`` are the nodes around the function's own, itself last."""
    defaults = _defaults(chain[-1], fn)
    local = next((i for i, node in enumerate(chain[:-1]) if isinstance(node, syntax.FUNCTIONS)), None)
    if local is None:
        return Scope(writer, source, {**fn.__globals__, **defaults}, syntax.blocks_along(chain))
    outer: Any = chain[local]
    lines = range(outer.lineno, outer.end_lineno + 1)
    held = dict(reversed([*defaults.items(), *_cells(fn, fn.__code__.co_filename, lines, set())]))
    module = Scope(writer, source, fn.__globals__, syntax.blocks_along(chain[: local + 1]))
    return Scope(writer, source, held, syntax.blocks_along(chain[local:]), module)


def _defaults(node: Any, fn: FunctionType) -> dict[str, Any]:
    """The values of names that stand as default arguments: ``lambda x, k=k: k * x``."""
    a, keywords = node.args, fn.__kwdefaults__ or {}
    pairs = [*zip(reversed(a.defaults), reversed(fn.__defaults__ or ()), strict=False)]
    pairs += [(d, keywords.get(k.arg)) for k, d in zip(a.kwonlyargs, a.kw_defaults, strict=True)]
    return {d.id: value for d, value in pairs if isinstance(d, ast.Name)}


def _cells(value: Any, file: str, lines: range, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """What the closure of a function holds, then those of the functions within these lines that it reaches."""
    if id(value) in seen or not (callable(value) or isinstance(value, staticmethod | classmethod)):
        return
    seen.add(id(value))
    f, held = getattr(value, "__func__", value), []
    if isinstance(f, FunctionType) and f.__code__.co_filename == file and f.__code__.co_firstlineno in lines:
        cells = zip(f.__code__.co_freevars, f.__closure__ or (), strict=True)
        held = [(name, cell.cell_contents) for name, cell in cells if cell != CellType()]
    yield from held
    for inner in [*(v for _, v in held), *getattr(value, "__dict__", {}).values()]:
        yield from _cells(inner, file, lines, seen)
