"""Gathering and scattering by index, with indices twice, negative and out of bounds; masks; segments."""

import mpmath as mp
import numpy as np

from ..formulas.arrays import mean, zeros
from ..formulas.scatters import added, folded, in_segments, put
from ..tensors import TensorRow, fixed, shaped

SOME = ("ties", "zeros", "tiny")
MATRIX = shaped((4, 3), skip=SOME)
VECTOR = shaped((5,), skip=SOME)
WITH_ROWS = shaped((4, 3), (3, 3), skip=SOME)
WITH_VECTOR = shaped((4,), (5,))
PAIRS_EQUAL = (fixed("pairs", [1.0, -2.0, 0.5, 3.0], [1.0, 0.5, 0.25, -3.0, 2.0]),)
EXTREMES = shaped((4,), (5,), skip=("ties", "zeros")) + PAIRS_EQUAL
FACTORS = (fixed("zeros and ones", [1.0, 0.0, 2.0, -1.5], [2.0, 0.0, 3.0, 0.0, 0.5]),)
TORCH_INTO, JAX_INTO = "torch.tensor([0, 2, 2, 0, 1])", "jnp.array([0, 2, 2, 0, 1])"
ROWS, TORCH_ROWS, JAX_ROWS = [0, 2, 2], "torch.tensor([0, 2, 2])", "jnp.array([0, 2, 2])"
RAISES = {"torch": "raises IndexError: an index is out of bounds"}


