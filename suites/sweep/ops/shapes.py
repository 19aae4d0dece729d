"""Moving, repeating, joining, cutting and choosing of entries; diagonals; products of every entry with every other."""

import mpmath as mp
import numpy as np

from ..formulas.placing import blocks, lower, on_diagonal, pairs, powers, upper
from ..tensors import TensorRow, each, fixed, shaped

PLAIN = shaped((3, 4), skip=("ties", "zeros", "tiny"))
ONE = shaped((1, 1), skip=("ties", "zeros", "tiny"))
NO_COLUMNS = (fixed("no columns", np.zeros((3, 0))),)
MATRIX = PLAIN + ONE + NO_COLUMNS
CUBE = shaped((2, 3, 2), skip=("ties", "zeros", "tiny"))
VECTOR = shaped((4,), skip=("ties", "tiny"))
TWO = shaped((3, 2), (3, 2), skip=("ties", "zeros", "tiny"))
VECTORS = shaped((3,), (4,))
EVERY_VECTOR = (*VECTORS, fixed("one and none", [2.0], np.zeros(0)), fixed("one each", [2.0], [-0.5]))
NO_BACKWARD = {"torch": "its backward raises RuntimeError: a variable that it needs has been modified in place"}


MOVED = (
    TensorRow("reshape", "torch.reshape(x, (4, 3))", "jnp.reshape(x, (4, 3))", lambda x: x.reshape(4, 3), inputs=PLAIN),
    TensorRow(
        "reshape: -1", "torch.reshape(x, (2, -1))", "jnp.reshape(x, (2, -1))", lambda x: x.reshape(2, -1), inputs=PLAIN
    ),
    TensorRow(
        "reshape: by columns",
        "torch.reshape(x.T, (6, 2)).T",
        "jnp.reshape(x, (2, 6), order='F')",
        lambda x: x.reshape(2, 6, order="F"),
        inputs=PLAIN,
    ),
    TensorRow("ravel", "torch.ravel(x)", "jnp.ravel(x)", np.ravel, inputs=MATRIX),
    TensorRow("ravel: a transpose", "torch.ravel(x.T)", "jnp.ravel(x.T)", lambda x: x.T.ravel(), inputs=MATRIX),
    TensorRow(
        "flatten: two axes", "torch.flatten(x, 1, 2)", "lax.collapse(x, 1, 3)", lambda x: x.reshape(2, 6), inputs=CUBE
    ),
    TensorRow(
        "unflatten",
        "torch.unflatten(x, 1, (2, 2))",
        "jnp.reshape(x, (*x.shape[:1], 2, 2))",
        lambda x: x.reshape(-1, 2, 2),
        inputs=PLAIN,
    ),
    TensorRow("transpose", "torch.transpose(x, 0, 1)", "jnp.transpose(x)", np.transpose, inputs=MATRIX),
    TensorRow(
        "permute",
        "torch.permute(x, (2, 0, 1))",
        "jnp.permute_dims(x, (2, 0, 1))",
        lambda x: x.transpose(2, 0, 1),
        inputs=CUBE,
    ),
    TensorRow(
        "moveaxis", "torch.moveaxis(x, 0, -1)", "jnp.moveaxis(x, 0, -1)", lambda x: np.moveaxis(x, 0, -1), inputs=CUBE
    ),
    TensorRow(
        "moveaxis: two",
        "torch.moveaxis(x, (0, 1), (2, 0))",
        "jnp.moveaxis(x, (0, 1), (2, 0))",
        lambda x: np.moveaxis(x, (0, 1), (2, 0)),
        inputs=CUBE,
    ),
    TensorRow(
        "swapaxes", "torch.swapaxes(x, 0, 2)", "jnp.swapaxes(x, 0, 2)", lambda x: np.swapaxes(x, 0, 2), inputs=CUBE
    ),
    TensorRow("matrix transpose", "x.mT", "jnp.matrix_transpose(x)", lambda x: np.swapaxes(x, 1, 2), inputs=CUBE),
    TensorRow("flip", "torch.flip(x, (0,))", "jnp.flip(x, 0)", lambda x: x[::-1], inputs=MATRIX),
    TensorRow("flip: both axes", "torch.flip(x, (0, 1))", "jnp.flip(x)", lambda x: x[::-1, ::-1], inputs=MATRIX),
    TensorRow("fliplr", "torch.fliplr(x)", "jnp.fliplr(x)", np.fliplr, inputs=MATRIX),
    TensorRow("flipud", "torch.flipud(x)", "lax.rev(x, (0,))", np.flipud, inputs=MATRIX),
    *(
        TensorRow(
            f"rot90: {k}",
            f"torch.rot90(x, {k}, (0, 1))",
            f"jnp.rot90(x, {k})",
            lambda x, k=k: np.rot90(x, k),
            inputs=MATRIX,
        )
        for k in (1, 2, -1)
    ),
    TensorRow("roll", "torch.roll(x, 1, 1)", "jnp.roll(x, 1, 1)", lambda x: np.roll(x, 1, 1), inputs=MATRIX),
    TensorRow("roll: of all", "torch.roll(x, 14)", "jnp.roll(x, 14)", lambda x: np.roll(x, 14), inputs=MATRIX),
    TensorRow(
        "roll: both axes",
        "torch.roll(x, (-1, 2), (0, 1))",
        "jnp.roll(x, (-1, 2), (0, 1))",
        lambda x: np.roll(x, (-1, 2), (0, 1)),
        inputs=MATRIX,
    ),
)

