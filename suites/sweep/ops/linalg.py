"""Products, determinants, inverses, solutions, factorizations, norms, eigenvalues and functions of matrices."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import HUGE, INFINITE, NAN_INSIDE, TIES, TINY, ZEROS, Input, TensorRow, fixed, shaped
from ..tensors import Exacts as Array
from ..truth import LEAST_EXPONENT

Matrices = Callable[..., Any]


def products(*shapes: tuple[int, ...], skip: tuple[str, ...] = ()) -> tuple[Input, ...]:
    """The usual inputs of products: in the place of all huge, which overflows, the first huge and the others tiny."""
    usual = shaped(*shapes, skip=(HUGE, *skip))

    def balanced(dtype: str) -> tuple[Array, ...]:
        first, *others = usual[0].make(dtype)
        k = int(-0.6 * LEAST_EXPONENT[dtype])
        return first * 2.0**k, *(x * 2.0**-k for x in others)

    return *usual, Input("huge by tiny", balanced)


def without(inputs: tuple[Input, ...], *names: str) -> tuple[Input, ...]:
    return tuple(i for i in inputs if i.name not in names)


def finite(f: Matrices) -> Matrices:
    """Undefined at infinities and NaN, where an iteration would not end."""

    def at(*xs: Array) -> Any:
        if not all(mp.isfinite(v) for x in xs for v in x.flat):
            raise ValueError("not finite")
        return f(*xs)

    return at


def determinant(a: Array) -> Any:
    """By Laplace's expansion, which no pivot disturbs."""
    if len(a) == 0:
        return mp.mpf(1)
    return mp.fsum(a[0, j] * (-1) ** j * determinant(_minor(a, 0, j)) for j in range(len(a)))


def _minor(a: Array, i: int, j: int) -> Array:
    return np.delete(np.delete(a, i, 0), j, 1)


def inverse(a: Array) -> Array:
    """By Cramer's rule; undefined for a singular matrix."""
    det, n = determinant(a), len(a)
    if det == 0:
        raise ZeroDivisionError("singular")
    entries = [(-1) ** (i + j) * determinant(_minor(a, j, i)) / det for i in range(n) for j in range(n)]
    return _shaped_like(entries, a)


def _shaped_like(entries: Any, a: Array) -> Array:
    out = np.empty(a.shape, dtype=object)
    out.reshape(-1)[:] = list(entries)
    return out


def eye(n: int) -> Array:
    return np.array([[mp.mpf(int(i == j)) for j in range(n)] for i in range(n)], dtype=object).reshape(n, n)


def solved(a: Array, b: Array) -> Any:
    return inverse(a) @ b


def cholesky(a: Array) -> Array:
    """The lower factor; undefined where the matrix is not positive definite."""
    lower = eye(len(a)) * 0
    for j in range(len(a)):
        square = a[j, j] - (lower[j, :j] ** 2).sum()
        if not square > 0:
            raise ValueError("not positive definite")
        lower[j, j] = mp.sqrt(square)
        for i in range(j + 1, len(a)):
            lower[i, j] = (a[i, j] - (lower[i, :j] * lower[j, :j]).sum()) / lower[j, j]
    return lower


def definite(x: Array) -> Array:
    return x @ x.T + eye(len(x)) * 2


def lower_solved(x: Array, y: Array) -> Any:
    return solved(np.tril(x), y)


def unit_lower(x: Array) -> Array:
    return np.tril(x, -1) + eye(len(x))


def factor_solved(x: Array, y: Array) -> Any:
    lower = np.tril(x)
    return solved(lower @ lower.T, y)


def diagonal_of_r(x: Array) -> Any:
    return np.diagonal(cholesky(x.T @ x))


def projector(x: Array) -> Any:
    return x @ inverse(x.T @ x) @ x.T


def pseudoinverse(x: Array) -> Any:
    return inverse(x.T @ x) @ x.T


def _plain(a: Array) -> Any:
    return mp.matrix(a.tolist())


def _array(m: Any) -> Array:
    return np.array(m.tolist(), dtype=object).reshape(m.rows, m.cols)


