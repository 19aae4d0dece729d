"""From what the caller handed over to two sides that can be run; each thing that cannot be compared is one sentence."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import optree

from ..exchange import Renaming, Row
from ..layouts import SAME, Shape
from . import request
from .model import Array, Run, Weights
from .request import Map
from .suggest import Sides
from .truth import Given

# A module that draws may give a few numbers twice by chance: two masks of four entries are the same one time in 16.
MORE_RUNS = 20


@dataclass(frozen=True)
class Asked:
    """The arguments of compare_port."""

    module: Any
    jax_fn: Callable[..., Any]
    params_map: Any
    inputs: Any
    template: Any
    jax_params: Any
    loss: Mapping[str, Callable[[Any], Any]] | None
    optimisers: Mapping[str, Any] | None
    steps: int
    seed: int

    def loss_of(self, name: str) -> Any:
        return self.loss[name] if self.loss else None


@dataclass
class Prepared:
    """Both sides on the same numbers. ``values`` are torch's own weights, ``given`` holds those that are run."""

    asked: Asked
    torch: Any
    jax: Any
    tree: Any
    map: Map
    values: dict[str, Array]
    given: Given
    suggested: bool

    @property
    def dtype(self) -> str:
        """float64, or float32 where the JAX function does not run in float64."""
        return str(self.jax.fw.dtype)

    @property
    def shapes(self) -> dict[str, Shape]:
        return {name: x.shape for name, x in self.values.items()}

    def run_jax(self, params_map: Map, given: Given | None = None) -> Run:
        used = given or self.given
        return _run_jax(self.jax, params_map.there(used.values, self.tree.shapes), used.inputs)

    def pulled(self, run: Run) -> dict[str, Array]:
        """JAX's gradients by torch's names, of what torch trains."""
        found = self.map.pulled(run.gradients, self.shapes)
        return {name: g for name, g in found.items() if name in self.torch.trained}

    def states(self, run: Run) -> dict[str, Array]:
        """New values of buffers that JAX returned, by torch's names."""
        return {
            row.here: row.layout.back(run.state[row.there], self.shapes[row.here])
            for row in self.map.rows
            if row.there in run.state and row.here in self.torch.buffers
        }

    def in_single(self, given: Given) -> dict[str, Array]:
        """JAX's outputs in float32."""
        from ..frameworks.jax_port import JaxPort

        fw = request.adaptor("jax", "float32")
        jax = JaxPort(fw, self.asked.jax_fn, self.tree, self.asked.loss_of("jax"), given.weights)
        try:
            return jax.outputs(self.map.there(given.values, self.tree.shapes), given.inputs)
        except Exception as error:
            raise ValueError(f"jax_fn, which runs in float64, raised in float32: {_told(error)}") from error


def prepared(asked: Asked) -> Prepared:
    """Both sides, traced and run once. What is wrong with the request is raised as one sentence."""
    request.both_installed()
    _check_options(asked)
    _check_module(asked.module)
    inputs = request.check_inputs(asked.inputs, asked.module, asked.jax_fn)
    inputs = tuple(optree.tree_map(_array, x) for x in inputs)
    weights = Weights(asked.seed)
    torch = _torch_side(asked)
    values = torch.values
    request.check_finite("parameter", values)
    request.check_finite("input", _floating(inputs))
    tree, sides = _trees(asked, torch, values, inputs)
    complete = isinstance(asked.params_map, Renaming) or sides is None
    params_map = Map(_own_rows(asked, values)) if sides is None else request.mapped(asked.params_map, sides, complete)
    given = Given(moved(values, {r.here for r in params_map.rows}, asked.seed), inputs, weights)
    _check_torch(torch, given)
    jax = _jax_side(asked, tree, params_map, given)
    if jax.fw.dtype == "float32":
        given = Given({n: single(x) for n, x in given.values.items()}, singles(inputs), weights)
    return Prepared(asked, torch, jax, tree, params_map, values, given, _suggests(asked, params_map))


def _floating(inputs: tuple[Any, ...]) -> dict[str, Array]:
    return {
        "".join([str(i), *(f"[{k!r}]" for k in path)]): x
        for i, tree in enumerate(inputs)
        for path, x in zip(optree.tree_paths(tree), optree.tree_leaves(tree), strict=True)
        if x.dtype.kind == "f"
    }


def _check_options(asked: Asked) -> None:
    for name, value in (("loss", asked.loss), ("optimisers", asked.optimisers)):
        if value is not None and (not isinstance(value, Mapping) or set(value) != {"torch", "jax"}):
            raise TypeError(f"{name} is a dict of one function for 'torch' and one for 'jax'; got {value!r}")
    if asked.template is not None and asked.jax_params is not None:
        raise TypeError(
            "pass template= (a tree whose values are not looked at) or jax_params= (converted weights), not both"
        )


