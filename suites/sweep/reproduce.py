"""A program of at most 15 lines that shows a divergence with NumPy and one framework."""

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from pytest_dualfw.frameworks.base import numpy_dtype

from .divergence import RAISES, Divergence, same
from .measure import CURVATURE, FORWARD, JVP, SECOND, VALUE
from .ops import FAMILIES
from .refusals import REFUSALS, Refusal
from .row import Row
from .tensors import WEIGHTS, tangents

# A kernel's vector path takes at least so many numbers.
COPIES = 16
SHORT = 80
# The same number, but for the last digits that another machine's kernels find.
CLOSE = 1e-3
IMPORTS = {
    "torch": ["import torch", "import torch.nn.functional as F"],
    "jax": ["import jax", "import jax.numpy as jnp", "import jax.scipy as jsp", "from jax import lax"],
}


ROWS = {row.name: row for rows in FAMILIES.values() for row in rows}
REFUSED = {refusal.name: refusal for refusal in REFUSALS}


def reproducer(found: Divergence, framework: str) -> str:
    refusal = found.what == "refusal"
    spelled: Row | Refusal = (REFUSED if refusal else ROWS)[found.op]
    text = spelled.torch if framework == "torch" else spelled.jax
    lines = [f"print({text})"] if isinstance(spelled, Refusal) else _lines(found, spelled, framework)
    used = [line for line in IMPORTS[framework][1:] if _names(line) in f"{text} {' '.join(lines)}"]
    numpy = ["import numpy as np"] if any("np.resize" in line for line in lines) else []
    right = f"; right is {found.truth}" if found.truth else f"; {found.at}" if refusal else ""
    shown = f"  # {found.obtained[framework]}{right}"
    return "\n".join([*numpy, IMPORTS[framework][0], *used, "", *lines[:-1], lines[-1] + shown]) + "\n"


def _lines(found: Divergence, row: Row, framework: str) -> list[str]:
    return _in_torch(found, row) if framework == "torch" else _in_jax(found, row)


def _names(line: str) -> str:
    return line.split()[-1] + "."


def _in_torch(found: Divergence, row: Row) -> list[str]:
    way, _, what = found.what.rpartition(" of ")
    rest, shown = ", ".join(row.arguments), f"{_index(found)}.item())"
    if not way and what == VALUE:
        return [*_tensors(found, row), f"out = {row.torch}", f"print(out{shown}"]
    if not way and what.startswith("d/d"):
        asked = [f"out = {row.torch}", f"out.backward({_cotangent('torch', found)})", f"print({what[-1]}.grad{shown}"]
        return [*_tensors(found, row, ", requires_grad=True"), *asked]
    lines = [f"f = lambda {rest}: {row.torch}", *_in_another_way("torch", way, found, row)]
    if what in (SECOND, CURVATURE):
        return [*_tensors(found, row, ", requires_grad=True"), *lines, *_curvature_in_torch(found, row)]
    lines, name = [*_tensors(found, row), *lines], "h" if lines[1:] else "f"
    if what == VALUE:
        return [*lines, f"print({name}({rest}){shown}"]
    if what in (FORWARD, JVP):
        along = f"out, slope = torch.func.jvp(f, ({rest},), ({_tangents('torch', found, row)},))"
        return [*lines, along, f"print(slope{shown}"]
    position = row.arguments.index(what[-1])
    pulled = f"print(pullback({_cotangent('torch', found)})[{position}]{shown}"
    return [*lines, f"out, pullback = torch.func.vjp({name}, {rest})", pulled]


def _tensors(found: Divergence, row: Row, more: str = "") -> list[str]:
    pairs = zip(row.arguments, found.input, strict=True)
    return [f"{n} = torch.{_array(x)}, dtype=torch.{found.dtype}{more})" for n, x in pairs]


def _curvature_in_torch(found: Divergence, row: Row) -> list[str]:
    rest = ", ".join(row.arguments)
    along = ", ".join(f"v{n}" for n in row.arguments)
    lines = [
        f"out = f({rest})",
        f"{along}, = {_tangents('torch', found, row)},",
        f"slopes = torch.autograd.grad(out, ({rest},), {_cotangent('torch', found)}, create_graph=True)",
        f"slope = sum((d * v).sum() for d, v in zip(slopes, ({along},)))",
        f"second = torch.autograd.grad(slope, ({rest},), materialize_grads=True)",
    ]
    if row.entrywise:
        return [*lines, "print(second[0][0].item())"]
    return [*lines, f"print(sum((d * v).sum() for d, v in zip(second, ({along},))).item())"]


def _in_jax(found: Divergence, row: Row) -> list[str]:
    way, _, what = found.what.rpartition(" of ")
    lines = ['jax.config.update("jax_enable_x64", True)'] if found.dtype == "float64" else []
    pairs = zip(row.arguments, found.input, strict=True)
    lines += [f'{n} = jnp.{_array(x).replace("tensor(", "array(")}, dtype="{found.dtype}")' for n, x in pairs]
    rest = ", ".join(row.arguments)
    text = f"lambda {rest}: {row.jax}"
    lines.append(f"f = {text}" if way else f"f = jax.jit({text})")
    lines += _in_another_way("jax", way, found, row)
    name = "h" if way in WAYS["jax"] else "f"
    if what == VALUE:
        return [*lines, f"print({name}({rest}){_index(found)})"]
    if what in (FORWARD, JVP):
        return [*lines, f"print(jax.jvp(f, ({rest},), ({_tangents('jnp', found, row)},))[1]{_index(found)})"]
    if what in (SECOND, CURVATURE):
        return lines + _curvature_in_jax(found, row)
    lines.append(f"out, pullback = jax.vjp({name}, {rest})")
    position = row.arguments.index(what[-1])
    return [*lines, f"print(pullback({_cotangent('jax', found)})[{position}]{_index(found)})"]