@finite
def singular_values(a: Array) -> Array:
    """In descending order; of zeros too."""
    s = mp.svd_r(_plain(a), compute_uv=False)
    return np.array(sorted(s, reverse=True), dtype=object)


@finite
def polar(a: Array) -> Array:
    u, s, v = mp.svd_r(_plain(a))
    if not min(s) > 0:
        raise ValueError("singular")
    return _array(u * v)


@finite
def eigenvalues(a: Array) -> Array:
    """Of a symmetric matrix, in ascending order."""
    return np.array(sorted(mp.eigsy(_plain(a), eigvals_only=True)), dtype=object)


@finite
def exponential(a: Array) -> Array:
    return _array(mp.expm(_plain(a)))


def condition(norm: Matrices) -> Matrices:
    return lambda a: norm(a) * norm(inverse(a))


def column_sums(a: Array) -> Any:
    return abs(a).sum(0)


def row_sums(a: Array) -> Any:
    return abs(a).sum(1)


def frobenius(a: Array) -> Any:
    return mp.sqrt((a * a).sum())


def spectral_condition(a: Array) -> Any:
    s = singular_values(a)
    return s[0] / s[-1]


def power(n: int) -> Matrices:
    return lambda a: reduce(np.matmul, [a] * n)


def log_abs_det(a: Array) -> Any:
    return mp.log(abs(determinant(a)))


def log_det(a: Array) -> Any:
    det = determinant(a)
    if det < 0:
        raise ValueError("negative determinant")
    return mp.log(det)


def rank(a: Array) -> Any:
    s = singular_values(a)
    return mp.mpf(sum(bool(v > mp.mpf("1e-3") * s[0]) for v in s))


def vandermonde(x: Array) -> Array:
    return np.array([[v**k for k in range(len(x))] for v in x], dtype=object)


def householder(v: Array, tau: Array) -> Array:
    """The first columns of the product of I - tau_k v_k v_k', where v_k starts with a one at k."""
    m, n = v.shape
    q = eye(m)
    for k in range(len(tau)):
        w = np.array([mp.mpf(int(i == k)) if i <= k else v[i, k] for i in range(m)], dtype=object)
        q = q @ (eye(m) - tau[k] * np.outer(w, w))
    return q[:, :n]


def batched(f: Matrices) -> Matrices:
    return lambda *xs: np.stack([np.asarray(f(*parts), dtype=object) for parts in zip(*xs, strict=True)])


def einsum(pattern: str) -> Matrices:
    return lambda *xs: np.einsum(pattern, *xs)


NOT_FINITE = (INFINITE, NAN_INSIDE)
HILBERT = [[1 / (i + j + 1) for j in range(3)] for i in range(3)]
NEARLY_SINGULAR = [[1.0, 1.0], [1.0, 1.0 + 2.0**-20]]
SINGULAR = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
# Half of a symmetric matrix with the eigenvalues 1, 1 + 1e-5 and 2.
_V = np.array([[1.0], [2.0], [-2.0]]) / 3
_Q = np.eye(3) - 2 * _V @ _V.T
CLOSE = _Q @ np.diag([0.5, 0.5 + 0.5e-5, 1.0]) @ _Q.T
NILPOTENT = [[0.0, 2.0, -3.0], [0.0, 0.0, 1.5], [0.0, 0.0, 0.0]]
REGULAR = [[2.0, -1.0, 0.5], [1.0, 3.0, -1.5], [-0.75, 1.0, 1.25]]