REPEATED = (
    TensorRow(
        "tile", "torch.tile(x, (2, 2))", "jnp.tile(x, (2, 2))", lambda x: np.tile(x, (2, 2)), inputs=PLAIN + NO_COLUMNS
    ),
    TensorRow("tile: last axis", "torch.tile(x, (2,))", "jnp.tile(x, 2)", lambda x: np.tile(x, 2), inputs=MATRIX),
    TensorRow(
        "repeat: a new axis",
        "x.repeat(2, 1, 2)",
        "jnp.tile(x, (2, 1, 2))",
        lambda x: np.tile(x, (2, 1, 2)),
        inputs=PLAIN + NO_COLUMNS,
    ),
    TensorRow(
        "tile: no times", "torch.tile(x, (0, 2))", "jnp.tile(x, (0, 2))", lambda x: np.tile(x, (0, 2)), inputs=MATRIX
    ),
    TensorRow(
        "repeat_interleave",
        "torch.repeat_interleave(x, 2, dim=1)",
        "jnp.repeat(x, 2, axis=1)",
        lambda x: np.repeat(x, 2, 1),
        inputs=MATRIX,
    ),
    TensorRow(
        "repeat_interleave: of all",
        "torch.repeat_interleave(x, 2)",
        "jnp.repeat(x, 2)",
        lambda x: np.repeat(x, 2),
        inputs=MATRIX,
    ),
    TensorRow(
        "repeat_interleave: counts",
        "torch.repeat_interleave(x, torch.tensor([1, 0, 3]), dim=0)",
        "jnp.repeat(x, jnp.array([1, 0, 3]), axis=0, total_repeat_length=4)",
        lambda x: x[[0, 2, 2, 2]],
        inputs=PLAIN + NO_COLUMNS,
    ),
    TensorRow(
        "expand", "x.expand(2, 3, 4)", "jnp.broadcast_to(x, (2, 3, 4))", lambda x: np.stack([x, x]), inputs=PLAIN
    ),
    TensorRow(
        "broadcast_to",
        "torch.broadcast_to(x, (3, 2, 4))",
        "jnp.broadcast_to(x, (3, 2, 4))",
        lambda x: np.broadcast_to(x, (3, 2, 4)),
        inputs=shaped((3, 1, 4)),
    ),
    TensorRow(
        "broadcast_tensors",
        "torch.broadcast_tensors(x, y)[0]",
        "jnp.broadcast_arrays(x, y)[0]",
        lambda x, y: np.broadcast_arrays(x, y)[0],
        inputs=shaped((3, 1), (4,)),
    ),
    TensorRow(
        "meshgrid: ij",
        "torch.meshgrid(x, y, indexing='ij')[0]",
        "jnp.meshgrid(x, y, indexing='ij')[0]",
        lambda x, y: np.meshgrid(x, y, indexing="ij")[0],
        inputs=EVERY_VECTOR,
    ),
    TensorRow(
        "meshgrid: xy",
        "torch.meshgrid(x, y, indexing='xy')[1]",
        "jnp.meshgrid(x, y, indexing='xy')[1]",
        lambda x, y: np.meshgrid(x, y, indexing="xy")[1],
        inputs=EVERY_VECTOR,
    ),
    TensorRow(
        "meshgrid default",
        "torch.meshgrid(x, y)[0]",
        "jnp.meshgrid(x, y)[0]",
        lambda x, y: np.meshgrid(x, y, indexing="ij")[0],
        inputs=shaped((4,), (4,)),
        note="defaults differ: torch, which the truth follows, means ij, jnp xy",
    ),
    TensorRow(
        "cartesian_prod",
        "torch.cartesian_prod(x, y)",
        "jnp.stack(jnp.meshgrid(x, y, indexing='ij'), -1).reshape(-1, 2)",
        pairs,
        inputs=VECTORS,
    ),
    TensorRow(
        "combinations",
        "torch.combinations(x, 2)",
        "jnp.stack([x[i] for i in jnp.triu_indices(4, 1)], 1)",
        lambda x: np.array([[x[i], x[j]] for i in range(4) for j in range(i + 1, 4)]),
        inputs=VECTOR,
    ),
)

