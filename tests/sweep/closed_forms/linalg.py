"""Products by loops and einsum, the rest by LAPACK through NumPy and SciPy."""

import math

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from .form import regular, spaced, table


def product(x, y):
    """Of two matrices, entry by entry."""
    return np.array([[math.fsum(a * b for a, b in zip(row, column, strict=True)) for column in y.T] for row in x])


def einsum(pattern):
    return lambda *xs: np.einsum(pattern, *xs)


def definite(x):
    return x @ x.T + 2 * np.eye(len(x))


def positive_r(x):
    r = np.linalg.qr(x)[1]
    return np.sign(np.diag(r))[:, None] * r


def norm(order):
    return lambda x: np.linalg.norm(x, order)


def condition(order):
    return lambda x: np.linalg.cond(x, order)


def joined(w, v):
    return (v * w) @ np.linalg.inv(v)


def twice_apart(rng, shapes):
    """Points of a polynomial, far from each other."""
    return [np.array([-1.5, 0.25, 1.75]) + rng.uniform(-0.25, 0.25, 3), *spaced(rng, shapes[1:])]


def as_operator(rng, shapes):
    """A tensor that is a regular matrix in another shape."""
    n = math.isqrt(math.prod(shapes[0]))
    (matrix,) = regular(rng, [(n, n)])
    return [matrix.reshape(shapes[0]), *spaced(rng, shapes[1:])]