MATRIX = shaped((3, 3), skip=(HUGE,))
# Ties of a minimum of sums of kinks leave many derivatives right.
UNTIED = shaped((2, 3), skip=(TIES, ZEROS))
ONE = shaped((1, 1), skip=(HUGE,))
NOTHING = fixed("empty", np.zeros((0, 0)))
# torch raises an error for a singular matrix. The slope of the inverse of a tiny matrix overflows.
INVERTIBLE = (
    *shaped((3, 3), skip=(TIES, ZEROS, TINY, *NOT_FINITE)),
    fixed("one by one", [[0.25]]),
    fixed("Hilbert", HILBERT),
    fixed("nearly singular", NEARLY_SINGULAR),
)
SOLVABLE = (
    *shaped((3, 3), (3,), skip=(TIES, ZEROS, *NOT_FINITE)),
    fixed("Hilbert", HILBERT, [1.0, -2.0, 0.5]),
    fixed("nearly singular", NEARLY_SINGULAR, [1.0, -2.0]),
    fixed("zero right side", REGULAR, [0.0, 0.0, 0.0]),
    fixed("rows of unlike size", [[2.0**-30, 2.0**-29], [2.0**30, -(2.0**30)]], [2.0**-30, 2.0**31]),
)
SOLVABLE_COLUMNS = (
    *shaped((3, 3), (3, 2), skip=(TIES, ZEROS, *NOT_FINITE)),
    fixed("Hilbert", HILBERT, [[1.0, 0.0], [-2.0, 0.0], [0.5, 1.0]]),
)
TRIANGULAR = (
    *shaped((3, 3), (3, 2), skip=(ZEROS, TIES)),
    fixed("Hilbert", HILBERT, [[1.0, 0.0], [-2.0, 0.0], [0.5, 1.0]]),
)
DECOMPOSED = (
    *shaped((3, 3), skip=NOT_FINITE),
    fixed("one by one", [[-0.25]]),
    fixed("Hilbert", HILBERT),
    fixed("singular", SINGULAR),
)
FULL_RANK = (*shaped((3, 2), skip=(TIES, ZEROS, *NOT_FINITE)), fixed("square", REGULAR))
SYMMETRIC = (
    *shaped((3, 3), skip=NOT_FINITE),
    fixed("one by one", [[-0.25]]),
    fixed("close", CLOSE),
    fixed("Hilbert", HILBERT),
)
DEFINITE = (*shaped((3, 3), skip=(HUGE, *NOT_FINITE)), fixed("one by one", [[0.5]]), fixed("Hilbert", HILBERT))
EXPONENTS = (
    *shaped((3, 3), skip=(HUGE, TIES, TINY, *NOT_FINITE)),
    fixed("one by one", [[-0.25]]),
    fixed("nilpotent", NILPOTENT),
    fixed("stiff", [[-1.0, 30.0, 0.0], [0.0, -60.0, 0.0], [1.0, 0.0, -2.0]]),
)
EIGENVALUES = (
    *shaped((3, 3), skip=(HUGE, *NOT_FINITE)),
    fixed("complex", [[1.0, -2.0], [2.0, 1.0]]),
    fixed("close", CLOSE),
)

