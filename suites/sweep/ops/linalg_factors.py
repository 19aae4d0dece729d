"""Factorizations, singular values, norms, eigenvalues, powers and functions of matrices."""

import numpy as np

from ..formulas.arrays import eye
from ..formulas.factors import (
    cholesky,
    diagonal_of_r,
    eigenvalues,
    exponential,
    polar,
    rank,
    singular_values,
    spectral_condition,
)
from ..formulas.matrices import (
    definite,
    determinant,
    factor_solved,
    householder,
    inverse,
    matrix_power,
    projector,
    pseudoinverse,
)
from ..formulas.norms import column_sums, condition, frobenius, row_sums
from ..tensors import HUGE, TIES, TINY, ZEROS, TensorRow, fixed, shaped
from .inputs import (
    CLOSE,
    FULL_RANK,
    HILBERT,
    INVERTIBLE,
    MATRIX,
    NEARLY_SINGULAR,
    NOT_FINITE,
    REGULAR,
    SINGULAR,
    without,
)

NILPOTENT = [[0.0, 2.0, -3.0], [0.0, 0.0, 1.5], [0.0, 0.0, 0.0]]
# Ties of a minimum of sums of kinks leave many derivatives right.
UNTIED = shaped((2, 3), skip=(TIES, ZEROS))
DECOMPOSED = (
    *shaped((3, 3), skip=NOT_FINITE),
    fixed("one by one", [[-0.25]]),
    fixed("Hilbert", HILBERT),
    fixed("singular", SINGULAR),
)
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

FACTORS: tuple[TensorRow, ...] = (
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
        matrix_power(2),
        inputs=MATRIX,
    ),
    TensorRow(
        "matrix_power: 3",
        "torch.linalg.matrix_power(x, 3)",
        "jnp.linalg.matrix_power(x, 3)",
        matrix_power(3),
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
