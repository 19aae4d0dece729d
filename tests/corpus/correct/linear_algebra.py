"""Linear algebra, badly conditioned and well."""

import jax
import jax.numpy as jnp
import numpy as np
import torch

from ..table import Case
from .inputs import JIT, SINGLE, every_way, normal, twice

DOUBLE = ("float64-eager",)


def orthogonal(rng, n):
    return np.linalg.qr(rng.normal(size=(n, n)))[0]


def symmetric(*eigenvalues):
    def make(rng):
        q = orthogonal(rng, len(eigenvalues))
        return ((q * np.array(eigenvalues)) @ q.T,)

    return make


def singular(*values):
    def make(rng):
        u, v = (orthogonal(rng, len(values)) for _ in range(2))
        return ((u * np.array(values)) @ v,)

    return make


def hilbert(n):
    return lambda rng: (1 / (1 + np.add.outer(np.arange(n), np.arange(n))),)


def system(condition, n=5):
    def make(rng):
        return *singular(*np.logspace(0, -np.log10(condition), n))(rng), rng.normal(size=n)

    return make


def nearly_dependent(rng):
    """Rows of which the last is a sum of two others but for 1e-4: the Gram matrix has condition 1e8."""
    x = rng.normal(size=(4, 6))
    x[3] = x[0] + x[1] + 1e-4 * rng.normal(size=6)
    return (x,)


def plane(rng):
    x = np.eye(4) + 0.2 * rng.normal(size=(4, 4))
    return x, rng.normal(size=4)


def cholesky_torch(x):
    return torch.linalg.cholesky(x @ x.T)


def cholesky_jax(x):
    return jnp.linalg.cholesky(x @ x.T)


def eigenvalues_torch(a):
    return torch.linalg.eigvalsh((a + a.T) / 2)


def eigenvalues_jax(a):
    return jnp.linalg.eigvalsh((a + a.T) / 2)


def projector_torch(a):
    """Of the leading eigenvector: free of its sign."""
    v = torch.linalg.eigh((a + a.T) / 2)[1][:, -1]
    return torch.outer(v, v)


def projector_jax(a):
    v = jnp.linalg.eigh((a + a.T) / 2)[1][:, -1]
    return jnp.outer(v, v)


def log_density_torch(x, d):
    r = torch.linalg.cholesky(x @ x.T)
    z = torch.linalg.solve_triangular(r, d[:, None], upper=False)
    return -(z**2).sum() / 2 - r.diagonal().log().sum()


def log_density_jax(x, d):
    r = jnp.linalg.cholesky(x @ x.T)
    z = jax.scipy.linalg.solve_triangular(r, d, lower=True)
    return -(z**2).sum() / 2 - jnp.log(jnp.diagonal(r)).sum()


def log_det_by_qr_torch(a):
    return torch.linalg.qr(a)[1].diagonal().abs().log().sum()


def log_det_by_qr_jax(a):
    return jnp.log(jnp.abs(jnp.diagonal(jnp.linalg.qr(a)[1]))).sum()


def power_iteration_torch(a, v):
    for _ in range(12):
        v = a @ v
        v = v / (v @ v).sqrt()
    return v @ a @ v


def power_iteration_jax(a, v):
    for _ in range(12):
        v = a @ v
        v = v / jnp.sqrt(v @ v)
    return v @ a @ v


def row(name, make, in_torch, in_jax, cells=SINGLE):
    return Case(name, "linear algebra", make, in_torch, in_jax, cells=cells)