LINALG: tuple[TensorRow, ...] = (
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
    TensorRow(
        "det",
        "torch.linalg.det(x)",
        "jnp.linalg.det(x)",
        determinant,
        inputs=(*MATRIX, *ONE, fixed("singular", SINGULAR), fixed("Hilbert", HILBERT)),
    ),
    TensorRow(
        "det of nothing",
        "torch.linalg.det(x)",
        "jnp.linalg.det(x)",
        determinant,
        inputs=(NOTHING,),
        unsupported={"jax": "jnp.linalg.det of shape (0, 0) raises an IndexError"},
    ),
    TensorRow(
        "det of order 4",
        "torch.linalg.det(x)",
        "jnp.linalg.det(x)",
        determinant,
        inputs=(
            *shaped((4, 4), skip=(HUGE, TIES, *NOT_FINITE)),
            fixed("singular", np.arange(16.0).reshape(4, 4) ** 2 % 7 * [[1.0], [1.0], [1.0], [0.0]]),
        ),
    ),
    TensorRow(
        "det: batched",
        "torch.det(x)",
        "jnp.linalg.det(x)",
        batched(determinant),
        inputs=shaped((2, 2, 2), skip=(HUGE,)),
    ),
    TensorRow(
        "det by lu",
        "torch.linalg.lu_factor(x)[0].diagonal().prod().abs()",
        "jnp.abs(jnp.prod(jnp.diagonal(jsp.linalg.lu_factor(x)[0])))",
        lambda x: abs(determinant(x)),
        inputs=without(INVERTIBLE, HUGE),
    ),
    TensorRow(
        "slogdet: sign",
        "torch.linalg.slogdet(x)[0]",
        "jnp.linalg.slogdet(x)[0]",
        lambda x: mp.sign(determinant(x)),
        inputs=(*shaped((3, 3)), *ONE, NOTHING),
        differentiable=False,
    ),
    TensorRow(
        "slogdet: logabsdet",
        "torch.linalg.slogdet(x)[1]",
        "jnp.linalg.slogdet(x)[1]",
        log_abs_det,
        inputs=(*INVERTIBLE, NOTHING),
    ),
    TensorRow(
        "slogdet: logabsdet of a singular matrix",
        "torch.linalg.slogdet(x)[1]",
        "jnp.linalg.slogdet(x)[1]",
        log_abs_det,
        inputs=(*shaped((3, 3)), *ONE),
        differentiable=False,
    ),
    TensorRow(
        "logdet",
        "torch.logdet(x)",
        "jnp.log(jnp.linalg.det(x))",
        log_det,
        inputs=without(INVERTIBLE, HUGE),
    ),
    TensorRow("inv", "torch.linalg.inv(x)", "jnp.linalg.inv(x)", inverse, inputs=INVERTIBLE),
    TensorRow(
        "inv: batched",
        "torch.linalg.inv(x)",
        "jnp.linalg.inv(x)",
        batched(inverse),
        inputs=shaped((2, 2, 2), skip=(TIES, ZEROS, TINY, *NOT_FINITE)),
    ),
    TensorRow(
        "tensorinv",
        "torch.linalg.tensorinv(x, ind=1)",
        "jnp.linalg.tensorinv(x, ind=1)",
        lambda x: inverse(x.reshape(4, 4).astype(object)).reshape(2, 2, 4),
        inputs=(
            fixed(
                "ordinary",
                [
                    [[4.0, 1.0], [0.5, -1.0]],
                    [[1.0, 3.0], [-0.5, 0.25]],
                    [[0.0, 1.5], [2.0, 1.0]],
                    [[-1.0, 0.5], [1.0, 5.0]],
                ],
            ),
        ),
    ),
    TensorRow(
        "pinv of full rank",
        "torch.linalg.pinv(x)",
        "jnp.linalg.pinv(x)",
        pseudoinverse,
        inputs=(*without(FULL_RANK, TINY), fixed("Hilbert", HILBERT)),
    ),
    TensorRow(
        "pinv: wide",
        "torch.linalg.pinv(x)",
        "jnp.linalg.pinv(x)",
        lambda x: pseudoinverse(x.T).T,
        inputs=shaped((2, 3), skip=(TIES, ZEROS, TINY, *NOT_FINITE)),
    ),
    TensorRow(
        "pinv of rank one",
        "torch.linalg.pinv(torch.outer(x, y), rtol=1e-4)",
        "jnp.linalg.pinv(jnp.outer(x, y), rtol=1e-4)",
        lambda x, y: np.outer(y, x) / ((x @ x) * (y @ y)),
        inputs=shaped((3,), (2,), skip=(HUGE, TINY, ZEROS, *NOT_FINITE)),
    ),
    TensorRow("solve: vector", "torch.linalg.solve(x, y)", "jnp.linalg.solve(x, y)", solved, inputs=SOLVABLE),
    TensorRow("solve: matrix", "torch.linalg.solve(x, y)", "jnp.linalg.solve(x, y)", solved, inputs=SOLVABLE_COLUMNS),
    TensorRow(
        "solve: batched",
        "torch.linalg.solve(x, y)",
        "jnp.linalg.solve(x, y)",
        batched(solved),
        inputs=shaped((2, 2, 2), (2, 2, 1), skip=(TIES, ZEROS, *NOT_FINITE)),
    ),
    TensorRow(
        "tensorsolve",
        "torch.linalg.tensorsolve(x, y)",
        "jnp.linalg.tensorsolve(x, y)",
        lambda x, y: solved(x.reshape(3, 3), y),
        inputs=(fixed("ordinary", np.reshape(REGULAR, (3, 1, 3)), [1.0, -2.0, 0.5]),),
    ),
    TensorRow(
        "lu_solve",
        "torch.linalg.lu_solve(*torch.linalg.lu_factor(x), y)",
        "jsp.linalg.lu_solve(jsp.linalg.lu_factor(x), y)",
        solved,
        inputs=SOLVABLE_COLUMNS,
    ),
    TensorRow(
        "lu: product",
        "(lambda p, l, u: p @ l @ u)(*torch.linalg.lu(x))",
        "(lambda p, l, u: p @ l @ u)(*jsp.linalg.lu(x))",
        lambda x: x,
        inputs=INVERTIBLE,
    ),
    TensorRow(
        "solve: vander",
        "torch.linalg.solve(torch.linalg.vander(x), y)",
        "jnp.linalg.solve(jnp.vander(x, increasing=True), y)",
        lambda x, y: solved(vandermonde(x), y),
        inputs=(
            fixed("ordinary", [-1.0, 0.5, 2.0], [1.0, -0.25, 3.0]),
            fixed("close", [1.0, 1.0 + 2.0**-10, 2.0], [1.0, -0.25, 3.0]),
        ),
    ),
    TensorRow(
        "solve_triangular: lower",
        "torch.linalg.solve_triangular(x, y, upper=False)",
        "jsp.linalg.solve_triangular(x, y, lower=True)",
        lower_solved,
        inputs=TRIANGULAR,
    ),
    TensorRow(
        "solve_triangular: upper",
        "torch.linalg.solve_triangular(x, y, upper=True)",
        "jsp.linalg.solve_triangular(x, y, lower=False)",
        lambda x, y: solved(np.triu(x), y),
        inputs=TRIANGULAR,
    ),
    TensorRow(
        "solve_triangular: transposed",
        "torch.linalg.solve_triangular(x.mT, y, upper=True)",
        "jsp.linalg.solve_triangular(x, y, trans=1, lower=True)",
        lambda x, y: solved(np.tril(x).T, y),
        inputs=TRIANGULAR,
    ),
    TensorRow(
        "solve_triangular: unit diagonal",
        "torch.linalg.solve_triangular(x, y, upper=False, unitriangular=True)",
        "jsp.linalg.solve_triangular(x, y, lower=True, unit_diagonal=True)",
        lambda x, y: solved(unit_lower(x), y),
        inputs=shaped((3, 3), (3, 2), skip=(HUGE,)),
    ),
    TensorRow(
        "solve_triangular: right",
        "torch.linalg.solve_triangular(x, y.mT, upper=False, left=False)",
        "lax.linalg.triangular_solve(x, y.mT, left_side=False, lower=True)",
        lambda x, y: y.T @ inverse(np.tril(x)),
        inputs=TRIANGULAR,
    ),
    TensorRow(
        "cholesky",
        "torch.linalg.cholesky(x @ x.T + 2 * torch.eye(x.shape[0], dtype=x.dtype))",
        "jnp.linalg.cholesky(x @ x.T + 2 * jnp.eye(x.shape[0], dtype=x.dtype))",
        lambda x: cholesky(definite(x)),
        inputs=DEFINITE,
    ),
    TensorRow(
        "cholesky: upper",
        "torch.linalg.cholesky(x @ x.T + 2 * torch.eye(x.shape[0], dtype=x.dtype), upper=True)",
        "jnp.linalg.cholesky(x @ x.T + 2 * jnp.eye(x.shape[0], dtype=x.dtype), upper=True)",
        lambda x: cholesky(definite(x)).T,
        inputs=DEFINITE[:1],
    ),
    TensorRow(
        "cholesky: symmetrized",
        "torch.linalg.cholesky(x + x.T)",
        "jnp.linalg.cholesky(x + x.T)",
        lambda x: cholesky(x + x.T),
        inputs=(fixed("Hilbert", HILBERT), fixed("close", CLOSE), fixed("nearly singular", NEARLY_SINGULAR)),
    ),
    TensorRow(
        "cholesky_solve",
        "torch.cholesky_solve(y, x)",
        "jsp.linalg.cho_solve((x, True), y)",
        factor_solved,
        inputs=(
            *shaped((3, 3), (3, 2), skip=(TIES, ZEROS, HUGE, TINY, *NOT_FINITE)),
            fixed("Hilbert", HILBERT, [[1.0, 0.0], [-2.0, 0.0], [0.5, 1.0]]),
        ),
    ),
    TensorRow(
        "cholesky_inverse",
        "torch.cholesky_inverse(x)",
        "jsp.linalg.cho_solve((x, True), jnp.eye(3, dtype=x.dtype))",
        lambda x: factor_solved(x, eye(3)),
        inputs=(fixed("ordinary", REGULAR), fixed("Hilbert", HILBERT)),
    ),
    TensorRow(
        "qr: diagonal of r",
        "torch.linalg.qr(x)[1].diagonal().abs()",
        "jnp.abs(jnp.diagonal(jnp.linalg.qr(x)[1]))",
        diagonal_of_r,
        inputs=FULL_RANK,
    ),
    TensorRow(
        "qr: r of positive diagonal",
        "(lambda r: torch.sign(r.diagonal())[:, None] * r)(torch.linalg.qr(x)[1])",
        "(lambda r: jnp.sign(jnp.diagonal(r))[:, None] * r)(jnp.linalg.qr(x)[1])",
        lambda x: cholesky(x.T @ x).T,
        inputs=FULL_RANK,
    ),
    TensorRow(
        "qr: product",
        "torch.matmul(*torch.linalg.qr(x))",
        "jnp.matmul(*jnp.linalg.qr(x))",
        lambda x: x,
        inputs=FULL_RANK,
    ),
    TensorRow(
        "qr: projector",
        "(lambda q: q @ q.T)(torch.linalg.qr(x)[0])",
        "(lambda q: q @ q.T)(jnp.linalg.qr(x)[0])",
        projector,
        inputs=without(FULL_RANK, "square"),
    ),
    TensorRow(
        "householder_product",
        "torch.linalg.householder_product(x, y)",
        "lax.linalg.householder_product(x, y)",
        householder,
        inputs=shaped((3, 2), (2,), skip=(HUGE, *NOT_FINITE)),
        differentiable=False,
    ),
    TensorRow("svdvals", "torch.linalg.svdvals(x)", "jnp.linalg.svdvals(x)", singular_values, inputs=DECOMPOSED),
    TensorRow(
        "svd: product",
        "(lambda u, s, v: u @ torch.diag(s) @ v)(*torch.linalg.svd(x, full_matrices=False))",
        "(lambda u, s, v: u @ jnp.diag(s) @ v)(*jnp.linalg.svd(x, full_matrices=False))",
        lambda x: x,
        inputs=(*without(DECOMPOSED, TIES), *shaped((3, 2), skip=(HUGE, *NOT_FINITE))),
    ),
    TensorRow(
        "svd: polar factor",
        "(lambda u, s, v: u @ v)(*torch.linalg.svd(x, full_matrices=False))",
        "(lambda u, s, v: u @ v)(*jnp.linalg.svd(x, full_matrices=False))",
        polar,
        inputs=(
            *shaped((3, 2), skip=(ZEROS, TIES, *NOT_FINITE)),
            fixed("Hilbert", HILBERT),
            fixed("orthogonal", [[0.0, -1.0], [1.0, 0.0]]),
        ),
    ),
    TensorRow(
        "matrix norm: nuclear",
        "torch.linalg.matrix_norm(x, ord='nuc')",
        "jnp.linalg.matrix_norm(x, ord='nuc')",
        lambda x: singular_values(x).sum(),
        inputs=DECOMPOSED,
    ),
    TensorRow(
        "matrix norm: 2",
        "torch.linalg.matrix_norm(x, ord=2)",
        "jnp.linalg.matrix_norm(x, ord=2)",
        lambda x: singular_values(x)[0],
        inputs=DECOMPOSED,
    ),
    TensorRow(
        "matrix norm: -2",
        "torch.linalg.matrix_norm(x, ord=-2)",
        "jnp.linalg.matrix_norm(x, ord=-2)",
        lambda x: singular_values(x)[-1],
        inputs=without(DECOMPOSED, ZEROS),
    ),
    TensorRow(
        "matrix norm: fro",
        "torch.linalg.matrix_norm(x)",
        "jnp.linalg.matrix_norm(x)",
        frobenius,
        inputs=shaped((2, 3)),
    ),
    TensorRow(
        "matrix norm: 1",
        "torch.linalg.matrix_norm(x, ord=1)",
        "jnp.linalg.matrix_norm(x, ord=1)",
        lambda x: column_sums(x).max(),
        inputs=shaped((2, 3)),
    ),
    TensorRow(
        "matrix norm: -1",
        "torch.linalg.matrix_norm(x, ord=-1)",
        "jnp.linalg.matrix_norm(x, ord=-1)",
        lambda x: column_sums(x).min(),
        inputs=UNTIED,
    ),
    TensorRow(
        "matrix norm: inf",
        "torch.linalg.matrix_norm(x, ord=torch.inf)",
        "jnp.linalg.matrix_norm(x, ord=jnp.inf)",
        lambda x: row_sums(x).max(),
        inputs=shaped((2, 3)),
    ),
    TensorRow(
        "matrix norm: -inf",
        "torch.linalg.matrix_norm(x, ord=-torch.inf)",
        "jnp.linalg.matrix_norm(x, ord=-jnp.inf)",
        lambda x: row_sums(x).min(),
        inputs=UNTIED,
    ),
    TensorRow(
        "cond",
        "torch.linalg.cond(x)",
        "jnp.linalg.cond(x)",
        spectral_condition,
        inputs=(*INVERTIBLE, fixed("close", CLOSE)),
    ),
    TensorRow(
        "cond: 1",
        "torch.linalg.cond(x, 1)",
        "jnp.linalg.cond(x, 1)",
        condition(lambda x: column_sums(x).max()),
        inputs=INVERTIBLE,
        differentiable=False,
    ),
    TensorRow(
        "cond: 1, with its gradient",
        "torch.linalg.cond(x, 1)",
        "jnp.linalg.cond(x, 1)",
        condition(lambda x: column_sums(x).max()),
        inputs=INVERTIBLE,
        unsupported={"torch": "its backward raises an error: the inverse is modified in place"},
    ),
    TensorRow(
        "cond: fro",
        "torch.linalg.cond(x, 'fro')",
        "jnp.linalg.cond(x, 'fro')",
        condition(frobenius),
        inputs=INVERTIBLE,
        differentiable=False,
    ),
    TensorRow(
        "cond: fro, with its gradient",
        "torch.linalg.cond(x, 'fro')",
        "jnp.linalg.cond(x, 'fro')",
        condition(frobenius),
        inputs=INVERTIBLE,
        unsupported={"torch": "its backward raises an error: the inverse is modified in place"},
    ),
    TensorRow(
        "eigvalsh",
        "torch.linalg.eigvalsh(x + x.T)",
        "jnp.linalg.eigvalsh(x + x.T)",
        lambda x: eigenvalues(x + x.T),
        inputs=without(SYMMETRIC, ZEROS),
    ),
    TensorRow(
        "eigh: exponential",
        "(lambda w, v: v @ torch.diag(torch.exp(w)) @ v.T)(*torch.linalg.eigh(x + x.T))",
        "(lambda w, v: v @ jnp.diag(jnp.exp(w)) @ v.T)(*jnp.linalg.eigh(x + x.T))",
        lambda x: exponential(x + x.T),
        inputs=without(SYMMETRIC, HUGE),
    ),
    TensorRow(
        "eigh: square",
        "(lambda w, v: v @ torch.diag(w * w) @ v.T)(*torch.linalg.eigh(x + x.T))",
        "(lambda w, v: v @ jnp.diag(w * w) @ v.T)(*jnp.linalg.eigh(x + x.T))",
        lambda x: (x + x.T) @ (x + x.T),
        inputs=without(SYMMETRIC, HUGE),
    ),
    TensorRow(
        "eigh: product",
        "(lambda w, v: v @ torch.diag(w) @ v.T)(*torch.linalg.eigh(x + x.T))",
        "(lambda w, v: v @ jnp.diag(w) @ v.T)(*jnp.linalg.eigh(x + x.T))",
        lambda x: x + x.T,
        inputs=SYMMETRIC,
    ),
    TensorRow(
        "eigvals: sum",
        "torch.linalg.eigvals(x).sum().real",
        "jnp.linalg.eigvals(x).sum().real",
        lambda x: np.trace(x),
        inputs=EIGENVALUES,
    ),
    TensorRow(
        "eigvals: product",
        "torch.linalg.eigvals(x).prod().real",
        "jnp.linalg.eigvals(x).prod().real",
        determinant,
        inputs=EIGENVALUES,
    ),
    TensorRow(
        "eigvals: sum of squares",
        "(torch.linalg.eigvals(x) ** 2).sum().real",
        "(jnp.linalg.eigvals(x) ** 2).sum().real",
        lambda x: np.trace(x @ x),
        inputs=EIGENVALUES,
    ),
    TensorRow(
        "eig: product",
        "(lambda w, v: (v @ torch.diag(w) @ torch.linalg.inv(v)).real)(*torch.linalg.eig(x))",
        "(lambda w, v: (v @ jnp.diag(w) @ jnp.linalg.inv(v)).real)"
        "(*lax.linalg.eig(x, compute_left_eigenvectors=False, enable_eigvec_derivs=True))",
        lambda x: x,
        inputs=without(EIGENVALUES, TIES, ZEROS),
    ),
    TensorRow(
        "matrix_power: 0",
        "torch.linalg.matrix_power(x, 0)",
        "jnp.linalg.matrix_power(x, 0)",
        lambda x: eye(len(x)),
        inputs=shaped((3, 3)),
    ),
    TensorRow(
        "matrix_power: 2",
        "torch.linalg.matrix_power(x, 2)",
        "jnp.linalg.matrix_power(x, 2)",
        power(2),
        inputs=MATRIX,
    ),
    TensorRow(
        "matrix_power: 3",
        "torch.linalg.matrix_power(x, 3)",
        "jnp.linalg.matrix_power(x, 3)",
        power(3),
        inputs=shaped((3, 3), skip=(HUGE, ZEROS)),
    ),
    TensorRow(
        "matrix_power: -1",
        "torch.linalg.matrix_power(x, -1)",
        "jnp.linalg.matrix_power(x, -1)",
        inverse,
        inputs=INVERTIBLE,
    ),
    TensorRow(
        "matrix_power: -2",
        "torch.linalg.matrix_power(x, -2)",
        "jnp.linalg.matrix_power(x, -2)",
        lambda x: inverse(x @ x),
        inputs=without(INVERTIBLE, HUGE),
    ),
    TensorRow("matrix_exp", "torch.linalg.matrix_exp(x)", "jsp.linalg.expm(x)", exponential, inputs=EXPONENTS),
    TensorRow(
        "matrix_rank",
        "torch.linalg.matrix_rank(x).to(x.dtype)",
        "jnp.linalg.matrix_rank(x).astype(x.dtype)",
        rank,
        inputs=(*DECOMPOSED, fixed("rank one", np.outer([1.0, -2.0, 3.0], [0.5, 4.0]))),
        differentiable=False,
    ),
    TensorRow(
        "lstsq",
        "torch.linalg.lstsq(x, y).solution",
        "jnp.linalg.lstsq(x, y)[0]",
        lambda x, y: pseudoinverse(x) @ y,
        inputs=(
            *shaped((4, 2), (4, 1), skip=(ZEROS, TIES, *NOT_FINITE)),
            fixed("square", REGULAR, [[1.0], [-2.0], [0.5]]),
        ),
    ),
)
