"""Sums, products, extrema, means, norms, distances and scans."""

from math import inf

import mpmath as mp
import numpy as np

from ..formulas.arrays import root
from ..formulas.exponentials import log_softmax, logsumexp, softmax
from ..formulas.normalization import standardized
from ..formulas.norms import cosine_similarity, distances, frobenius, norm, pairs_of_rows
from ..formulas.scans import scan, trapezoids
from ..formulas.statistics import correlation, covariance, equal_weights, variance
from ..tensors import TensorRow, each, fixed, shaped

MATRIX = shaped((3, 4))
ONE = shaped((1, 1))
NO_COLUMNS = (fixed("no columns", np.zeros((3, 0))),)
NO_ROWS = (fixed("no rows", np.zeros((0, 4))),)
ANY_SIZE = MATRIX + ONE + NO_COLUMNS + NO_ROWS
SOME_COLUMNS = MATRIX + ONE + NO_ROWS
# Where three or more are equal, slopes in one entry do not say what a gradient may be.
PAIRS_EQUAL = (fixed("pairs", [[1.0, 1.0, -2.0, 3.0], [0.5, 2.0, 2.0, 0.5]]),)
IN_ORDER = shaped((3, 4), skip=("ties", "zeros")) + PAIRS_EQUAL
PAIR = shaped((3, 4), (3, 4))
EQUAL = (fixed("equal", [[1.0, -2.0], [0.5, 0.0]], [[1.0, -2.0], [0.5, 0.0]]),)
PAIRS = PAIR + EQUAL
ZERO_FACTORS = (
    fixed("one zero", [[2.0, 0.0, -3.0], [0.0, 1.5, 4.0]]),
    fixed("two zeros", [[0.0, 2.0, 0.0], [0.5, 0.0, 0.0]]),
)
APART = (fixed("far apart", [[1e4, -1e4, 0.0, 1.0], [-1e4, -3e4, -3e4, -1e4]]),)


AGES = np.array([mp.mpf(k) for k in (1, 2, 3, 4)], dtype=object)

SUMS = (
    TensorRow("sum", "torch.sum(x, 1)", "jnp.sum(x, 1)", lambda x: x.sum(1), inputs=ANY_SIZE),
    TensorRow("sum: of all", "torch.sum(x)", "jnp.sum(x)", lambda x: x.sum(), inputs=ANY_SIZE),
    TensorRow("sum: axis 0", "torch.sum(x, 0)", "jnp.sum(x, 0)", lambda x: x.sum(0), inputs=ANY_SIZE),
    TensorRow("sum: both axes", "torch.sum(x, (0, 1))", "jnp.sum(x, (0, 1))", lambda x: x.sum(), inputs=MATRIX),
    TensorRow(
        "sum: keepdims",
        "torch.sum(x, 1, keepdim=True)",
        "jnp.sum(x, 1, keepdims=True)",
        lambda x: x.sum(1, keepdims=True),
        inputs=ANY_SIZE,
    ),
    TensorRow(
        "sum: of the positive ones",
        "torch.where(x > 0, x, 0).sum(1)",
        "jnp.sum(x, 1, where=x > 0)",
        lambda x: np.maximum(x, 0).sum(1),
        inputs=ANY_SIZE,
    ),
    TensorRow(
        "nansum", "torch.nansum(x, 1)", "jnp.nansum(x, 1)", lambda x: x.sum(1), inputs=ANY_SIZE, note="no NaN: the sum"
    ),
    TensorRow("mean", "torch.mean(x, 1)", "jnp.mean(x, 1)", lambda x: x.sum(1) / mp.mpf(x.shape[1]), inputs=ANY_SIZE),
    TensorRow("mean: of all", "torch.mean(x)", "jnp.mean(x)", lambda x: x.sum() / mp.mpf(x.size), inputs=ANY_SIZE),
    TensorRow(
        "mean: keepdims",
        "torch.mean(x, 0, keepdim=True)",
        "jnp.mean(x, 0, keepdims=True)",
        lambda x: x.sum(0, keepdims=True) / mp.mpf(len(x)),
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "nanmean", "torch.nanmean(x, 1)", "jnp.nanmean(x, 1)", lambda x: x.sum(1) / x.shape[1], inputs=SOME_COLUMNS
    ),
    TensorRow("prod", "torch.prod(x, 1)", "jnp.prod(x, 1)", lambda x: x.prod(1), inputs=ANY_SIZE + ZERO_FACTORS),
    TensorRow("prod: of all", "torch.prod(x)", "jnp.prod(x)", lambda x: x.prod(), inputs=ANY_SIZE + ZERO_FACTORS),
    TensorRow(
        "prod: keepdims",
        "torch.prod(x, 0, keepdim=True)",
        "jnp.prod(x, 0, keepdims=True)",
        lambda x: x.prod(0, keepdims=True),
        inputs=MATRIX + ZERO_FACTORS,
    ),
    TensorRow(
        "nanprod",
        "torch.prod(torch.where(torch.isnan(x), 1, x), 1)",
        "jnp.nanprod(x, 1)",
        lambda x: x.prod(1),
        inputs=ANY_SIZE + ZERO_FACTORS,
    ),
    TensorRow(
        "average",
        "torch.sum(x * y, 1) / torch.sum(y, 1)",
        "jnp.average(x, 1, y)",
        lambda x, y: (x * y).sum(1) / y.sum(1),
        inputs=shaped((3, 4), (3, 4), low=0.5, high=3.0),
    ),
    TensorRow(
        "average: weights of the columns",
        "torch.sum(x * y, 1) / torch.sum(y)",
        "jnp.average(x, axis=1, weights=y)",
        lambda x, y: (x * y).sum(1) / y.sum(),
        inputs=shaped((3, 4), (4,), low=0.5, high=3.0),
    ),
)

