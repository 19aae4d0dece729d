"""Texts that evaluate to given objects, and the imports and definitions that these texts rely on."""

import base64
import enum
import functools
import re
import sys
import textwrap
import zlib
from collections import OrderedDict
from collections.abc import Callable
from types import FunctionType, MethodType, ModuleType
from typing import Any, cast

import numpy as np

from .cut import Bound, Unwritable, decorators, installed, is_own, name_in_module, text_of_function, text_of_name
from .syntax import Paths

# Arrays of at most so many numbers are written as lists.
LISTED = 64
COLUMNS = 100
# An object that holds more objects than this is no constant of a function.
OBJECTS = 256

# Modules whose names are looked for before a function's own module: the public name of torch.sin is not where it lives.
PUBLIC = ("torch", "torch.nn.functional", "torch.linalg", "jax.numpy", "jax.nn", "jax.lax", "jax.numpy.linalg", "numpy")
PLAIN = (type(None), bool, int, float, complex, str, bytes, slice, range, type(...))
CONTAINERS = (tuple, list, dict, set, frozenset)


def array_text(x: np.ndarray[Any, Any]) -> str:
    """An expression of the exact array: a list where it is short, else its compressed bytes."""
    if x.size == 0:
        return f'numpy.zeros({x.shape}, dtype="{x.dtype.name}")'
    if x.size > LISTED or (x.dtype.kind == "c" and not np.all(np.isfinite(x))):
        return _packed(x)
    listed = re.sub(r"\b(nan|inf)\b", r"numpy.\1", repr(x.tolist()))
    plain = x.dtype.name in ("float64", "int64", "bool", "complex128")
    made = f"numpy.array({listed})" if plain else f'numpy.array({listed}, dtype="{x.dtype.name}")'
    wrapped = textwrap.wrap(made, COLUMNS, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(wrapped)


def _packed(x: np.ndarray[Any, Any]) -> str:
    code = base64.b64encode(zlib.compress(np.ascontiguousarray(x).tobytes())).decode()
    lines = "\n".join(f'        "{part}"' for part in textwrap.wrap(code, COLUMNS - 10))
    decoded = f"zlib.decompress(base64.b64decode(\n{lines}\n    ))"
    return f'numpy.frombuffer(\n    {decoded}, dtype="{x.dtype.name}"\n).reshape({x.shape}).copy()'


class Writer:
    """The imports and definitions of a script so far; ``reserved`` are names that it needs for itself."""

    def __init__(self, reserved: tuple[str, ...]) -> None:
        self.imports: dict[str, None] = {}
        self.definitions: dict[str, None] = {}
        self._bound: dict[str, frozenset[str]] = {n: frozenset([f"import {n}"]) for n in reserved}
        self._writing: set[int] = set()
        self._numbered: dict[str, str] = {}

    def text(self, value: Any) -> str:
        """An expression of the value. Unwritable where there is none."""
        if id(value) in self._writing:
            raise Unwritable(value)
        self._writing.add(id(value))
        try:
            return self._data(value) if self.is_data(value) else self._object(value)
        finally:
            self._writing.discard(id(value))

    def attempt(self, write: Callable[[], str]) -> str:
        """The text that is written; empty where that fails, and then nothing of it is kept."""
        kept = ("imports", "definitions", "_bound", "_numbered")
        before = [dict(getattr(self, name)) for name in kept]
        try:
            return write()
        except Exception:  # objects of any kind are looked into
            for name, state in zip(kept, before, strict=True):
                setattr(self, name, state)
            return ""

    def tried(self, value: Any) -> str:
        return self.attempt(lambda: self.text(value))

    def missing(self, name: str, kind: str) -> str:
        self.definitions[f"# {name}: {kind} that could not be written out; define it here"] = None
        return name

    def define(self, groups: list[list[Bound]], expression: str) -> str:
        """Add groups of texts, inner ones last, and return what evaluates to ``expression`` after them.

        From the first group on that binds a name which stands for something else already, they go into a function.
        """
        for i, group in enumerate(groups):
            if any(self._clashes(name, bound.text) for bound in group for name in bound.names):
                return self._enclosed([bound for inner in groups[i:] for bound in inner], expression)
            for bound in group:
                self._add(bound)
        return expression

    def _clashes(self, name: str, text: str) -> bool:
        return name in self._bound and _origin(text) not in self._bound[name]

    def _add(self, bound: Bound) -> None:
        (self.imports if bound.text.startswith(("import ", "from ")) else self.definitions)[bound.text] = None
        for name in bound.names:
            self._bound[name] = self._bound.get(name, frozenset()) | {_origin(bound.text)}

    def _enclosed(self, group: list[Bound], expression: str) -> str:
        """Values are its arguments, since the names that they are made of may be bound otherwise inside."""
        values = {name: bound.value for bound in group if bound.value for name in bound.names}
        body = "\n".join([*(bound.text for bound in group if not bound.value), f"return {expression}"])
        name = self._number("made", f"{body} {[*values]}")
        self.definitions[f"def {name}({', '.join(values)}):\n{textwrap.indent(body, '    ')}"] = None
        return f"{name}({', '.join(values.values())})"

    def _number(self, name: str, text: str) -> str:
        """The same name for the same text."""
        return self._numbered.setdefault(text, f"{name}_{len(self._numbered) + 1}")

    def space(self, value: Any, paths: Paths) -> str:
        """An object of which only some attributes are used: a module that is no library, an object of this package."""
        firsts = sorted({path[0] for path in paths if path})
        if not firsts:  # what is used of it cannot be seen
            raise Unwritable(value)
        texts = [f"{name}={self._attribute(value, name, paths)}" for name in firsts]
        return f"{self._import('types')}.SimpleNamespace({', '.join(texts)})"

    def _attribute(self, value: Any, name: str, paths: Paths) -> str:
        attribute = getattr(value, name)
        if isinstance(attribute, ModuleType) and not installed(attribute):
            return self.space(attribute, frozenset(path[1:] for path in paths if path[:1] == (name,)))
        return text_of_name(self, value, name) if isinstance(value, ModuleType) else self.text(attribute)

    @classmethod
    def is_data(cls, value: Any) -> bool:
        """Numbers, texts, arrays of any library, and plain containers of them."""
        if type(value) in CONTAINERS:
            return all(map(cls.is_data, [*value, *value.values()] if isinstance(value, dict) else value))
        if isinstance(value, np.ndarray | np.generic):
            return value.dtype.kind in "biufc"
        library = type(value).__module__.partition(".")[0]
        array = type(value).__name__ in ("Tensor", "Parameter", "ArrayImpl") and library in ("torch", "jax", "jaxlib")
        return array or type(value) in PLAIN

    def _data(self, value: Any) -> str:
        if isinstance(value, np.generic):
            return f"{array_text(np.asarray(value))}[()]"
        if isinstance(value, np.ndarray):
            return array_text(value)
        if isinstance(value, float):
            return repr(value) if np.isfinite(value) else f"float('{value}')"
        if isinstance(value, PLAIN):
            return repr(value)
        return self._container(value) if isinstance(value, CONTAINERS) else self._array(value)

    def _array(self, x: Any) -> str:
        """An array of torch or JAX. NumPy has no bfloat16, float32 holds it."""
        low = "bfloat16" in str(x.dtype)
        if type(x).__module__.startswith("torch"):
            self._import("torch")
            here = x.detach().cpu().resolve_conj().resolve_neg()
            moved = (".bfloat16()" if low else "") + ("" if x.device.type == "cpu" else f".to({str(x.device)!r})")
            made = f"torch.tensor({array_text((here.float() if low else here).numpy())}){moved}"
            return f"torch.nn.Parameter({made})" if type(x).__name__ == "Parameter" else made
        self._import("jax")
        cast = '.astype("bfloat16")' if low else ""
        return f"jax.numpy.asarray({array_text(np.asarray(x, dtype=np.float32 if low else None))}){cast}"

    def _container(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.text(k)}: {self.text(v)}" for k, v in value.items()) + "}"
        parts = ", ".join(map(self.text, value))
        if isinstance(value, tuple):
            return f"({parts},)" if len(value) == 1 else f"({parts})"
        return f"[{parts}]" if isinstance(value, list) else f"{type(value).__name__}([{parts}])"

    def _object(self, value: Any) -> str:
        if isinstance(value, ModuleType) and installed(value):
            return self._import(value.__name__)
        if type(value) in CONTAINERS:
            return self._container(value)
        if type(value) is OrderedDict:
            return f"{self._import('collections')}.OrderedDict({self.text(list(value.items()))})"
        if isinstance(value, functools.partial):
            return self._partial(value)
        if isinstance(value, MethodType):
            return f"{self.text(value.__self__)}.{value.__name__}"
        return self._public(value) or self._named(value) or self._wrapped(value) or self._held(value)

    def _import(self, module: str) -> str:
        if self._clashes(module.partition(".")[0], f"import {module}"):
            raise Unwritable(module)
        self._add(Bound(f"import {module}", frozenset([module.partition(".")[0]])))
        return module

    def _partial(self, value: Any) -> str:
        keywords = [f"{k}={self.text(v)}" for k, v in value.keywords.items()]
        parts = [self.text(value.func), *map(self.text, value.args), *keywords]
        return f"{self._import('functools')}.partial({', '.join(parts)})"

    def _public(self, value: Any) -> str:
        """Where an installed library offers the object."""
        name = getattr(value, "__name__", "") or ""
        for module in (*PUBLIC, getattr(value, "__module__", None) or "builtins"):
            found = sys.modules.get(module)
            path = getattr(value, "__qualname__", name) if module not in PUBLIC else name
            if found and path and installed(found) and _reached(found, path) is value:
                return path if module == "builtins" else f"{self._import(module)}.{path}"
        return ""

    def _named(self, value: Any) -> str:
        found = name_in_module(value)
        return text_of_name(self, *found) if found else ""

    def _wrapped(self, value: Any) -> str:
        """A function or a class by the place of its code; what decorators made, by that of the function inside."""
        inside, layers = value, 0
        while hasattr(inside, "__wrapped__"):
            inside, layers = inside.__wrapped__, layers + 1
        if layers and isinstance(inside, FunctionType) and layers <= decorators(inside):
            return text_of_function(self, inside, "decorated")
        if type(value).__name__ == "PjitFunction":
            return f"{self._import('jax')}.jit({self.text(value.__wrapped__)})"
        if isinstance(value, type):
            return self._class(value)
        return text_of_function(self, value, "itself") if isinstance(value, FunctionType) else ""

    def _class(self, kind: type) -> str:
        methods = [getattr(f, "__func__", f) for f in vars(kind).values()]
        for f in methods:
            if isinstance(f, FunctionType) and f.__code__.co_qualname == f"{kind.__qualname__}.{f.__code__.co_name}":
                return text_of_function(self, f, "class")
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            return f"{self._import('collections')}.namedtuple({kind.__name__!r}, {kind._fields!r})"
        raise Unwritable(kind)

    def _held(self, value: Any) -> str:
        """An object of a plain class: the class, and what the object holds."""
        if isinstance(value, enum.Enum):
            return f"{self.text(type(value))}.{value.name}"
        if type(value).__name__ == "dtype" and type(value).__module__ == "torch":
            return f"{self._import('torch')}.{str(value).removeprefix('torch.')}"
        object.__new__(type(value))  # TypeError for one of another kind
        if is_own(value) or not hasattr(value, "__dict__") or len(self._numbered) > OBJECTS:
            raise Unwritable(value)
        kind = self.text(type(value))
        holds = ", ".join(f"{k!r}: {self.text(v)}" for k, v in vars(value).items())
        name = self._number(type(value).__name__.lower(), f"{kind} {id(value)}")
        self.definitions[f"{name} = object.__new__({kind})\n{name}.__dict__.update({{{holds}}})"] = None
        return name


def _origin(text: str) -> str:
    """``import a.b`` and ``import a`` bind the same name to the same thing."""
    dotted = text.startswith("import ") and " as " not in text
    return text.partition(".")[0] if dotted else text


def _reached(module: ModuleType, path: str) -> Any:
    return functools.reduce(lambda at, part: getattr(at, part, None), path.split("."), cast(Any, module))