JOINED = (
    *(
        TensorRow(
            f"{name}: axis {axis}",
            f"torch.{name}((x, y), {axis})",
            f"jnp.{jax}((x, y), {axis})",
            lambda x, y, numpy=numpy, axis=axis: numpy((x, y), axis),
            inputs=TWO,
        )
        for name, jax, numpy, axes in (
            ("stack", "stack", np.stack, (0, 1, -1)),
            ("cat", "concatenate", np.concatenate, (0, 1)),
        )
        for axis in axes
    ),
    TensorRow(
        "cat: with none",
        "torch.cat((x, y), 1)",
        "jnp.concatenate((x, y), 1)",
        lambda x, y: np.concatenate((x, y), 1),
        inputs=(fixed("none", np.zeros((2, 0)), [[1.0], [-2.0]]),),
    ),
    TensorRow("hstack", "torch.hstack((x, y))", "jnp.hstack((x, y))", lambda x, y: np.hstack((x, y)), inputs=TWO),
    TensorRow("vstack", "torch.vstack((x, y))", "jnp.vstack((x, y))", lambda x, y: np.vstack((x, y)), inputs=TWO),
    TensorRow("dstack", "torch.dstack((x, y))", "jnp.dstack((x, y))", lambda x, y: np.dstack((x, y)), inputs=TWO),
    TensorRow(
        "hstack: vectors", "torch.hstack((x, y))", "jnp.hstack((x, y))", lambda x, y: np.hstack((x, y)), inputs=VECTORS
    ),
    TensorRow(
        "column_stack: vectors",
        "torch.column_stack((x, y))",
        "jnp.column_stack((x, y))",
        lambda x, y: np.column_stack((x, y)),
        inputs=shaped((3,), (3,)),
    ),
    TensorRow(
        "block_diag", "torch.block_diag(x, y)", "jsp.linalg.block_diag(x, y)", blocks, inputs=shaped((2, 3), (1, 2))
    ),
    TensorRow("outer", "torch.outer(x, y)", "jnp.outer(x, y)", np.outer, inputs=EVERY_VECTOR),
    TensorRow(
        "kron", "torch.kron(x, y)", "jnp.kron(x, y)", np.kron, inputs=shaped((2, 2), (1, 3)) + shaped((1, 1), (2, 2))
    ),
    *(
        TensorRow(
            f"vander{name}{slopes}",
            f"torch.vander(x, {n}{options})",
            f"jnp.vander(x, {n}{options})",
            lambda x, exponents=exponents: powers(x, exponents),
            inputs=shaped((4,), skip=("huge",)),
            differentiable=bool(slopes),
            unsupported=NO_BACKWARD if slopes else {},
        )
        for name, n, options, exponents in (
            ("", 4, "", range(3, -1, -1)),
            (": increasing", 3, ", increasing=True", range(3)),
        )
        for slopes in ("", ", slopes")
    ),
)

