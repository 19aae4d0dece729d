"""Determinants, inverses and solutions of linear equations."""

import mpmath as mp
import numpy as np

from ..formulas.matrices import (
    batched,
    determinant,
    inverse,
    log_abs_det,
    log_det,
    lower_solved,
    pseudoinverse,
    solved,
    unit_lower,
)
from ..formulas.placing import powers
from ..tensors import HUGE, TIES, TINY, ZEROS, TensorRow, fixed, shaped
from .inputs import FULL_RANK, HILBERT, INVERTIBLE, MATRIX, NEARLY_SINGULAR, NOT_FINITE, REGULAR, SINGULAR, without

ONE = shaped((1, 1), skip=(HUGE,))
NOTHING = fixed("empty", np.zeros((0, 0)))
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

SOLUTIONS: tuple[TensorRow, ...] = (
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
        lambda x, y: solved(x.reshape(3, 3), y).reshape(1, 3),
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
        lambda x, y: solved(powers(x, range(len(x))), y),
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
)