def _array(x: Any) -> Array:
    made = np.asarray(x)
    if made.dtype.kind not in "fiub" and made.dtype.name != "bfloat16":
        raise TypeError(f"an input is {type(x).__name__}; inputs are NumPy arrays of numbers, or trees of them")
    return made


def _check_module(module: Any) -> None:
    from ..frameworks.torch_port import is_module

    if not is_module(module):
        raise TypeError(f"torch_module is {type(module).__name__}; pass a torch.nn.Module")


def _torch_side(asked: Asked) -> Any:
    from ..frameworks.torch_port import TorchPort

    side = TorchPort(request.adaptor("torch", "float64"), asked.module, asked.loss_of("torch"))
    if not side.parameters:
        raise ValueError(
            f"the torch module {type(asked.module).__name__} has no parameters; there is no port to compare"
        )
    return side


def _trees(asked: Asked, torch: Any, values: Mapping[str, Array], inputs: tuple[Any, ...]) -> tuple[Any, Sides | None]:
    """The JAX tree, and what a map is made from; None where the map alone makes the tree."""
    from ..frameworks.jax_port import JaxTree

    held = asked.template if asked.template is not None else asked.jax_params
    if held is None:
        return JaxTree(_built(asked, values)), None
    tree = JaxTree(held)
    here = {n: x.shape for n, x in values.items()}
    both = (values, tree.values) if asked.jax_params is not None else None
    request.check_finite("JAX's parameter", tree.values if both else {})
    return tree, Sides(here, tree.shapes, torch.kinds, torch.buffers, both, _used(asked, torch, tree, inputs))


def _used(asked: Asked, torch: Any, tree: Any, inputs: tuple[Any, ...]) -> tuple[list[str], list[str]]:
    """Both sides' parameters in the order of their use; what does not run is told when it is judged."""
    mine: list[str] = []
    theirs: list[str] = []
    with suppress(Exception):
        mine = torch.taken_up(inputs)
    for dtype in ("float64", "float32"):
        with suppress(Exception):
            theirs = theirs or tree.taken_up(request.adaptor("jax", dtype), asked.jax_fn, inputs)
    return mine, theirs


def _built(asked: Asked, values: Mapping[str, Array]) -> Any:
    """Nested dicts as the map's paths say; torch's names where there is no map."""
    made: dict[str, Any] = {}
    for row in _own_rows(asked, values):
        *scope, leaf = row.there.split("/")
        at = made
        for key in scope:
            at = at.setdefault(key, {})
        at[leaf] = np.zeros(_shape_there(row, values[row.here].shape))
    return _listed(made)


def _listed(x: Any) -> Any:
    """Where all keys are 0, 1, 2, ... the user's function takes a list."""
    if not isinstance(x, dict):
        return x
    inner = {k: _listed(v) for k, v in x.items()}
    return [inner[str(i)] for i in range(len(inner))] if set(inner) == {str(i) for i in range(len(inner))} else inner


def _own_rows(asked: Asked, values: Mapping[str, Array]) -> tuple[Row, ...]:
    """The map's rows where nothing but the map says what the JAX tree looks like."""
    if asked.params_map is None:
        return tuple(Row(name, name) for name in values)
    if isinstance(asked.params_map, Renaming):
        return asked.params_map.rows
    return request.rows_of(asked.params_map, {n: x.shape for n, x in values.items()})


def _shape_there(row: Row, here: Shape) -> Shape:
    block = row.block_shape(here)
    if row.layout is SAME or (row.layout.fits(block, block) and len(set(block)) == 1):
        return block
    fitting = [s for s in permutations(block) if row.layout.fits(block, s)]
    if not fitting:
        raise ValueError(
            f"the shape of {row.there!r} does not follow from {block} by {row.layout.name!r}; pass template="
        )
    return fitting[0]


def moved(values: Mapping[str, Array], mapped: set[str], seed: int) -> dict[str, Array]:
    """Weights that hold one number again and again, as a fresh norm's ones and zeros, moved off it: they would hide
    a scale or a shift that was forgotten.
    """
    rng = np.random.default_rng([seed, 3])
    return {name: _generic(x, rng) if name in mapped else x for name, x in values.items()}


def _generic(x: Array, rng: np.random.Generator) -> Array:
    if not x.size or np.any(x != x.flat[0]) or (x.size == 1 and x.flat[0]):
        return x
    if x.flat[0]:
        return np.asarray(x * rng.uniform(0.6, 1.6, x.shape))
    return np.asarray(rng.uniform(0.1, 0.4, x.shape) * rng.choice([-1.0, 1.0], x.shape))