GATHERED = (
    TensorRow("x[i]", f"x[{TORCH_ROWS}]", f"x[{JAX_ROWS}]", lambda x: x[ROWS], inputs=MATRIX),
    TensorRow(
        "x[i]: negative",
        "x[torch.tensor([-1, 0, -4])]",
        "x[jnp.array([-1, 0, -4])]",
        lambda x: x[[3, 0, 0]],
        inputs=MATRIX,
    ),
    TensorRow(
        "x[i]: none",
        "x[torch.tensor([], dtype=torch.int64)]",
        "x[jnp.array([], dtype=int)]",
        lambda x: x[:0],
        inputs=MATRIX,
    ),
    TensorRow("x[:, i]", f"x[:, {TORCH_ROWS}]", f"x[:, {JAX_ROWS}]", lambda x: x[:, ROWS], inputs=MATRIX),
    TensorRow(
        "x[i, j]",
        f"x[{TORCH_ROWS}, torch.tensor([1, 0, -1])]",
        f"x[{JAX_ROWS}, jnp.array([1, 0, -1])]",
        lambda x: x[ROWS, [1, 0, 2]],
        inputs=MATRIX,
    ),
    TensorRow(
        "x[i, j]: broadcast",
        f"x[{TORCH_ROWS}[:, None], torch.tensor([1, 1])]",
        f"x[{JAX_ROWS}[:, None], jnp.array([1, 1])]",
        lambda x: x[np.ix_(ROWS, [1, 1])],
        inputs=MATRIX,
    ),
    TensorRow(
        "x[i, :, j]",
        "x[torch.tensor([1, 0, 1]), :, torch.tensor([0, 1, 1])]",
        "x[jnp.array([1, 0, 1]), :, jnp.array([0, 1, 1])]",
        lambda x: np.stack([x[1, :, 0], x[0, :, 1], x[1, :, 1]]),
        inputs=shaped((2, 3, 2), skip=SOME),
    ),
    TensorRow(
        "ix_",
        f"x[{TORCH_ROWS}][:, torch.tensor([2, 0])]",
        f"x[jnp.ix_({JAX_ROWS}, jnp.array([2, 0]))]",
        lambda x: x[np.ix_(ROWS, [2, 0])],
        inputs=MATRIX,
    ),
    TensorRow(
        "index_select",
        f"torch.index_select(x, 1, {TORCH_ROWS})",
        f"jnp.take(x, {JAX_ROWS}, axis=1)",
        lambda x: x[:, ROWS],
        inputs=MATRIX,
    ),
    TensorRow(
        "take",
        "torch.take(x, torch.tensor([0, 11, 5, 5]))",
        "jnp.take(x, jnp.array([0, 11, 5, 5]))",
        lambda x: x.reshape(-1)[[0, 11, 5, 5]],
        inputs=MATRIX,
    ),
    TensorRow(
        "take: negative",
        "torch.take(x, torch.tensor([-1, -12]))",
        "jnp.take(x, jnp.array([-1, -12]))",
        lambda x: x.reshape(-1)[[11, 0]],
        inputs=MATRIX,
    ),
    TensorRow(
        "take: clip",
        "torch.take(x, torch.tensor([-5, 3, 40]).clamp(0, 11))",
        "jnp.take(x, jnp.array([-5, 3, 40]), mode='clip')",
        lambda x: x.reshape(-1)[[0, 3, 11]],
        inputs=MATRIX,
    ),
    TensorRow(
        "take: wrap",
        "torch.take(x, torch.tensor([-5, 3, 40]) % 12)",
        "jnp.take(x, jnp.array([-5, 3, 40]), mode='wrap')",
        lambda x: x.reshape(-1)[[7, 3, 4]],
        inputs=MATRIX,
    ),
    TensorRow(
        "take: fill",
        "F.pad(torch.ravel(x), (0, 1), value=7.0)[torch.tensor([3, 12])]",
        "jnp.take(x, jnp.array([3, 40]), mode='fill', fill_value=7.0)",
        lambda x: np.array([x[1, 0], mp.mpf(7)]),
        inputs=MATRIX,
    ),
    TensorRow(
        "gather",
        "torch.gather(x, 1, torch.tensor([[0, 0], [2, 1], [1, 1], [0, 2]]))",
        "jnp.take_along_axis(x, jnp.array([[0, 0], [2, 1], [1, 1], [0, 2]]), 1)",
        lambda x: np.take_along_axis(x, np.array([[0, 0], [2, 1], [1, 1], [0, 2]]), 1),
        inputs=MATRIX,
    ),
    TensorRow(
        "gather: axis 0",
        "torch.gather(x, 0, torch.tensor([[0, 3, 1]]))",
        "jnp.take_along_axis(x, jnp.array([[0, 3, 1]]), 0)",
        lambda x: x[[0, 3, 1], [0, 1, 2]][None],
        inputs=MATRIX,
    ),
    TensorRow(
        "take_along_dim: broadcast",
        "torch.take_along_dim(x, torch.tensor([[2, 0]]), 1)",
        "jnp.take_along_axis(x, jnp.array([[2, 0]]), 1)",
        lambda x: x[:, [2, 0]],
        inputs=MATRIX,
    ),
    TensorRow(
        "embedding",
        "F.embedding(torch.tensor([[3, 0], [3, 3]]), x)",
        "jnp.take(x, jnp.array([[3, 0], [3, 3]]), axis=0)",
        lambda x: x[[[3, 0], [3, 3]]],
        inputs=MATRIX,
    ),
    *(
        TensorRow(
            f"embedding_bag: {mode}",
            f"F.embedding_bag(torch.tensor([[3, 0], [3, 3]]), x, mode='{mode}')",
            f"jnp.take(x, jnp.array([[3, 0], [3, 3]]), axis=0).{mode}(1)",
            lambda x, f=f: f(x[[[3, 0], [3, 3]]], 1),
            inputs=MATRIX,
        )
        for mode, f in (("sum", np.sum), ("mean", mean), ("max", np.max))
    ),
    TensorRow(
        "one_hot @",
        f"F.one_hot({TORCH_ROWS}, 4).to(x.dtype) @ x",
        f"jax.nn.one_hot({JAX_ROWS}, 4, dtype=x.dtype) @ x",
        lambda x: x[ROWS],
        inputs=shaped((4, 3), skip=(*SOME, "an infinity", "a NaN")),
    ),
    TensorRow(
        "triu_indices",
        "x[torch.triu_indices(4, 3, 1).unbind()]",
        "x[jnp.triu_indices(4, 1, 3)]",
        lambda x: x[[0, 0, 1], [1, 2, 2]],
        inputs=MATRIX,
    ),
    TensorRow(
        "tril_indices",
        "x[torch.tril_indices(4, 3, -2).unbind()]",
        "x[jnp.tril_indices(4, -2, 3)]",
        lambda x: x[[2, 3, 3], [0, 0, 1]],
        inputs=MATRIX,
    ),
    TensorRow(
        "unravel_index",
        "x[torch.unravel_index(torch.tensor([0, 7, 11]), (4, 3))]",
        "x[jnp.unravel_index(jnp.array([0, 7, 11]), (4, 3))]",
        lambda x: x.reshape(-1)[[0, 7, 11]],
        inputs=MATRIX,
    ),
    TensorRow(
        "choose",
        "torch.where(torch.tensor([0, 1, 1, 0, 1]) == 0, x, y)",
        "jnp.choose(jnp.array([0, 1, 1, 0, 1]), [x, y], mode='clip')",
        lambda x, y: np.where([True, False, False, True, False], x, y),
        inputs=shaped((5,), (5,), skip=SOME),
    ),
    TensorRow(
        "dynamic_slice",
        "torch.narrow(x, 0, 1, 2)",
        "lax.dynamic_slice(x, (1, 0), (2, 3))",
        lambda x: x[1:3],
        inputs=MATRIX,
    ),
    TensorRow(
        "dynamic_slice: beyond the end",
        "torch.narrow(x, 0, min(9, x.shape[0] - 2), 2)",
        "lax.dynamic_slice(x, (9, 0), (2, 3))",
        lambda x: x[2:],
        inputs=MATRIX,
        note="the slice is moved until it is inside",
    ),
    TensorRow(
        "dynamic_slice: negative",
        "torch.narrow(x, 0, -3, 2)",
        "lax.dynamic_slice_in_dim(x, -3, 2)",
        lambda x: x[1:3],
        inputs=MATRIX,
    ),
    TensorRow(
        "dynamic_index_in_dim",
        "torch.select(x, 1, 2)",
        "lax.dynamic_index_in_dim(x, 9, 1, keepdims=False)",
        lambda x: x[:, 2],
        inputs=MATRIX,
        note="JAX takes the last for an index beyond it",
    ),
)