EXTREMA = (
    TensorRow("max", "torch.amax(x, 1)", "jnp.max(x, 1)", lambda x: x.max(1), inputs=SOME_COLUMNS),
    TensorRow("max: of all", "torch.max(x)", "jnp.max(x)", lambda x: x.max(), inputs=MATRIX + ONE),
    TensorRow("max: values", "torch.max(x, 1).values", "jnp.max(x, 1)", lambda x: x.max(1), inputs=SOME_COLUMNS),
    TensorRow("max: both axes", "torch.amax(x, (0, 1))", "jnp.max(x, (0, 1))", lambda x: x.max(), inputs=MATRIX),
    TensorRow("min", "torch.amin(x, 1)", "jnp.min(x, 1)", lambda x: x.min(1), inputs=SOME_COLUMNS),
    TensorRow("min: of all", "torch.min(x)", "jnp.min(x)", lambda x: x.min(), inputs=MATRIX + ONE),
    TensorRow(
        "min: keepdims",
        "torch.min(x, 0, keepdim=True).values",
        "jnp.min(x, 0, keepdims=True)",
        lambda x: x.min(0, keepdims=True),
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "nanmax",
        "torch.amax(torch.where(torch.isnan(x), -torch.inf, x), 1)",
        "jnp.nanmax(x, 1)",
        lambda x: x.max(1),
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "nanmin",
        "torch.amin(torch.where(torch.isnan(x), torch.inf, x), 1)",
        "jnp.nanmin(x, 1)",
        lambda x: x.min(1),
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "ptp", "torch.amax(x, 1) - torch.amin(x, 1)", "jnp.ptp(x, 1)", lambda x: np.ptp(x, 1), inputs=MATRIX + ONE
    ),
    TensorRow(
        "aminmax",
        "torch.aminmax(x, dim=1).max",
        "jnp.max(x, 1)",
        lambda x: x.max(1),
        inputs=MATRIX + ONE,
        note="the max",
    ),
    TensorRow(
        "all",
        "torch.all(x, 1).to(x.dtype)",
        "jnp.all(x, 1).astype(x.dtype)",
        lambda x: (x != 0).all(1),
        inputs=ANY_SIZE + ZERO_FACTORS,
        differentiable=False,
    ),
    TensorRow(
        "any",
        "torch.any(x, 1).to(x.dtype)",
        "jnp.any(x, 1).astype(x.dtype)",
        lambda x: (x != 0).any(1),
        inputs=ANY_SIZE + ZERO_FACTORS,
        differentiable=False,
    ),
    TensorRow(
        "count_nonzero",
        "torch.count_nonzero(x, 1).to(x.dtype)",
        "jnp.count_nonzero(x, 1).astype(x.dtype)",
        lambda x: (x != 0).sum(1),
        inputs=ANY_SIZE + ZERO_FACTORS,
        differentiable=False,
    ),
)