CASES = (
    *twice(row("inverse_of_hilbert_5", hilbert(5), lambda a: torch.linalg.inv(a), lambda a: jnp.linalg.inv(a))),
    row("inverse_of_hilbert_8", hilbert(8), lambda a: torch.linalg.inv(a), lambda a: jnp.linalg.inv(a), DOUBLE),
    row("inverse", plane, lambda a, b: torch.linalg.inv(a) @ b, lambda a, b: jnp.linalg.inv(a) @ b, (*SINGLE, *JIT)),
    row("logdet_of_hilbert_5", hilbert(5), lambda a: torch.linalg.slogdet(a)[1], lambda a: jnp.linalg.slogdet(a)[1]),
    row(
        "logdet_of_hilbert_8",
        hilbert(8),
        lambda a: torch.linalg.slogdet(a)[1],
        lambda a: jnp.linalg.slogdet(a)[1],
        DOUBLE,
    ),
    row("solve_at_1e4", system(1e4), lambda a, b: torch.linalg.solve(a, b), lambda a, b: jnp.linalg.solve(a, b)),
    row(
        "solve_at_1e10",
        system(1e10),
        lambda a, b: torch.linalg.solve(a, b),
        lambda a, b: jnp.linalg.solve(a, b),
        DOUBLE,
    ),
    row("cholesky_nearly_singular", nearly_dependent, cholesky_torch, cholesky_jax, DOUBLE),
    *twice(row("cholesky", normal((4, 8)), cholesky_torch, cholesky_jax)),
    row("gaussian_log_density", normal((4, 8), (4,)), log_density_torch, log_density_jax),
    row("eigenvalues_1e-5_apart", symmetric(1, 1 + 1e-5, 2, 2 + 1e-5), eigenvalues_torch, eigenvalues_jax, DOUBLE),
    *twice(row("eigenvalues_apart", symmetric(-2, -0.5, 1, 3), eigenvalues_torch, eigenvalues_jax)),
    row("eigenvalues_from_1e-6_to_1e6", symmetric(1e-6, 1, 1e3, 1e6), eigenvalues_torch, eigenvalues_jax, DOUBLE),
    row("leading_projector", symmetric(0.5, 1, 2, 2.5), projector_torch, projector_jax),
    row("leading_projector_at_gap_1e-4", symmetric(0.5, 1, 2, 2.0001), projector_torch, projector_jax, DOUBLE),
    row(
        "singular_values",
        singular(3, 2, 1, 0.1),
        lambda a: torch.linalg.svdvals(a),
        lambda a: jnp.linalg.svd(a, compute_uv=False),
    ),
    row(
        "nuclear_norm",
        singular(3, 2, 1, 1e-3),
        lambda a: torch.linalg.svdvals(a).sum(),
        lambda a: jnp.linalg.svd(a, compute_uv=False).sum(),
    ),
    *every_way(row("det", plane, lambda a, b: torch.linalg.det(a) * b, lambda a, b: jnp.linalg.det(a) * b)),
    row(
        "det_nearly_singular",
        singular(1, 1, 1, 1e-9),
        lambda a: torch.linalg.det(a),
        lambda a: jnp.linalg.det(a),
        DOUBLE,
    ),
    row("log_det_by_qr", normal((4, 4)), log_det_by_qr_torch, log_det_by_qr_jax),
    row("matrix_exp", normal((4, 4)), lambda a: torch.linalg.matrix_exp(a), lambda a: jax.scipy.linalg.expm(a)),
    row("norm", normal((3, 4)), lambda a: torch.linalg.norm(a), lambda a: jnp.linalg.norm(a)),
    row(
        "norm_at_1e-6",
        normal((3, 4), scale=1e-6),
        lambda a: torch.linalg.norm(a, dim=1),
        lambda a: jnp.linalg.norm(a, axis=1),
    ),
    row("pseudo_inverse", normal((5, 3)), lambda a: torch.linalg.pinv(a), lambda a: jnp.linalg.pinv(a)),
    row(
        "power_iteration",
        lambda rng: (*symmetric(0.3, 0.5, 1, 3)(rng), rng.normal(size=4)),
        power_iteration_torch,
        power_iteration_jax,
    ),
    row(
        "chain_of_products",
        normal((3, 4), (4, 5), (5, 3)),
        lambda a, b, c: torch.trace(a @ b @ c),
        lambda a, b, c: jnp.trace(a @ b @ c),
    ),
)