MASKED = (
    TensorRow(
        "masked_select",
        "torch.masked_select(x, torch.tensor([True, False, True, True, False]))",
        "jnp.extract(jnp.array([True, False, True, True, False]), x, size=3)",
        lambda x: x[[0, 2, 3]],
        inputs=VECTOR,
    ),
    TensorRow(
        "masked rows",
        "x[torch.tensor([True, False, True, True])]",
        "jnp.compress(jnp.array([True, False, True, True]), x, axis=0, size=3)",
        lambda x: x[[0, 2, 3]],
        inputs=MATRIX,
    ),
    TensorRow(
        "masked_fill",
        "torch.masked_fill(x, torch.tensor([True, False, True, False, False]), 0.5)",
        "jnp.where(jnp.array([True, False, True, False, False]), 0.5, x)",
        lambda x: put(x, [0, 2], mp.mpf(0.5)),
        inputs=VECTOR,
    ),
    TensorRow(
        "masked_fill: by the sign",
        "torch.masked_fill(x, x < 0, 0.0)",
        "x.at[:].set(jnp.where(x < 0, 0.0, x))",
        lambda x: np.maximum(x, mp.mpf(0)),
        inputs=shaped((5,)),
    ),
    TensorRow(
        "masked_scatter",
        "torch.masked_scatter(x, torch.tensor([True, False, True, True]), y)",
        "jnp.place(x, jnp.array([True, False, True, True]), y, inplace=False)",
        lambda x, y: put(x, [0, 2, 3], y),
        inputs=shaped((4,), (3,), skip=SOME),
    ),
    TensorRow(
        "nonzero",
        "torch.nonzero(x).to(x.dtype)",
        "jnp.argwhere(x, size=3).astype(x.dtype)",
        lambda x: np.argwhere(x != 0).astype(object),
        inputs=(fixed("three", [[0.0, 1.0, 0.0], [-2.0, 0.0, 0.5]]),),
        differentiable=False,
    ),
    TensorRow(
        "flatnonzero",
        "torch.nonzero(torch.ravel(x))[:, 0].to(x.dtype)",
        "jnp.flatnonzero(x, size=3).astype(x.dtype)",
        lambda x: np.flatnonzero(x != 0).astype(object),
        inputs=(fixed("three", [[0.0, 1.0, 0.0], [-2.0, 0.0, 0.5]]),),
        differentiable=False,
    ),
)