def _check_torch(torch: Any, given: Given) -> None:
    """That the module runs, gives finite numbers, and the same ones twice."""
    first = _run_torch(torch, given, backward=False)
    others = [_run_torch(torch, given, backward=True)]
    others += [_run_torch(torch, given, backward=False) for _ in range(MORE_RUNS if torch.drew else 0)]
    for path, x in first.output.items():
        if x.dtype.kind == "f" and not np.isfinite(x).all():
            raise ValueError(
                f"the torch module's output{' ' + path if path else ''} is not finite; choose other inputs"
            )
        if not all(np.array_equal(x, other.output[path]) for other in others):
            raise ValueError(
                "the torch module gives another output each time it runs, as dropout in train mode does; "
                "call module.eval(), or set the probability to 0"
            )


def _run_torch(torch: Any, given: Given, backward: bool) -> Run:
    try:
        run: Run = torch.run(given.values, given.inputs, given.weights, backward=backward)
    except Exception as error:
        raise ValueError(f"the torch module raised {_told(error)}; it has to run on the inputs in float64") from error
    if run.loss.shape:
        raise ValueError(f"loss['torch'] returned an array of shape {run.loss.shape}; it has to return a scalar")
    return run


def _jax_side(asked: Asked, tree: Any, params_map: Map, given: Given) -> Any:
    from ..frameworks.jax_port import JaxPort

    leaves = params_map.there(given.values, tree.shapes)
    first: Exception | None = None
    for dtype in ("float64", "float32"):
        jax = JaxPort(request.adaptor("jax", dtype), asked.jax_fn, tree, asked.loss_of("jax"), given.weights)
        try:
            _trace(jax, leaves, given.inputs)
            return jax
        except ValueError as error:
            first = first or error
            if not _only_in_single(error):
                break
    assert first is not None
    raise first


def _only_in_single(error: ValueError) -> bool:
    """Whether two dtypes met: a function that makes arrays of float32 itself does not run in float64."""
    return isinstance(error.__cause__, TypeError) and "float32" in str(error.__cause__)


def _trace(jax: Any, leaves: Mapping[str, Array], inputs: Any) -> None:
    from ..frameworks.jax_program import UNTRACEABLE

    try:
        jax.trace(leaves, inputs)
    except UNTRACEABLE as error:
        raise ValueError(
            f"jax_fn does not trace: {_told(error)}; it has to run under jax.jit, so no value may decide what is run"
        ) from error
    except Exception as error:
        raise ValueError(f"jax_fn raised {_told(error)}; it is called as jax_fn(params, *inputs)") from error


def _run_jax(jax: Any, leaves: Mapping[str, Array], inputs: Any) -> Run:
    try:
        run: Run = jax.run(leaves, inputs)
    except Exception as error:
        raise ValueError(f"jax_fn cannot be run with its gradient: {_told(error)}") from error
    return run


def _told(error: Exception) -> str:
    """The kind and the first line, which a sentence can hold."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first.rstrip('.')}" if first else type(error).__name__


def outputs_of(torch: Run, jax: Run) -> dict[str, Array]:
    """JAX's outputs, of which each has a partner of its shape. ValueError where one has none."""
    if torch.output.keys() != jax.output.keys():
        raise ValueError(
            f"the torch module returns {_tree(torch)} and jax_fn {_tree(jax)}; have jax_fn return the same tree"
        )
    for path, x in jax.output.items():
        if x.shape != torch.output[path].shape:
            raise ValueError(
                f"output{' ' + path if path else ''} has shape {torch.output[path].shape} in torch "
                f"and {x.shape} in JAX; have jax_fn return torch's axes"
            )
    return jax.output


def _tree(run: Run) -> str:
    count = len(run.output)
    return (
        "one array"
        if list(run.output) == [""]
        else f"{count} array{'s' if count != 1 else ''} ({', '.join(run.output)})"
    )


def _suggests(asked: Asked, params_map: Map) -> bool:
    named = set(asked.params_map) if isinstance(asked.params_map, Mapping) else set()
    held = asked.template is not None or asked.jax_params is not None
    return held and not isinstance(asked.params_map, Renaming) and {r.here for r in params_map.rows} != named


def narrowed(made: Prepared) -> list[str]:
    """What the JAX function computes in fewer digits than it was given."""
    found = made.jax.narrowings
    kinds = dict.fromkeys(n.dtype for n in found)
    first = {kind: next(n.place for n in found if n.dtype == kind) for kind in kinds}
    return [f"given float64, the JAX function computes in {kind}, first in {place}" for kind, place in first.items()]


def widened(made: Prepared) -> tuple[Any, Run] | None:
    """The JAX side with every narrower float in float64, and its run; None where a loop computes in one, which cannot
    be changed.
    """
    with suppress(TypeError, ValueError):
        wide = made.jax.widened()
        return wide, wide.run(made.map.there(made.given.values, made.tree.shapes), made.given.inputs)
    return None


def single(x: Array) -> Array:
    return np.asarray(x, dtype=np.float32).astype(np.float64)


def singles(inputs: Any) -> Any:
    return tuple(optree.tree_map(lambda x: single(x) if x.dtype.kind == "f" else x, i) for i in inputs)