DEVIATIONS = (
    TensorRow(
        "var: correction 1",
        "torch.var(x, 1, correction=1)",
        "jnp.var(x, 1, correction=1)",
        lambda x: variance(x, 1),
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "var: correction 0",
        "torch.var(x, 1, correction=0)",
        "jnp.var(x, 1, correction=0)",
        lambda x: variance(x, 0),
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "var: of all",
        "torch.var(x, (0, 1), correction=0)",
        "jnp.var(x, (0, 1), correction=0)",
        lambda x: variance(x.reshape(1, -1), 0)[0],
        inputs=(*MATRIX, fixed("far from 0", [[1e6 + 0.25, 1e6 + 0.5, 1e6 + 1.0]])),
    ),
    TensorRow(
        "var default",
        "torch.var(x, 1)",
        "jnp.var(x, 1)",
        lambda x: variance(x, 1),
        inputs=MATRIX,
        note="defaults differ: torch, which the truth follows, divides by n - 1, jnp by n",
    ),
    TensorRow(
        "std: correction 1",
        "torch.std(x, 1, correction=1)",
        "jnp.std(x, 1, correction=1)",
        lambda x: root(variance(x, 1)),
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "std: correction 0",
        "torch.std(x, 1, correction=0)",
        "jnp.std(x, 1, correction=0)",
        lambda x: root(variance(x, 0)),
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "std default",
        "torch.std(x, 1)",
        "jnp.std(x, 1)",
        lambda x: root(variance(x, 1)),
        inputs=MATRIX,
        note="defaults differ: torch, which the truth follows, divides by n - 1, jnp by n",
    ),
    TensorRow(
        "std_mean: std",
        "torch.std_mean(x, 1, correction=1, keepdim=True)[0]",
        "jnp.std(x, 1, correction=1, keepdims=True)",
        lambda x: root(variance(x, 1))[:, None],
        inputs=MATRIX,
    ),
    TensorRow(
        "standardize",
        "(x - x.mean(1, keepdim=True)) / torch.sqrt(x.var(1, correction=0, keepdim=True) + 1e-5)",
        "jax.nn.standardize(x, 1, epsilon=1e-5)",
        lambda x: standardized(x, (1,)),
        inputs=MATRIX + ONE,
    ),
    TensorRow("cov", "torch.cov(x)", "jnp.cov(x)", lambda x: covariance(x, 1, equal_weights(x)), inputs=MATRIX),
    TensorRow(
        "cov: correction 0",
        "torch.cov(x, correction=0)",
        "jnp.cov(x, ddof=0)",
        lambda x: covariance(x, 0, equal_weights(x)),
        inputs=MATRIX,
    ),
    TensorRow(
        "cov: weights",
        "torch.cov(x, aweights=torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=x.dtype))",
        "jnp.cov(x, aweights=jnp.array([1.0, 2.0, 3.0, 4.0], dtype=x.dtype))",
        lambda x: covariance(x, 1, AGES),
        inputs=MATRIX,
    ),
    TensorRow("corrcoef", "torch.corrcoef(x)", "jnp.corrcoef(x)", correlation, inputs=MATRIX),
)