def _curvature_in_jax(found: Divergence, row: Row) -> list[str]:
    rest = ", ".join(row.arguments)
    lines = [
        f"vs = ({_tangents('jnp', found, row)},)",
        f"out = f({rest})",
        f"g = {_cotangent('jax', found)}",
        f"slopes, pullback = jax.vjp(lambda {rest}: jax.vjp(f, {rest})[1](g), {rest})",
    ]
    if row.entrywise:
        return [*lines, "print(pullback(vs)[0][0])"]
    return [*lines, "print(sum((d * v).sum() for d, v in zip(pullback(vs), vs)))"]


# How h is made of f: {0} are its arguments, {1} what each of them becomes.
WAYS = {
    "torch": {
        "vmap": ("torch.vmap(f)({1})[0]", "torch.stack([{0}, {0}])"),
        "broadcast": ("f({1})[:, 0]", "{0}[:, None].expand(-1, 2)"),
        "strided": ("f({1})", "torch.stack([{0}, {0}], -1)[..., 0]"),
        "transposed": ("f({1})", "{0}.mT.contiguous().mT"),
    },
    "jax": {
        "vmap": ("jax.vmap(f)({1})[0]", "jnp.stack([{0}, {0}])"),
        "broadcast": ("f({1})[:, 0]", "jnp.broadcast_to({0}[:, None], (*{0}.shape, 2))"),
    },
}
OTHER_MODE = "other mode"


def _in_another_way(framework: str, way: str, found: Divergence, row: Row) -> list[str]:
    rest = ", ".join(row.arguments)
    if way == OTHER_MODE:  # of torch; f is jitted in JAX where nothing else is said
        return ['h = torch.compile(f, fullgraph=True, backend="aot_eager")'] if framework == "torch" else []
    if way not in WAYS[framework]:
        return []
    call, each = WAYS[framework][way]
    flat = [not isinstance(x, list) or not isinstance(x[0], list) for x in found.input]
    changed = [n if way == "transposed" and f else each.format(n) for n, f in zip(row.arguments, flat, strict=True)]
    made = f"lambda {rest}: {call.format(rest, ', '.join(changed))}"
    return [f"h = {made}" if framework == "torch" else f"h = jax.jit({made})"]


def _tangents(module: str, found: Divergence, row: Row) -> str:
    """Ones in the first argument of an op of numbers; the sweep's own tangents of arrays."""
    if row.entrywise:
        kinds = ["ones" if n == row.arguments[0] else "zeros" for n in row.arguments]
        return ", ".join(f"{module}.{kind}_like({n})" for kind, n in zip(kinds, row.arguments, strict=True))
    vs = tangents([np.array(x, dtype=np.float64) for x in found.input], numpy_dtype(found.dtype))
    made = "torch.tensor" if module == "torch" else "jnp.array"
    pairs = zip(row.arguments, vs, strict=True)
    return ", ".join(f"{made}({_text(v.tolist())}, dtype={n}.dtype)" for n, v in pairs)


def _cotangent(framework: str, found: Divergence) -> str:
    """Ones for an op that is applied entry by entry; for arrays the weights of the sweep."""
    if not isinstance(found.input[0], list):
        return "torch.ones_like(out)" if framework == "torch" else "jnp.ones_like(out)"
    g = f"np.resize({list(WEIGHTS)}, out.shape)"
    return f"torch.tensor({g}, dtype=out.dtype)" if framework == "torch" else f"jnp.array({g}, dtype=out.dtype)"


def _array(x: Any) -> str:
    """Nested lists, or so many copies of a number that a kernel takes its vector path, as it did in the sweep."""
    return f"tensor({_text(x)}" if isinstance(x, list) else f"full(({COPIES},), {_text(x)}"


def _text(x: Any) -> str:
    if isinstance(x, list):
        return f"[{', '.join(map(_text, x))}]"
    return repr(x) if math.isfinite(x) else f"float('{x}')"


def _index(found: Divergence) -> str:
    index = found.index if isinstance(found.input[0], list) else (0,)
    return f"[{', '.join(map(str, index))}]" if index else ""


def printed(programs: Sequence[str]) -> list[str]:
    """What reproducers print, in a process of their own: they change the framework's settings."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUNNER], input=json.dumps(programs), capture_output=True, text=True
    )
    found: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return found


RUNNER = """
import json, sys

def run(program):
    said = []
    try:
        shown = {"print": lambda x: said.append(str(getattr(x, "tolist", lambda: x)()))}
        exec(compile(program, "<reproducer>", "exec"), shown)
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"
    finally:
        if "jax" in sys.modules:
            sys.modules["jax"].config.update("jax_enable_x64", False)
    return said[-1]

print(json.dumps([run(program) for program in json.load(sys.stdin)]))
"""


def standing(found: Sequence[Divergence]) -> tuple[list[Divergence], list[str]]:
    """Those whose reproducers print what they hold, and a line for each that does not."""
    each = [(d, fw) for d in found for fw in d.frameworks]
    said = printed([reproducer(d, fw) for d, fw in each])
    stale = {
        d.id: f"{d.id} on {fw}: {words[:SHORT]}, and {d.obtained[fw]} in the catalogue"
        for (d, fw), words in zip(each, said, strict=True)
        if not stands(d, fw, words)
    }
    return [d for d in found if d.id not in stale], list(stale.values())


def stands(found: Divergence, framework: str, said: str) -> bool:
    """Whether a reproducer printed what the catalogue holds."""
    expected = found.obtained[framework]
    if isinstance(expected, str):
        return said == expected or (expected == RAISES and said.startswith(RAISES))
    return not said.startswith(RAISES) and same(float(said), expected, CLOSE)
