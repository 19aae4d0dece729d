"""A program of at most 15 lines that shows a divergence with NumPy and one framework."""

import math
from typing import Any

import numpy as np

from .divergence import Divergence
from .row import Row
from .tensors import WEIGHTS

IMPORTS = {
    "torch": ["import torch", "import torch.nn.functional as F"],
    "jax": ["import jax", "import jax.numpy as jnp", "import jax.scipy as jsp", "from jax import lax"],
}


def reproducer(found: Divergence, row: Row, framework: str) -> str:
    lines = _in_torch(found, row) if framework == "torch" else _in_jax(found, row)
    used = [line for line in IMPORTS[framework][1:] if _names(line) in row.text(framework) or _names(line) == "jnp"]
    right = f"; right is {found.truth}" if found.truth else ""
    shown = f"  # {plain(found.obtained[framework])}{right}"
    numpy = ["import numpy as np"] if any("np.resize" in line for line in lines) else []
    return "\n".join([*numpy, IMPORTS[framework][0], *used, "", *lines[:-1], lines[-1] + shown]) + "\n"


def _names(line: str) -> str:
    return line.split()[-1]


def plain(x: float) -> str:
    return str(x) if math.isfinite(x) else {"nan": "nan", "inf": "inf", "-inf": "-inf"}[str(x)]


def _in_torch(found: Divergence, row: Row) -> list[str]:
    asks = found.what != "value"
    ending = f", dtype=torch.{found.dtype}" + (", requires_grad=True)" if asks else ")")
    lines = [f"{n} = torch.tensor({_text(x)}{ending}" for n, x in zip(row.arguments, found.input, strict=True)]
    if found.what.startswith("forward"):
        given, rest = row.arguments[0], ", ".join(row.arguments)
        lines = [line.replace(", requires_grad=True", "") for line in lines]
        tangents = ", ".join(f"torch.{'ones' if n == given else 'zeros'}_like({n})" for n in row.arguments)
        lines += [f"f = lambda {rest}: {row.torch}", f"y, dy = torch.func.jvp(f, ({rest},), ({tangents},))"]
        return [*lines, f"print(dy{_index(found)}.item())"]
    if not asks:
        return [*lines, f"y = {row.torch}", f"print(y{_index(found)}.item())"]
    lines += [f"y = {row.torch}", f"y.backward({_cotangent('torch', found)})"]
    return [*lines, f"print({found.what[-1]}.grad{_index(found)}.item())"]


def _in_jax(found: Divergence, row: Row) -> list[str]:
    lines = ['jax.config.update("jax_enable_x64", True)'] if found.dtype == "float64" else []
    lines += [
        f'{n} = jnp.array({_text(x)}, dtype="{found.dtype}")' for n, x in zip(row.arguments, found.input, strict=True)
    ]
    rest = ", ".join(row.arguments)
    lines.append(f"f = jax.jit(lambda {rest}: {row.jax})")
    if found.what == "value":
        return [*lines, f"print(f({rest}){_index(found)})"]
    if found.what.startswith("forward"):
        tangents = ", ".join(f"jnp.{'ones' if n == row.arguments[0] else 'zeros'}_like({n})" for n in row.arguments)
        return [*lines, f"print(jax.jvp(f, ({rest},), ({tangents},))[1]{_index(found)})"]
    position = row.arguments.index(found.what[-1])
    lines.append(f"y, pullback = jax.vjp(f, {rest})")
    return [*lines, f"print(pullback({_cotangent('jax', found)})[{position}]{_index(found)})"]


def _cotangent(framework: str, found: Divergence) -> str:
    """Ones for an op that is applied entry by entry; for arrays the weights of the sweep."""
    if not isinstance(found.input[0], list):
        return "torch.ones_like(y)" if framework == "torch" else "jnp.ones_like(y)"
    g = f"np.resize({list(WEIGHTS)}, y.shape)"
    return f"torch.tensor({g}, dtype=y.dtype)" if framework == "torch" else f"jnp.array({g}, dtype=y.dtype)"


def _text(x: Any) -> str:
    """A number or nested lists as an expression."""
    if isinstance(x, list):
        return f"[{', '.join(map(_text, x))}]"
    return repr(x) if math.isfinite(x) else f"float('{x}')"


def _index(found: Divergence) -> str:
    return f"[{', '.join(map(str, found.index))}]" if found.index else ""


def printed(program: str) -> float:
    """What a reproducer prints, run here."""
    said: list[str] = []
    exec(compile(program, "<reproducer>", "exec"), {"print": lambda x: said.append(str(x))})
    return float(np.float64(said[-1]))