SCATTERED = (
    TensorRow(
        "scatter",
        "torch.scatter(x, 1, torch.tensor([[0, 2], [1, 0]]), y)",
        "jnp.put_along_axis(x, jnp.array([[0, 2], [1, 0]]), y, 1, inplace=False)",
        lambda x, y: put(x, ([[0], [1]], [[0, 2], [1, 0]]), y),
        inputs=shaped((2, 3), (2, 2), skip=SOME),
    ),
    TensorRow(
        "scatter: a number",
        "torch.scatter(x, 0, torch.tensor([[0, 2, 2]]), 0.5)",
        "x.at[jnp.array([0, 2, 2]), jnp.arange(3)].set(0.5)",
        lambda x: put(x, (ROWS, [0, 1, 2]), mp.mpf(0.5)),
        inputs=MATRIX,
    ),
    TensorRow(
        "put",
        "torch.ravel(x).put(torch.tensor([11, 0, -2]), y).reshape(4, 3)",
        "jnp.put(x, jnp.array([11, 0, -2]), y, inplace=False)",
        lambda x, y: put(x.reshape(-1), [11, 0, 10], y).reshape(4, 3),
        inputs=shaped((4, 3), (3,), skip=SOME),
    ),
    TensorRow(
        "index_copy",
        "torch.index_copy(x, 0, torch.tensor([3, 0, 1]), y)",
        "x.at[jnp.array([3, 0, 1])].set(y)",
        lambda x, y: put(x, [3, 0, 1], y),
        inputs=WITH_ROWS,
    ),
    TensorRow(
        "index_fill",
        f"torch.index_fill(x, 1, {TORCH_ROWS}, -1.5)",
        f"x.at[:, {JAX_ROWS}].set(-1.5)",
        lambda x: put(x, np.s_[:, ROWS], mp.mpf(-1.5)),
        inputs=MATRIX,
    ),
    TensorRow(
        "index_put",
        "torch.index_put(x, (torch.tensor([0, 3, 1]), torch.tensor([2, 0, -1])), y)",
        "x.at[jnp.array([0, 3, 1]), jnp.array([2, 0, -1])].set(y)",
        lambda x, y: put(x, ([0, 3, 1], [2, 0, 2]), y),
        inputs=shaped((4, 3), (3,), skip=SOME),
    ),
    TensorRow(
        "index_put: accumulate",
        f"torch.index_put(x, ({TORCH_ROWS}, torch.tensor([2, 0, 0])), y, accumulate=True)",
        f"x.at[{JAX_ROWS}, jnp.array([2, 0, 0])].add(y)",
        lambda x, y: added(x, (ROWS, [2, 0, 0]), y),
        inputs=shaped((4, 3), (3,), skip=SOME),
    ),
    TensorRow(
        "index_add",
        f"torch.index_add(x, 0, {TORCH_ROWS}, y)",
        f"x.at[{JAX_ROWS}].add(y)",
        lambda x, y: added(x, ROWS, y),
        inputs=WITH_ROWS,
    ),
    TensorRow(
        "index_add: alpha",
        f"torch.index_add(x, 0, {TORCH_ROWS}, y, alpha=-2)",
        f"x.at[{JAX_ROWS}].subtract(2 * y)",
        lambda x, y: added(x, ROWS, -2 * y),
        inputs=WITH_ROWS,
    ),
    TensorRow(
        "scatter_add",
        f"torch.scatter_add(x, 0, {TORCH_INTO}, y)",
        f"x.at[{JAX_INTO}].add(y)",
        folded(lambda a, b: a + b),
        inputs=WITH_VECTOR,
    ),
    *(
        TensorRow(
            f"scatter_reduce: {reduce}",
            f"torch.scatter_reduce(x, 0, {TORCH_INTO}, y, '{reduce}')",
            f"x.at[{JAX_INTO}].{jax}(y)",
            folded(fold),
            inputs=EXTREMES,
        )
        for reduce, jax, fold in (("amax", "max", max), ("amin", "min", min))
    ),
    TensorRow(
        "scatter_reduce: amax, values at ties",
        f"torch.scatter_reduce(x, 0, {TORCH_INTO}, y, 'amax')",
        f"x.at[{JAX_INTO}].max(y)",
        folded(max),
        inputs=WITH_VECTOR,
        differentiable=False,
    ),
    TensorRow(
        "scatter_reduce: prod",
        f"torch.scatter_reduce(x, 0, {TORCH_INTO}, y, 'prod')",
        f"x.at[{JAX_INTO}].multiply(y)",
        folded(lambda a, b: a * b),
        inputs=WITH_VECTOR + FACTORS,
        differentiable=False,
        note="JAX has no derivative of it where indices come twice",
    ),
    TensorRow(
        "scatter_reduce: prod, slopes",
        f"torch.scatter_reduce(x, 0, {TORCH_INTO}, y, 'prod')",
        f"x.at[{JAX_INTO}].multiply(y)",
        folded(lambda a, b: a * b),
        inputs=WITH_VECTOR + FACTORS,
        unsupported={"jax": "no derivative where indices come twice: NotImplementedError"},
    ),
    TensorRow(
        "scatter_reduce: prod, every index once",
        "torch.scatter_reduce(x, 0, torch.tensor([3, 0, 1]), y, 'prod')",
        "x.at[jnp.array([3, 0, 1])].multiply(y, unique_indices=True)",
        lambda x, y: put(x, [3, 0, 1], x[[3, 0, 1]] * y),
        inputs=(*shaped((4,), (3,)), fixed("zeros and ones", [1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0])),
    ),
    TensorRow(
        "scatter_reduce: mean",
        f"torch.scatter_reduce(x, 0, {TORCH_INTO}, y, 'mean')",
        f"x.at[{JAX_INTO}].add(y) / jnp.array([3, 2, 3, 1])",
        lambda x, y: folded(lambda a, b: a + b)(x, y) / np.array([mp.mpf(n) for n in (3, 2, 3, 1)]),
        inputs=WITH_VECTOR,
    ),
    TensorRow(
        "scatter_reduce: sum of the others",
        f"torch.scatter_reduce(x, 0, {TORCH_INTO}, y, 'sum', include_self=False)",
        f"x.at[{JAX_INTO}].set(0).at[{JAX_INTO}].add(y)",
        lambda x, y: np.array([y[0] + y[3], y[4], y[1] + y[2], x[3]]),
        inputs=WITH_VECTOR,
    ),
    TensorRow(
        "index_reduce: amin",
        f"torch.index_reduce(x, 0, {TORCH_INTO}, y, 'amin')",
        f"x.at[{JAX_INTO}].min(y)",
        folded(min),
        inputs=EXTREMES,
    ),
    TensorRow(
        "at[].divide",
        "torch.index_put(x, (torch.tensor([3, 0, 1]),), x[torch.tensor([3, 0, 1])] / y)",
        "x.at[jnp.array([3, 0, 1])].divide(y, unique_indices=True)",
        lambda x, y: put(x, [3, 0, 1], x[[3, 0, 1]] / y),
        inputs=shaped((4,), (3,), skip=("ties", "zeros")),
    ),
    TensorRow(
        "at[].apply",
        "torch.index_put(x, (torch.tensor([3, 0]),), x[torch.tensor([3, 0])] ** 2)",
        "x.at[jnp.array([3, 0])].apply(jnp.square)",
        lambda x: put(x, [3, 0], x[[3, 0]] ** 2),
        inputs=shaped((4,)),
        differentiable=False,
        note="JAX has no derivative of it",
    ),
    TensorRow(
        "slice_scatter",
        "torch.slice_scatter(x, y, 0, 1, 4)",
        "x.at[1:4].set(y)",
        lambda x, y: put(x, np.s_[1:4], y),
        inputs=WITH_ROWS,
    ),
    TensorRow(
        "slice_scatter: steps",
        "torch.slice_scatter(x, y, 1, 0, 3, 2)",
        "x.at[:, ::2].set(y)",
        lambda x, y: put(x, np.s_[:, ::2], y),
        inputs=shaped((4, 3), (4, 2), skip=SOME),
    ),
    TensorRow(
        "select_scatter",
        "torch.select_scatter(x, y, 0, -1)",
        "x.at[-1].set(y)",
        lambda x, y: put(x, 3, y),
        inputs=shaped((4, 3), (3,), skip=SOME),
    ),
    TensorRow(
        "diagonal_scatter",
        "torch.diagonal_scatter(x, y)",
        "jnp.fill_diagonal(x, y, inplace=False)",
        lambda x, y: put(x, ([0, 1, 2], [0, 1, 2]), y),
        inputs=shaped((3, 3), (3,), skip=SOME),
    ),
    TensorRow(
        "dynamic_update_slice",
        "torch.slice_scatter(x, y, 0, 1, 4)",
        "lax.dynamic_update_slice(x, y, (9, 0))",
        lambda x, y: put(x, np.s_[1:4], y),
        inputs=WITH_ROWS,
        note="JAX moves the slice until it is inside",
    ),
)

