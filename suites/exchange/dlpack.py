"""Arrays handed over by DLPack: what the documentation promises of each case, and where a library is known to differ.

The protocol (https://data-apis.org/array-api/latest/API_specification/generated/array_api.array.__dlpack__.html) has
a producer raise BufferError where it cannot export; ``copy=True`` always copies, ``copy=False`` never does. torch and
JAX promise to share memory where nothing else is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ml_dtypes
import numpy as np

Array = np.ndarray[Any, Any]

SHARES, COPIES, WRONG, NARROWED, DIES = "shares", "copies", "wrong values", "narrowed", "ends the process"
UNSEEN = "shares, and writes are not seen"

DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128", "bool"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
)
# Of which JAX has no arrays unless 64-bit types are on.
WIDE = ("float64", "complex128", "int64", "uint64")


def refuses(error: str) -> str:
    return f"refuses: {error}"


BUFFER_ERROR = refuses("BufferError")
FREE = (SHARES, COPIES)


@dataclass(frozen=True)
class Case:
    """An array ``name`` of the library ``source`` handed to ``taker``. ``promise`` are the outcomes that accord with
    the documentation, ``known`` one that does not, and is there all the same. ``alone``: in a process of its own,
    which may not survive it.
    """

    source: str
    taker: str
    name: str
    promise: tuple[str, ...]
    known: str = ""
    copy: bool | None = None
    alone: bool = False

    def __str__(self) -> str:
        asked = "" if self.copy is None else f", copy={self.copy}"
        return f"{self.source} to {self.taker}: {self.name}{asked}"

    @property
    def op_name(self) -> str:
        return f"dlpack {self.source} to {self.taker}"


@dataclass(frozen=True)
class Side:
    """What a library does. ``make[name]()`` is an array to hand over, ``values(x)`` a copy of its values by the
    library itself, ``take(x, copy)`` imports, ``pointer(x)`` is where the data lies, ``write(x)`` sets all entries to
    zero in place, and tells whether it could.
    """

    make: Mapping[str, Callable[[], Any]]
    values: Callable[[Any], Array]
    take: Callable[[Any, bool | None], Any]
    pointer: Callable[[Any], int]
    write: Callable[[Any], bool]


def measured(case: Case, sides: Mapping[str, Side]) -> str:
    """The outcome of a case. What shares memory has to show what is written, and what is a copy must not."""
    source, taker = sides[case.source], sides[case.taker]
    given = source.make[case.name]()
    try:
        taken = taker.take(given, case.copy)
    except Exception as error:
        return refuses(type(error).__name__)
    expected, found = source.values(given), taker.values(taken)
    if found.dtype != expected.dtype:
        return NARROWED
    if found.shape != expected.shape or found.tobytes() != expected.tobytes():
        return WRONG
    shares = source.pointer(given) == taker.pointer(taken)
    if expected.size and source.write(given):
        changed = taker.values(taken).tobytes() != expected.tobytes()
        return COPIES if not shares and not changed else SHARES if changed else UNSEEN
    return SHARES if shares else COPIES


def aligned(x: Array, offset: int = 0) -> Array:
    """The same array ``offset`` bytes after a multiple of 64."""
    buffer = np.zeros(x.nbytes + 128, np.uint8)
    begin = -buffer.ctypes.data % 64 + offset
    moved: Array = buffer[begin : begin + x.nbytes].view(x.dtype).reshape(x.shape)
    moved[...] = x
    return moved


def _locked(x: Array) -> Array:
    x.setflags(write=False)
    return x


def _zeroed(x: Array) -> bool:
    if not x.flags.writeable:
        return False
    x[...] = 0
    return True


PLAIN = np.arange(1.0, 25.0, dtype=np.float32).reshape(4, 6)

NUMPY = Side(
    {
        "plain": lambda: aligned(PLAIN),
        "offset": lambda: aligned(PLAIN, 8),
        "transposed": lambda: aligned(PLAIN).T,
        "every other column": lambda: aligned(PLAIN)[:, ::2],
        "backwards": lambda: aligned(PLAIN)[::-1],
        "empty": lambda: PLAIN[:0],
        "number": lambda: aligned(np.array(3.0, np.float32)),
        "read-only": lambda: _locked(aligned(PLAIN)),
        "bfloat16": lambda: PLAIN.astype(ml_dtypes.bfloat16),
        "the other byte order": lambda: PLAIN.astype(PLAIN.dtype.newbyteorder()),
        "text": lambda: np.array(["a"]),
    },
    values=np.array,
    take=lambda x, copy: np.from_dlpack(x),
    pointer=lambda x: int(x.ctypes.data),
    write=_zeroed,
)

# name: promised outcomes, and one that is known and not among them
Rows = Mapping[str, tuple[tuple[str, ...], str]]

JAX_ERROR = refuses("JaxRuntimeError")
STRIDED = ((*FREE, BUFFER_ERROR), JAX_ERROR)  # "Only DLPack tensors with trivial (compact) striding are supported"
UNEXPORTED = ((BUFFER_ERROR,), "")

TORCH_TO_JAX: Rows = {
    "plain": ((SHARES,), ""),
    "number": ((SHARES,), ""),
    "transposed": ((SHARES,), ""),
    "channels last": ((SHARES,), ""),
    "detached": ((SHARES,), ""),
    "empty": (FREE, ""),
    "offset": ((SHARES,), COPIES),  # what does not lie at a multiple of 64 bytes
    "every other column": STRIDED,
    "every other row": STRIDED,
    "broadcast": STRIDED,
    "requires a gradient": UNEXPORTED,
    "parameter": UNEXPORTED,
    "conjugate": UNEXPORTED,
    "negative": ((COPIES, BUFFER_ERROR), WRONG),  # the bit that stands for the sign is not looked at
    "sparse": UNEXPORTED,
    "without storage": ((BUFFER_ERROR,), refuses("ValueError")),
    "capsule": ((refuses("TypeError"),), ""),
}
JAX_TO_TORCH: Rows = {
    "plain": ((SHARES,), ""),
    "number": ((SHARES,), ""),
    "transposed": ((SHARES,), ""),
    "every other column": ((SHARES,), ""),
    "empty": (FREE, ""),
    "deleted": ((refuses("RuntimeError"), BUFFER_ERROR), refuses("TypeError")),
}
NUMPY_TO_TORCH: Rows = {
    "plain": ((SHARES,), ""),
    "offset": ((SHARES,), ""),
    "transposed": ((SHARES,), ""),
    "every other column": ((SHARES,), ""),
    "empty": (FREE, ""),
    "number": ((SHARES,), ""),
    "read-only": ((*FREE, BUFFER_ERROR), ""),
    "bfloat16": UNEXPORTED,
    "the other byte order": UNEXPORTED,
    "text": UNEXPORTED,
}
NUMPY_TO_JAX: Rows = {
    **NUMPY_TO_TORCH,
    "offset": ((SHARES,), COPIES),
    "every other column": STRIDED,
    "backwards": STRIDED,
}
TORCH_TO_NUMPY: Rows = {
    **dict.fromkeys(("plain", "number", "transposed", "offset", "every other column", "broadcast"), ((SHARES,), "")),
    "empty": (FREE, ""),
    "bfloat16": ((BUFFER_ERROR,), refuses("RuntimeError")),
    "imaginary part of a conjugate": TORCH_TO_JAX["negative"],
    **{name: TORCH_TO_JAX[name] for name in ("requires a gradient", "conjugate", "negative", "sparse")},
}
JAX_TO_NUMPY: Rows = {
    "plain": ((SHARES,), ""),
    "empty": (FREE, ""),
    "bfloat16": ((BUFFER_ERROR,), refuses("RuntimeError")),
}
TABLES = {
    ("torch", "jax"): TORCH_TO_JAX,
    ("jax", "torch"): JAX_TO_TORCH,
    ("numpy", "torch"): NUMPY_TO_TORCH,
    ("numpy", "jax"): NUMPY_TO_JAX,
    ("torch", "numpy"): TORCH_TO_NUMPY,
    ("jax", "numpy"): JAX_TO_NUMPY,
}

# What is asked for by copy=.
ASKED = (
    *(Case(source, "jax", "plain", (COPIES,), SHARES, True) for source in ("torch", "numpy")),
    *(Case(source, "jax", "number", (COPIES,), SHARES, True) for source in ("torch", "numpy")),
    *(Case(source, "torch", "plain", (COPIES,), "", True) for source in ("jax", "numpy")),
    Case("torch", "jax", "transposed", (COPIES,), SHARES, True),
    Case("torch", "jax", "offset", (COPIES,), "", True),
    Case("torch", "jax", "every other column", (COPIES, BUFFER_ERROR), JAX_ERROR, True),
    *(Case(source, "jax", "plain", (SHARES,), "", False) for source in ("torch", "numpy")),
    *(Case(source, "torch", "plain", (SHARES,), "", False) for source in ("jax", "numpy")),
    Case("torch", "jax", "transposed", (SHARES,), "", False),
    Case("torch", "jax", "offset", (SHARES, refuses("ValueError"), BUFFER_ERROR), "", False),
)
CASES = (
    *(Case(*ends, name, *row) for ends, rows in TABLES.items() for name, row in rows.items()),
    *ASKED,
)
# An exception that nobody can catch.
FATAL = Case("numpy", "torch", "backwards", (*FREE, BUFFER_ERROR), DIES, alone=True)

OF_DTYPES = tuple(
    Case(source, taker, dtype, (SHARES,)) for source, taker in (("torch", "jax"), ("jax", "torch")) for dtype in DTYPES
)
NARROW = tuple(replace(case, known=NARROWED) for case in OF_DTYPES if case.name in WIDE and case.taker == "jax")