CUT = (
    TensorRow("split", "torch.split(x, [1, 3], 1)[1]", "jnp.split(x, [1], 1)[1]", lambda x: x[:, 1:], inputs=PLAIN),
    TensorRow("split: equal", "torch.split(x, 2, 1)[1]", "jnp.split(x, 2, 1)[1]", lambda x: x[:, 2:], inputs=PLAIN),
    TensorRow(
        "split: unequal",
        "torch.tensor_split(x, 3, 1)[0]",
        "jnp.array_split(x, 3, 1)[0]",
        lambda x: x[:, :2],
        inputs=PLAIN,
    ),
    TensorRow("hsplit", "torch.hsplit(x, 2)[0]", "jnp.hsplit(x, 2)[0]", lambda x: x[:, :2], inputs=PLAIN),
    TensorRow("vsplit", "torch.vsplit(x, [1, 1])[1]", "jnp.vsplit(x, [1, 1])[1]", lambda x: x[1:1], inputs=PLAIN),
    TensorRow("unbind", "torch.unbind(x, 1)[2]", "jnp.unstack(x, axis=1)[2]", lambda x: x[:, 2], inputs=PLAIN),
    TensorRow("squeeze", "torch.squeeze(x)", "jnp.squeeze(x)", np.squeeze, inputs=shaped((1, 3, 1)) + ONE),
    TensorRow(
        "squeeze: axis 0", "torch.squeeze(x, 0)", "jnp.squeeze(x, 0)", lambda x: x[0], inputs=shaped((1, 3, 1)) + ONE
    ),
    TensorRow("unsqueeze", "torch.unsqueeze(x, 1)", "jnp.expand_dims(x, 1)", lambda x: x[:, None], inputs=MATRIX),
    TensorRow("atleast_2d", "torch.atleast_2d(x)", "jnp.atleast_2d(x)", np.atleast_2d, inputs=VECTOR),
    TensorRow("atleast_3d", "torch.atleast_3d(x)", "jnp.atleast_3d(x)", np.atleast_3d, inputs=VECTOR + MATRIX),
    TensorRow("slice", "x[1:, 1:3]", "x[1:, 1:3]", lambda x: x[1:, 1:3], inputs=MATRIX),
    TensorRow("slice: beyond the end", "x[1:9, -9:2]", "x[1:9, -9:2]", lambda x: x[1:9, -9:2], inputs=MATRIX),
    TensorRow("slice: steps", "x[::2, 1::2]", "x[::2, 1::2]", lambda x: x[::2, 1::2], inputs=MATRIX),
    TensorRow(
        "slice: negative steps",
        "torch.flip(x, (1,))[:, ::2]",
        "x[:, ::-2]",
        lambda x: x[:, ::-2],
        inputs=MATRIX,
    ),
    TensorRow("slice: new axes", "x[..., None, 1:]", "x[..., None, 1:]", lambda x: x[..., None, 1:], inputs=MATRIX),
    TensorRow(
        "narrow", "torch.narrow(x, 1, 1, 2)", "lax.slice_in_dim(x, 1, 3, axis=1)", lambda x: x[:, 1:3], inputs=PLAIN
    ),
    TensorRow(
        "select",
        "torch.select(x, 1, -1)",
        "lax.index_in_dim(x, -1, 1, keepdims=False)",
        lambda x: x[:, -1],
        inputs=PLAIN,
    ),
    TensorRow(
        "as_strided",
        "torch.as_strided(x, (3, 3), (3, 2), 1)",
        "jnp.ravel(x)[1 + 3 * jnp.arange(3)[:, None] + 2 * jnp.arange(3)]",
        lambda x: x.reshape(-1)[[[1 + 3 * i + 2 * j for j in range(3)] for i in range(3)]],
        inputs=PLAIN,
        note="entries overlap",
        of_memory=True,
    ),
    TensorRow(
        "windows",
        "x.unfold(1, 2, 1)",
        "jnp.stack([x[:, :-1], x[:, 1:]], -1)",
        lambda x: np.stack([x[:, :-1], x[:, 1:]], -1),
        inputs=PLAIN,
    ),
    TensorRow(
        "windows: steps",
        "x.unfold(0, 3, 2)",
        "x[2 * jnp.arange(3)[:, None] + jnp.arange(3)]",
        lambda x: np.stack([x[k : k + 3] for k in (0, 2, 4)]),
        inputs=shaped((7,)),
    ),
    TensorRow(
        "delete",
        "torch.cat((x[:1], x[2:]))",
        "jnp.delete(x, 1, axis=0)",
        lambda x: np.delete(x, 1, 0),
        inputs=PLAIN + NO_COLUMNS,
    ),
    TensorRow(
        "insert",
        "torch.cat((x[:, :2], y[:, None], x[:, 2:]), 1)",
        "jnp.insert(x, 2, y, axis=1)",
        lambda x, y: np.concatenate((x[:, :2], y[:, None], x[:, 2:]), 1),
        inputs=shaped((3, 4), (3,)),
    ),
)