SEGMENTS = (
    TensorRow(
        "segment_sum",
        "torch.segment_reduce(x, 'sum', lengths=torch.tensor([2, 0, 3]))",
        "jax.ops.segment_sum(x, jnp.array([0, 0, 2, 2, 2]), num_segments=3)",
        in_segments(np.sum, [2, 2, 5]),
        inputs=shaped((5,)),
    ),
    *(
        TensorRow(
            f"segment_{name}",
            f"torch.segment_reduce(x, '{name}', lengths=torch.tensor([2, 1, 3]))",
            f"jax.ops.segment_{name}(x, jnp.array([0, 0, 1, 2, 2, 2]), num_segments=3)",
            in_segments(f, [2, 3, 6]),
            inputs=shaped((6,)),
        )
        for name, f in (("max", np.max), ("min", np.min))
    ),
    TensorRow(
        "segment_prod",
        "torch.segment_reduce(x, 'prod', lengths=torch.tensor([2, 1, 3]))",
        "jax.ops.segment_prod(x, jnp.array([0, 0, 1, 2, 2, 2]), num_segments=3)",
        in_segments(np.prod, [2, 3, 6]),
        inputs=shaped((6,)),
        differentiable=False,
    ),
    TensorRow(
        "segment_prod: slopes",
        "torch.segment_reduce(x, 'prod', lengths=torch.tensor([2, 1, 3]))",
        "jax.ops.segment_prod(x, jnp.array([0, 0, 1, 2, 2, 2]), num_segments=3)",
        in_segments(np.prod, [2, 3, 6]),
        inputs=(*shaped((6,)), fixed("one zero", [2.0, 0.0, 1.5, 0.0, 3.0, -1.0])),
        unsupported={"jax": "no derivative where indices come twice: NotImplementedError"},
    ),
    TensorRow(
        "segment_mean",
        "torch.segment_reduce(x, 'mean', lengths=torch.tensor([2, 1, 3]))",
        "jax.ops.segment_sum(x, jnp.array([0, 0, 1, 2, 2, 2]), num_segments=3) / jnp.array([2, 1, 3])",
        in_segments(mean, [2, 3, 6]),
        inputs=shaped((6,)),
    ),
    TensorRow(
        "segment_sum: not in order",
        "torch.zeros(3, 3, dtype=x.dtype).index_add(0, torch.tensor([2, 0, 2, 0]), x)",
        "jax.ops.segment_sum(x, jnp.array([2, 0, 2, 0]), num_segments=3)",
        lambda x: np.stack([x[1] + x[3], zeros((3,)), x[0] + x[2]]),
        inputs=MATRIX,
    ),
)

