"""What the syntax of a file says: where a function stands, which names a statement binds, and which it uses."""

import ast
import functools
import itertools
import symtable
from collections import defaultdict
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

Paths = frozenset[tuple[str, ...]]


class Block(NamedTuple):
    """Statements one after the other, and the names that something else than a statement binds there."""

    statements: list[ast.stmt]
    targets: frozenset[str] = frozenset()


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@functools.lru_cache(maxsize=256)
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


def chain_to(tree: ast.Module, code: CodeType) -> list[ast.AST]:
    """The nodes around a function's own, itself last; empty where the tree does not hold it, or may hold it twice."""
    found = [chain for chain in _chains(tree, []) if _is_of(chain[-1], code)]
    nested = code.co_name == "<lambda>" and bool(_places(code))
    return max(found, key=len, default=[]) if nested or len(found) == 1 else []


def _chains(node: ast.AST, above: list[ast.AST]) -> Iterator[list[ast.AST]]:
    for child in ast.iter_child_nodes(node):
        chain = [*above, child]
        if isinstance(child, FUNCTIONS):
            yield chain
        yield from _chains(child, chain)


def _is_of(node: ast.AST, code: CodeType) -> bool:
    if isinstance(node, ast.Lambda):
        return code.co_name == "<lambda>" and _may_be_lambda(node, code)
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return node.name == code.co_name and code.co_firstlineno in (first_line(node), node.lineno)


def _may_be_lambda(node: ast.Lambda, code: CodeType) -> bool:
    """Several may share a line: the one whose body holds all of the code, if Python kept the columns."""
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    if node.lineno != code.co_firstlineno or list(code.co_varnames[: code.co_argcount]) != names:
        return False
    start, end = (node.body.lineno, node.body.col_offset), (node.body.end_lineno or 0, node.body.end_col_offset or 0)
    return all(start <= first and last <= end for first, last in _places(code))


def _places(code: CodeType) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """First and last line and column of each instruction."""
    known = [p for p in code.co_positions() if p[2] is not None and p[2:] != (0, 0)]
    return [((p[0] or 0, p[2] or 0), (p[1] or 0, p[3] or 0)) for p in known]


def first_line(s: ast.stmt) -> int:
    """Decorators stand above."""
    return int(min([s.lineno, *(d.lineno for d in getattr(s, "decorator_list", []))]))


def blocks_along(chain: list[ast.AST]) -> list[Block]:
    """The blocks around the last node of the chain whose names a function there can see, the innermost last."""
    blocks = []
    for above, node in itertools.pairwise(chain):
        parts = [getattr(above, part, None) for part in ("body", "orelse", "finalbody")]
        statements = next((b for b in parts if isinstance(b, list) and node in b), [])
        blocks += [] if isinstance(above, ast.ClassDef) else [Block(statements, _targets(above))]
    return blocks


def _targets(node: ast.AST) -> frozenset[str]:
    """Parameters of a function, variables of a comprehension."""
    if isinstance(node, FUNCTIONS):
        return frozenset(n.arg for n in ast.walk(node.args) if isinstance(n, ast.arg))
    targets = [g.target for g in getattr(node, "generators", [])]
    return frozenset(n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name))


class _Unannotated(ast.NodeTransformer):
    """Annotations are not evaluated: their names need no definition."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant("")
        return self.generic_visit(node)


@functools.lru_cache(maxsize=4096)
def _table(s: ast.stmt) -> symtable.SymbolTable:
    bare = _Unannotated().visit(ast.parse(ast.unparse(s)))
    return symtable.symtable(ast.unparse(bare), "<statement>", "exec")


@functools.lru_cache(maxsize=4096)
def bound_by(s: ast.stmt) -> frozenset[str]:
    return frozenset(n.get_name() for n in _table(s).get_symbols() if n.is_assigned() or n.is_imported())


@functools.lru_cache(maxsize=4096)
def used_by(s: ast.stmt) -> dict[str, Paths]:
    """The names that a statement and the functions in it look up outside of them, and the attributes they use."""
    names = {n.get_name() for n in _table(s).get_symbols() if n.is_referenced()}
    for table in _tables(_table(s)):
        names |= {n.get_name() for n in table.get_symbols() if n.is_global() and n.is_referenced()}
    paths: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for root, *path in _attributes(s):
        paths[root].add(tuple(path))
    return {n: frozenset(paths[n]) for n in sorted(names) if not n.startswith("__")}


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _tables(child)


def _attributes(s: ast.AST) -> Iterator[list[str]]:
    """``["library", "ops", "relu"]`` for ``library.ops.relu``."""
    for node in ast.walk(s):
        path = []
        while isinstance(node, ast.Attribute):
            path.append(node.attr)
            node = node.value
        if path and isinstance(node, ast.Name):
            yield [node.id, *reversed(path)]


def annotated(s: ast.stmt) -> bool:
    return any(getattr(n, "annotation", None) or getattr(n, "returns", None) for n in ast.walk(s))


def acts_on(s: ast.stmt, made: set[str]) -> bool:
    """A call of a method, or an assignment to a part, of something that is made here."""
    if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call):
        targets: list[ast.expr] = [s.value.func]
    elif isinstance(s, ast.Assign | ast.AugAssign):
        targets = s.targets if isinstance(s, ast.Assign) else [s.target]
    else:
        return False
    parts = [t for t in targets if isinstance(t, ast.Attribute | ast.Subscript) or isinstance(s, ast.AugAssign)]
    return any(_root(t) in made for t in parts)


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def same(text: str, s: ast.stmt) -> bool:
    """Whether the text is this statement and nothing else."""
    try:
        return [ast.dump(n) for n in ast.parse(text).body] == [ast.dump(s)]
    except (SyntaxError, ValueError):
        return False