PRODUCTS = {
    "dot": lambda x, y: math.fsum(x * y),
    "vdot": lambda x, y: math.fsum(x * y),
    "vecdot": einsum("ij,ij->i"),
    "matmul: vector vector": einsum("i,i"),
    "matmul: matrix vector": lambda x, y: product(x, y[:, None])[:, 0],
    "matmul: vector matrix": lambda x, y: product(x[None], y)[0],
    "matmul: matrix matrix": product,
    "matmul: batched": einsum("bij,bjk->bik"),
    "matmul: batched, broadcast": lambda x, y: np.einsum("aij,bjk->abik", x[:, 0], y),
    "matmul: batch vector": einsum("bij,j->bi"),
    "mm": product,
    "mv": einsum("ij,j->i"),
    "bmm": einsum("bij,bjk->bik"),
    "addmm": lambda x, y, z: z / 2 + 2 * product(x, y),
    "addmm: beta 0": product,
    "addmv": lambda x, y, z: z / 2 + 2 * np.einsum("ij,j->i", x, y),
    "addr": lambda x, y, z: z / 2 + 2 * np.multiply.outer(x, y),
    "baddbmm": lambda x, y, z: z / 2 + 2 * np.einsum("bij,bjk->bik", x, y),
    "addbmm": lambda x, y, z: z / 2 + 2 * np.einsum("bij,bjk->ik", x, y),
    "inner": np.inner,
    "tensordot: one axis": einsum("abi,ic->abc"),
    "tensordot: two axes": einsum("aij,ij->a"),
    "tensordot: pairs of axes": einsum("iaj,ji->a"),
    "einsum: trace": np.trace,
    "einsum: diagonal": np.diag,
    "einsum: transposed": np.transpose,
    "einsum: row sums": lambda x: np.sum(x, 1),
    "einsum: matrix product": product,
    "einsum: outer product": np.multiply.outer,
    "einsum: ellipsis": lambda x, y: np.stack([a @ b for a, b in zip(x, y, strict=True)]),
    "einsum: bilinear": lambda x, y, z: x @ y @ z,
    "einsum: all summed": lambda x, y: math.fsum((x * y).flat),
    "multi_dot": lambda x, y, z: product(product(x, y), z),
    "cross": np.cross,
    "trace": lambda x: x[0, 0] + x[1, 1],
    "linalg diagonal": lambda x: [x[0, 1], x[1, 2]],
}
SOLUTIONS = {
    "det": np.linalg.det,
    "det of order 4": np.linalg.det,
    "det: batched": np.linalg.det,
    "det by lu": lambda x: abs(np.linalg.det(x)),
    "slogdet: sign": lambda x: np.linalg.slogdet(x)[0],
    "slogdet: logabsdet": lambda x: np.linalg.slogdet(x)[1],
    "slogdet: logabsdet of a singular matrix": lambda x: np.linalg.slogdet(x)[1],
    "logdet": lambda x: math.log(np.linalg.det(x)),
    "inv": np.linalg.inv,
    "inv: batched": np.linalg.inv,
    "pinv of full rank": np.linalg.pinv,
    "pinv: wide": np.linalg.pinv,
    "solve: vector": np.linalg.solve,
    "solve: matrix": np.linalg.solve,
    "solve: batched": np.linalg.solve,
    "lu_solve": lambda x, y: linalg.lu_solve(linalg.lu_factor(x), y),
    "lu: product": lambda x: np.linalg.multi_dot(linalg.lu(x)),
    "solve_triangular: lower": lambda x, y: linalg.solve_triangular(x, y, lower=True),
    "solve_triangular: upper": linalg.solve_triangular,
    "solve_triangular: transposed": lambda x, y: linalg.solve_triangular(x, y, trans="T", lower=True),
    "solve_triangular: unit diagonal": lambda x, y: linalg.solve_triangular(x, y, lower=True, unit_diagonal=True),
    "solve_triangular: right": lambda x, y: linalg.solve_triangular(x, y, trans="T", lower=True).T,
    "matrix_power: -1": np.linalg.inv,
    "matrix_power: -2": lambda x: np.linalg.matrix_power(x, -2),
    "lstsq": lambda x, y: np.linalg.lstsq(x, y)[0],
}
FACTORS = {
    "cholesky": lambda x: np.linalg.cholesky(definite(x)),
    "cholesky: upper": lambda x: linalg.cholesky(definite(x)),
    "cholesky: symmetrized": lambda x: np.linalg.cholesky(x + x.T),
    "cholesky_solve": lambda x, y: linalg.cho_solve((x, True), y),
    "cholesky_inverse": lambda x: linalg.cho_solve((x, True), np.eye(len(x))),
    "qr: diagonal of r": lambda x: abs(np.diag(np.linalg.qr(x)[1])),
    "qr: r of positive diagonal": positive_r,
    "qr: product": lambda x: np.matmul(*np.linalg.qr(x)),
    "qr: projector": lambda x: linalg.orth(x) @ linalg.orth(x).T,
    "svdvals": linalg.svdvals,
    "svd: product": lambda x: np.linalg.multi_dot([(s := np.linalg.svd(x))[0], np.diag(s[1]), s[2]]),
    "svd: polar factor": lambda x: linalg.polar(x)[0],
    "cond": np.linalg.cond,
    "cond: 1": condition(1),
    "cond: 1, with its gradient": condition(1),
    "cond: fro": condition("fro"),
    "cond: fro, with its gradient": condition("fro"),
    "matrix_exp": linalg.expm,
    "matrix_rank": np.linalg.matrix_rank,
}
SPECTRA = {
    "householder_product": lambda v, tau: lapack.dorgqr(v, tau)[0],
    "matrix norm: fro": norm("fro"),
    "matrix norm: nuclear": norm("nuc"),
    **{f"matrix norm: {p}": norm(p) for p in (1, -1, 2, -2, math.inf, -math.inf)},
    "eigvalsh": lambda x: np.linalg.eigvalsh(x + x.T),
    "eigh: exponential": lambda x: linalg.expm(x + x.T),
    "eigh: square": lambda x: np.linalg.matrix_power(x + x.T, 2),
    "eigh: product": lambda x: joined(*np.linalg.eigh(x + x.T)),
    "eigvals: sum": lambda x: sum(np.linalg.eigvals(x)).real,
    "eigvals: product": lambda x: math.prod(np.linalg.eigvals(x)).real,
    "eigvals: sum of squares": lambda x: sum(np.linalg.eigvals(x) ** 2).real,
    "eig: product": lambda x: joined(*np.linalg.eig(x)).real,
    "matrix_power: 0": lambda x: np.linalg.matrix_power(x, 0),
    "matrix_power: 2": lambda x: product(x, x),
    "matrix_power: 3": lambda x: np.linalg.matrix_power(x, 3),
    "pinv of rank one": lambda x, y: np.linalg.pinv(np.multiply.outer(x, y), rcond=1e-4),
}

FORMS = {
    **table({**PRODUCTS, **SPECTRA}),
    **table({**SOLUTIONS, **FACTORS}, regular),
    **table({"det of nothing": np.linalg.det}),
    **table({"solve: vander": lambda x, y: np.linalg.solve(np.vander(x, increasing=True), y)}, twice_apart),
    **table({"tensorinv": lambda x: np.linalg.tensorinv(x, 1), "tensorsolve": np.linalg.tensorsolve}, as_operator),
}