DIAGONALS = (
    TensorRow("diagonal", "torch.diagonal(x)", "jnp.diagonal(x)", np.diagonal, inputs=MATRIX),
    TensorRow("diagonal: above", "torch.diagonal(x, 1)", "jnp.diagonal(x, 1)", lambda x: x.diagonal(1), inputs=PLAIN),
    TensorRow(
        "diagonal: of a cube",
        "torch.diagonal(x, -1, 1, 2)",
        "jnp.diagonal(x, -1, 1, 2)",
        lambda x: x.diagonal(-1, 1, 2),
        inputs=CUBE,
    ),
    TensorRow("diag: of a matrix", "torch.diag(x, -1)", "jnp.diag(x, -1)", lambda x: x.diagonal(-1), inputs=PLAIN),
    TensorRow("diag: of a vector", "torch.diag(x)", "jnp.diag(x)", on_diagonal, inputs=VECTOR),
    TensorRow("diag: below", "torch.diag(x, -2)", "jnp.diag(x, -2)", lambda x: on_diagonal(x, -2), inputs=VECTOR),
    TensorRow(
        "diagflat",
        "torch.diagflat(x, 1)",
        "jnp.diagflat(x, 1)",
        lambda x: on_diagonal(x.ravel(), 1),
        inputs=shaped((2, 2)),
    ),
    TensorRow(
        "diag_embed",
        "torch.diag_embed(x)",
        "x[..., None] * jnp.eye(x.shape[-1], dtype=x.dtype)",
        lambda x: np.stack([on_diagonal(row) for row in x]),
        inputs=shaped((2, 3)),
    ),
    *(
        TensorRow(
            f"{name}: {k}",
            f"torch.{name}(x, {k})",
            f"jnp.{name}(x, {k})",
            lambda x, f=f, k=k: f(x, k),
            inputs=MATRIX,
        )
        for name, f in (("tril", lower), ("triu", upper))
        for k in (0, 1, -1)
    ),
    TensorRow("tril: of a cube", "torch.tril(x)", "jnp.tril(x)", lower, inputs=CUBE),
    TensorRow(
        "fill_diagonal",
        "x.clone().fill_diagonal_(0.5)",
        "jnp.fill_diagonal(x, 0.5, inplace=False)",
        lambda x: np.where(np.eye(*x.shape) > 0, mp.mpf(0.5), x),
        inputs=PLAIN + ONE,
    ),
)

CHOSEN = (
    TensorRow(
        "where: the larger",
        "torch.where(x > y, x, y)",
        "jnp.where(x > y, x, y)",
        np.maximum,
        inputs=shaped((3, 1), (4,)),
    ),
    TensorRow(
        "where: a constant mask",
        "torch.where(torch.tensor([[True], [False], [True]]), x, y)",
        "jnp.where(jnp.array([[True], [False], [True]]), x, y)",
        lambda x, y: np.where([[True], [False], [True]], x, y),
        inputs=shaped((3, 1), (4,)),
    ),
    TensorRow(
        "where: a number",
        "torch.where(x > 0, x, 0.0)",
        "jnp.where(x > 0, x, 0.0)",
        lambda x: np.maximum(x, mp.mpf(0)),
        inputs=shaped((3, 4)),
    ),
    TensorRow(
        "nan_to_num: given numbers",
        "torch.nan_to_num(x, 1.0, 2.0, -2.0)",
        "jnp.nan_to_num(x, nan=1.0, posinf=2.0, neginf=-2.0)",
        lambda x: x,
        inputs=shaped((3, 4)),
    ),
    TensorRow(
        "select by conditions",
        "torch.where(x > 1, x, torch.where(x > -1, 0.5 * x + 0.5, 0))",
        "jnp.select([x > 1, x > -1], [x, 0.5 * x + 0.5], 0)",
        each(lambda v: v if v > 1 else max((v + 1) / 2, 0)),
        inputs=shaped((3, 4)),
    ),
)

SHAPES: tuple[TensorRow, ...] = (*MOVED, *REPEATED, *JOINED, *CUT, *DIAGONALS, *CHOSEN)