NORMS = (
    TensorRow(
        "norm",
        "torch.linalg.vector_norm(x, dim=1)",
        "jnp.linalg.norm(x, axis=1)",
        norm(2),
        inputs=ANY_SIZE,
    ),
    TensorRow(
        "norm: of all",
        "torch.linalg.vector_norm(x)",
        "jnp.linalg.vector_norm(x)",
        frobenius,
        inputs=ANY_SIZE,
    ),
    TensorRow(
        "norm: fro",
        "torch.linalg.matrix_norm(x, 'fro')",
        "jnp.linalg.norm(x, 'fro')",
        frobenius,
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "norm: keepdims",
        "torch.linalg.vector_norm(x, dim=0, keepdim=True)",
        "jnp.linalg.vector_norm(x, axis=0, keepdims=True)",
        lambda x: root((x * x).sum(0, keepdims=True)),
        inputs=MATRIX,
    ),
    *(
        TensorRow(
            f"norm: order {p}",
            f"torch.linalg.vector_norm(x, {p}, dim=1)",
            f"jnp.linalg.vector_norm(x, axis=1, ord={p})",
            norm(p),
            inputs=ANY_SIZE,
        )
        for p in (0.5, 1, 3)
    ),
    TensorRow(
        "norm: order 0",
        "torch.linalg.vector_norm(x, 0, dim=1)",
        "jnp.linalg.vector_norm(x, axis=1, ord=0)",
        norm(0),
        inputs=ANY_SIZE,
        differentiable=False,
    ),
    TensorRow(
        "norm: order inf",
        "torch.linalg.vector_norm(x, torch.inf, dim=1)",
        "jnp.linalg.vector_norm(x, axis=1, ord=jnp.inf)",
        norm(inf),
        inputs=SOME_COLUMNS,
    ),
    TensorRow(
        "norm: order -inf",
        "torch.linalg.vector_norm(x, -torch.inf, dim=1)",
        "jnp.linalg.vector_norm(x, axis=1, ord=-jnp.inf)",
        norm(-inf),
        inputs=shaped((3, 4), skip=("zeros",)) + ONE + NO_ROWS,
    ),
    TensorRow(
        "normalize",
        "F.normalize(x, dim=1)",
        "x / jnp.maximum(jnp.linalg.norm(x, axis=1, keepdims=True), 1e-12)",
        lambda x: x / np.maximum(norm(2)(x), mp.mpf(1e-12))[:, None],
        inputs=MATRIX + ONE,
    ),
    TensorRow(
        "cosine_similarity",
        "F.cosine_similarity(x, y, dim=1)",
        "jnp.sum(x * y, 1) / (jnp.maximum(jnp.linalg.norm(x, axis=1), 1e-8) *"
        " jnp.maximum(jnp.linalg.norm(y, axis=1), 1e-8))",
        cosine_similarity,
        inputs=PAIR,
    ),
    TensorRow(
        "pairwise_distance",
        "F.pairwise_distance(x, y)",
        "jnp.linalg.norm(x - y + 1e-6, axis=1)",
        lambda x, y: norm(2)(x - y + mp.mpf(1e-6)),
        inputs=PAIRS,
    ),
    TensorRow(
        "pairwise_distance: p 1",
        "F.pairwise_distance(x, y, p=1.0)",
        "jnp.linalg.norm(x - y + 1e-6, ord=1, axis=1)",
        lambda x, y: norm(1)(x - y + mp.mpf(1e-6)),
        inputs=PAIRS,
    ),
    TensorRow(
        "dist",
        "torch.dist(x, y)",
        "jnp.linalg.norm(jnp.ravel(x - y))",
        lambda x, y: mp.sqrt(((x - y) ** 2).sum()),
        inputs=PAIRS,
    ),
    *(
        TensorRow(
            f"cdist: p {p}",
            f"torch.cdist(x, y, p={p})",
            f"jnp.linalg.norm(x[:, None] - y[None], ord={p}, axis=-1)",
            distances(p),
            inputs=shaped((3, 2), (2, 2)) + EQUAL,
        )
        for p in (1, 2)
    ),
    TensorRow(
        "cdist: by a product of matrices",
        "torch.cdist(x, y, compute_mode='use_mm_for_euclid_dist')",
        "jnp.sqrt(jnp.sum((x[:, None] - y[None]) ** 2, -1))",
        distances(2),
        inputs=shaped((3, 2), (2, 2)) + EQUAL,
    ),
    TensorRow(
        "pdist",
        "F.pdist(x)",
        "jnp.linalg.norm(x[jnp.triu_indices(3, 1)[0]] - x[jnp.triu_indices(3, 1)[1]], axis=1)",
        lambda x: norm(2)(pairs_of_rows(x)),
        inputs=MATRIX,
    ),
)

EXPONENTIALS = (
    TensorRow("logsumexp", "torch.logsumexp(x, 1)", "jax.nn.logsumexp(x, 1)", logsumexp, inputs=SOME_COLUMNS + APART),
    TensorRow(
        "logsumexp: of all",
        "torch.logsumexp(x, (0, 1))",
        "jsp.special.logsumexp(x)",
        lambda x: logsumexp(x.reshape(1, -1))[0],
        inputs=MATRIX,
    ),
    TensorRow(
        "logsumexp: of weighted terms",
        "torch.logsumexp(x + torch.log(y), 1)",
        "jsp.special.logsumexp(x, 1, b=y)",
        lambda x, y: logsumexp(x + each(mp.log)(y)),
        inputs=shaped((3, 4), (3, 4), low=0.5, high=3.0),
    ),
    TensorRow("softmax", "torch.softmax(x, 1)", "jax.nn.softmax(x, 1)", softmax, inputs=SOME_COLUMNS + APART),
    TensorRow("softmax: axis 0", "F.softmax(x, 0)", "jax.nn.softmax(x, 0)", lambda x: softmax(x.T).T, inputs=MATRIX),
    TensorRow("softmin", "F.softmin(x, 1)", "jax.nn.softmax(-x, 1)", lambda x: softmax(-x), inputs=MATRIX),
    TensorRow(
        "log_softmax", "torch.log_softmax(x, 1)", "jax.nn.log_softmax(x, 1)", log_softmax, inputs=SOME_COLUMNS + APART
    ),
    TensorRow(
        "log_softmax: axis 0",
        "F.log_softmax(x, 0)",
        "jax.nn.log_softmax(x, 0)",
        lambda x: log_softmax(x.T).T,
        inputs=MATRIX,
    ),
)

