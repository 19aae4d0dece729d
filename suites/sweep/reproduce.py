"""A program of at most 15 lines that shows a divergence with NumPy and one framework."""

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from .divergence import Divergence, same
from .ops import FAMILIES
from .refusals import REFUSALS, Refusal
from .refusals import REFUSED as REFUSED_WORD
from .row import Row
from .tensors import WEIGHTS

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
    asks = not (found.what == "value" or found.what.startswith("forward"))
    ending = f", dtype=torch.{found.dtype}" + (", requires_grad=True)" if asks else ")")
    lines = [f"{n} = torch.{_array(x)}{ending}" for n, x in zip(row.arguments, found.input, strict=True)]
    rest = ", ".join(row.arguments)
    if found.what.startswith("forward"):
        lines += [
            f"f = lambda {rest}: {row.torch}",
            f"out, slope = torch.func.jvp(f, ({rest},), ({_ones('torch', row)},))",
        ]
        return [*lines, f"print(slope{_index(found)}.item())"]
    lines.append(f"out = {row.torch}")
    if not asks:
        return [*lines, f"print(out{_index(found)}.item())"]
    return [
        *lines,
        f"out.backward({_cotangent('torch', found)})",
        f"print({found.what[-1]}.grad{_index(found)}.item())",
    ]


def _in_jax(found: Divergence, row: Row) -> list[str]:
    lines = ['jax.config.update("jax_enable_x64", True)'] if found.dtype == "float64" else []
    pairs = zip(row.arguments, found.input, strict=True)
    lines += [f'{n} = jnp.{_array(x).replace("tensor(", "array(")}, dtype="{found.dtype}")' for n, x in pairs]
    rest = ", ".join(row.arguments)
    lines.append(f"f = jax.jit(lambda {rest}: {row.jax})")
    if found.what == "value":
        return [*lines, f"print(f({rest}){_index(found)})"]
    if found.what.startswith("forward"):
        return [*lines, f"print(jax.jvp(f, ({rest},), ({_ones('jnp', row)},))[1]{_index(found)})"]
    lines.append(f"out, pullback = jax.vjp(f, {rest})")
    position = row.arguments.index(found.what[-1])
    return [*lines, f"print(pullback({_cotangent('jax', found)})[{position}]{_index(found)})"]


def _ones(module: str, row: Row) -> str:
    """The direction of the first argument."""
    kinds = ["ones" if n == row.arguments[0] else "zeros" for n in row.arguments]
    return ", ".join(f"{module}.{kind}_like({n})" for kind, n in zip(kinds, row.arguments, strict=True))


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
        return said == expected or (expected == REFUSED_WORD and said.startswith(REFUSED_WORD))
    return not said.startswith(REFUSED_WORD) and same(float(said), expected, CLOSE)