OUT_OF_BOUNDS = (
    TensorRow(
        "x[i]: out of bounds",
        "x[torch.tensor([0, 9])]",
        "x[jnp.array([0, 9])]",
        lambda x: x[[0, 3]],
        inputs=MATRIX,
        note="JAX documents that an index beyond the end is the last one",
        unsupported=RAISES,
    ),
    TensorRow(
        "at[].get: clip",
        "x[torch.tensor([-9, 9])]",
        "x.at[jnp.array([-9, 9])].get(mode='clip')",
        lambda x: x[[0, 3]],
        inputs=MATRIX,
        unsupported=RAISES,
    ),
    TensorRow(
        "at[].add: out of bounds",
        "torch.index_add(x, 0, torch.tensor([0, 9, 1]), y)",
        "x.at[jnp.array([0, 9, 1])].add(y)",
        lambda x, y: added(x, [0, 1], y[[0, 2]]),
        inputs=WITH_ROWS,
        note="JAX documents that it leaves out updates beyond the end",
        unsupported=RAISES,
    ),
    TensorRow(
        "at[].set: clip",
        "x.index_copy(0, torch.tensor([0, 9, 1]), y)",
        "x.at[jnp.array([0, 9, 1])].set(y, mode='clip')",
        lambda x, y: put(x, [0, 3, 1], y),
        inputs=WITH_ROWS,
        unsupported=RAISES,
    ),
    TensorRow(
        "one_hot: out of bounds",
        "F.one_hot(torch.tensor([0, 9]), 4).to(x.dtype) @ x",
        "jax.nn.one_hot(jnp.array([0, 9]), 4, dtype=x.dtype) @ x",
        lambda x: np.stack([x[0], zeros((3,))]),
        inputs=shaped((4, 3), skip=(*SOME, "an infinity", "a NaN")),
        note="JAX documents zeros",
        unsupported={"torch": "raises RuntimeError: the class is not below num_classes"},
    ),
)

INDEXING: tuple[TensorRow, ...] = (*GATHERED, *MASKED, *SCATTERED, *SEGMENTS, *OUT_OF_BOUNDS)
