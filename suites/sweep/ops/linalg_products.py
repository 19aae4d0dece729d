"""Products of vectors, matrices and batches of them; traces and diagonals."""

import mpmath as mp
import numpy as np

from ..formulas.matrices import einsum
from ..tensors import HUGE, TensorRow, fixed, shaped
from .inputs import products

PRODUCTS: tuple[TensorRow, ...] = (
    TensorRow(
        "dot",
        "torch.dot(x, y)",
        "jnp.dot(x, y)",
        lambda x, y: x @ y,
        inputs=(*products((5,), (5,)), *products((1,), (1,)), fixed("empty", [], [])),
    ),
    TensorRow("vdot", "torch.vdot(x, y)", "jnp.vdot(x, y)", lambda x, y: x @ y, inputs=products((5,), (5,))),
    TensorRow(
        "vecdot",
        "torch.linalg.vecdot(x, y)",
        "jnp.linalg.vecdot(x, y)",
        lambda x, y: (x * y).sum(-1),
        inputs=products((2, 3), (2, 3)),
    ),
    TensorRow(
        "matmul: vector vector",
        "torch.matmul(x, y)",
        "jnp.matmul(x, y)",
        lambda x, y: x @ y,
        inputs=products((4,), (4,)),
    ),
    TensorRow(
        "matmul: matrix vector",
        "torch.matmul(x, y)",
        "jnp.matmul(x, y)",
        lambda x, y: x @ y,
        inputs=(*products((3, 4), (4,)), fixed("empty", np.zeros((3, 0)), [])),
    ),
    TensorRow(
        "matmul: vector matrix",
        "torch.matmul(x, y)",
        "jnp.matmul(x, y)",
        lambda x, y: x @ y,
        inputs=products((4,), (4, 3)),
    ),
    TensorRow(
        "matmul: matrix matrix",
        "torch.matmul(x, y)",
        "jnp.matmul(x, y)",
        lambda x, y: x @ y,
        inputs=(*products((3, 4), (4, 2)), fixed("empty", np.zeros((3, 0)), np.zeros((0, 2)))),
    ),
    TensorRow(
        "matmul: batched",
        "torch.matmul(x, y)",
        "jnp.matmul(x, y)",
        lambda x, y: x @ y,
        inputs=products((2, 2, 2), (2, 2, 2)),
    ),
    TensorRow(
        "matmul: batched, broadcast",
        "torch.matmul(x, y)",
        "jnp.matmul(x, y)",
        lambda x, y: x @ y,
        inputs=products((2, 1, 1, 3), (2, 3, 1)),
    ),
    TensorRow(
        "matmul: batch vector",
        "torch.matmul(x, y)",
        "jnp.matmul(x, y)",
        lambda x, y: x @ y,
        inputs=products((2, 2, 3), (3,)),
    ),
    TensorRow("mm", "torch.mm(x, y)", "x @ y", lambda x, y: x @ y, inputs=products((2, 3), (3, 2))),
    TensorRow("mv", "torch.mv(x, y)", "x @ y", lambda x, y: x @ y, inputs=products((3, 3), (3,))),
    TensorRow(
        "bmm", "torch.bmm(x, y)", "lax.batch_matmul(x, y)", lambda x, y: x @ y, inputs=products((2, 1, 3), (2, 3, 1))
    ),
    TensorRow(
        "addmm",
        "torch.addmm(z, x, y, beta=0.5, alpha=2.0)",
        "0.5 * z + 2.0 * (x @ y)",
        lambda x, y, z: mp.mpf(0.5) * z + 2 * (x @ y),
        inputs=products((2, 3), (3, 2), (2, 2)),
    ),
    TensorRow(
        "addmm: beta 0",
        "torch.addmm(torch.full((2, 2), torch.nan, dtype=x.dtype), x, y, beta=0.0)",
        "x @ y",
        lambda x, y: x @ y,
        inputs=products((2, 3), (3, 2)),
        note="torch documents that the input is ignored at beta = 0, NaN in it included",
    ),
    TensorRow(
        "addmv",
        "torch.addmv(z, x, y, beta=0.5, alpha=2.0)",
        "0.5 * z + 2.0 * (x @ y)",
        lambda x, y, z: mp.mpf(0.5) * z + 2 * (x @ y),
        inputs=products((2, 3), (3,), (2,)),
    ),
    TensorRow(
        "addr",
        "torch.addr(z, x, y, beta=0.5, alpha=2.0)",
        "0.5 * z + 2.0 * jnp.outer(x, y)",
        lambda x, y, z: mp.mpf(0.5) * z + 2 * np.outer(x, y),
        inputs=products((2,), (3,), (2, 3)),
    ),
    TensorRow(
        "baddbmm",
        "torch.baddbmm(z, x, y, beta=0.5, alpha=2.0)",
        "0.5 * z + 2.0 * lax.batch_matmul(x, y)",
        lambda x, y, z: mp.mpf(0.5) * z + 2 * (x @ y),
        inputs=products((2, 1, 3), (2, 3, 1), (2, 1, 1)),
    ),
    TensorRow(
        "addbmm",
        "torch.addbmm(z, x, y, beta=0.5, alpha=2.0)",
        "0.5 * z + 2.0 * jnp.einsum('bij,bjk->ik', x, y)",
        lambda x, y, z: mp.mpf(0.5) * z + 2 * (x @ y).sum(0),
        inputs=products((2, 1, 3), (2, 3, 1), (1, 1)),
    ),
    TensorRow("inner", "torch.inner(x, y)", "jnp.inner(x, y)", lambda x, y: x @ y.T, inputs=products((3, 2), (4, 2))),
    TensorRow(
        "tensordot: one axis",
        "torch.tensordot(x, y, dims=1)",
        "jnp.tensordot(x, y, axes=1)",
        lambda x, y: np.tensordot(x, y, 1),
        inputs=products((2, 1, 3), (3, 2)),
    ),
    TensorRow(
        "tensordot: two axes",
        "torch.tensordot(x, y, dims=2)",
        "jnp.tensordot(x, y, axes=2)",
        lambda x, y: np.tensordot(x, y, 2),
        inputs=products((2, 2, 3), (2, 3)),
    ),
    TensorRow(
        "tensordot: pairs of axes",
        "torch.tensordot(x, y, dims=([0, 2], [1, 0]))",
        "jnp.tensordot(x, y, axes=([0, 2], [1, 0]))",
        lambda x, y: np.tensordot(x, y, ([0, 2], [1, 0])),
        inputs=products((2, 2, 3), (3, 2)),
    ),
    TensorRow(
        "einsum: trace", "torch.einsum('ii->', x)", "jnp.einsum('ii->', x)", einsum("ii->"), inputs=shaped((3, 3))
    ),
    TensorRow(
        "einsum: diagonal", "torch.einsum('ii->i', x)", "jnp.einsum('ii->i', x)", einsum("ii->i"), inputs=shaped((3, 3))
    ),
    TensorRow(
        "einsum: transposed",
        "torch.einsum('ij->ji', x)",
        "jnp.einsum('ij->ji', x)",
        einsum("ij->ji"),
        inputs=shaped((2, 3)),
    ),
    TensorRow(
        "einsum: row sums", "torch.einsum('ij->i', x)", "jnp.einsum('ij->i', x)", einsum("ij->i"), inputs=shaped((2, 3))
    ),
    TensorRow(
        "einsum: matrix product",
        "torch.einsum('ij,jk->ik', x, y)",
        "jnp.einsum('ij,jk->ik', x, y)",
        einsum("ij,jk->ik"),
        inputs=products((2, 3), (3, 2)),
    ),
    TensorRow(
        "einsum: outer product",
        "torch.einsum('i,j->ij', x, y)",
        "jnp.einsum('i,j->ij', x, y)",
        einsum("i,j->ij"),
        inputs=products((2,), (3,)),
    ),
    TensorRow(
        "einsum: ellipsis",
        "torch.einsum('...ij,...j->...i', x, y)",
        "jnp.einsum('...ij,...j->...i', x, y)",
        einsum("...ij,...j->...i"),
        inputs=products((2, 2, 3), (2, 3)),
    ),
    TensorRow(
        "einsum: bilinear",
        "torch.einsum('i,ij,j->', x, y, z)",
        "jnp.einsum('i,ij,j->', x, y, z)",
        einsum("i,ij,j->"),
        inputs=shaped((2,), (2, 3), (3,), skip=(HUGE,)),
    ),
    TensorRow(
        "einsum: all summed",
        "torch.einsum('ij,ij->', x, y)",
        "jnp.einsum('ij,ij->', x, y)",
        einsum("ij,ij->"),
        inputs=products((2, 3), (2, 3)),
    ),
    TensorRow(
        "multi_dot",
        "torch.linalg.multi_dot([x, y, z])",
        "jnp.linalg.multi_dot([x, y, z])",
        lambda x, y, z: x @ y @ z,
        inputs=shaped((2, 3), (3, 2), (2, 3), skip=(HUGE,)),
    ),
    TensorRow(
        "cross",
        "torch.linalg.cross(x, y)",
        "jnp.cross(x, y)",
        lambda x, y: np.stack([x[:, i - 2] * y[:, i - 1] - x[:, i - 1] * y[:, i - 2] for i in range(3)], 1),
        inputs=products((2, 3), (2, 3)),
    ),
    TensorRow("trace", "torch.trace(x)", "jnp.trace(x)", lambda x: np.trace(x), inputs=shaped((2, 3))),
    TensorRow(
        "linalg diagonal",
        "torch.linalg.diagonal(x, offset=1)",
        "jnp.linalg.diagonal(x, offset=1)",
        lambda x: np.diagonal(x, 1),
        inputs=shaped((2, 3)),
    ),
)