SCANS = (
    TensorRow("cumsum", "torch.cumsum(x, 1)", "jnp.cumsum(x, 1)", scan(np.sum), inputs=ANY_SIZE),
    TensorRow("cumsum: axis 0", "torch.cumsum(x, 0)", "jnp.cumsum(x, 0)", lambda x: scan(np.sum)(x.T).T, inputs=MATRIX),
    TensorRow(
        "cumsum: from the end",
        "torch.flip(torch.cumsum(torch.flip(x, (1,)), 1), (1,))",
        "lax.cumsum(x, 1, reverse=True)",
        lambda x: scan(np.sum)(x[:, ::-1])[:, ::-1],
        inputs=ANY_SIZE,
    ),
    TensorRow("cumprod", "torch.cumprod(x, 1)", "jnp.cumprod(x, 1)", scan(np.prod), inputs=ANY_SIZE + ZERO_FACTORS),
    TensorRow(
        "cumprod: of all",
        "torch.cumprod(torch.ravel(x), 0)",
        "lax.cumprod(jnp.ravel(x))",
        lambda x: scan(np.prod)(x.reshape(1, -1))[0],
        inputs=ZERO_FACTORS + ONE,
    ),
    TensorRow("cummax", "torch.cummax(x, 1).values", "lax.cummax(x, 1)", scan(np.max), inputs=IN_ORDER + ONE + NO_ROWS),
    TensorRow("cummin", "torch.cummin(x, 1).values", "lax.cummin(x, 1)", scan(np.min), inputs=IN_ORDER + ONE + NO_ROWS),
    TensorRow(
        "logcumsumexp",
        "torch.logcumsumexp(x, 1)",
        "lax.cumlogsumexp(x, 1)",
        scan(lambda row: logsumexp(row[None])[0]),
        inputs=SOME_COLUMNS + APART,
    ),
    TensorRow(
        "trapezoid",
        "torch.trapezoid(x, dx=0.5, dim=1)",
        "jnp.trapezoid(x, dx=0.5, axis=1)",
        lambda x: trapezoids(x, mp.mpf(0.5)).sum(1),
        inputs=SOME_COLUMNS,
    ),
    TensorRow(
        "trapezoid: at points",
        "torch.trapezoid(x, y, dim=1)",
        "jnp.trapezoid(x, y, axis=1)",
        lambda x, y: trapezoids(x, y[:, 1:] - y[:, :-1]).sum(1),
        inputs=PAIR,
    ),
    TensorRow(
        "cumulative_trapezoid",
        "torch.cumulative_trapezoid(x, dim=1)",
        "jnp.cumsum((x[:, 1:] + x[:, :-1]) / 2, 1)",
        lambda x: scan(np.sum)(trapezoids(x, mp.mpf(1))),
        inputs=MATRIX,
    ),
    TensorRow("diff", "torch.diff(x, dim=1)", "jnp.diff(x, axis=1)", lambda x: x[:, 1:] - x[:, :-1], inputs=ANY_SIZE),
    TensorRow(
        "diff: twice",
        "torch.diff(x, n=2, dim=0)",
        "jnp.diff(x, n=2, axis=0)",
        lambda x: x[2:] - 2 * x[1:-1] + x[:-2],
        inputs=MATRIX + NO_COLUMNS,
    ),
    TensorRow(
        "diff: prepended",
        "torch.diff(x, dim=1, prepend=y)",
        "jnp.diff(x, axis=1, prepend=y)",
        lambda x, y: x - np.concatenate([y, x[:, :-1]], 1),
        inputs=shaped((3, 4), (3, 1)),
    ),
)

REDUCTIONS: tuple[TensorRow, ...] = (
    *SUMS,
    *EXTREMA,
    *DEVIATIONS,
    *NORMS,
    *EXPONENTIALS,
    *SCANS,
)
