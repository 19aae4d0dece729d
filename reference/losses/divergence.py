"""The Kullback-Leibler divergence of distributions given by their logarithm."""

import numpy as np

from ..activations.extended import log, product
from ..arrays import Array
from ._reduction import reduce, reduce_vjp


def kl_divergence(log_q: Array, p: Array, *, log_target: bool = False, reduction: str = "mean") -> Array:
    """Kullback-Leibler divergence KL(p || q) from the target ``p`` to the prediction q = exp(``log_q``), of one shape.

    L_i = p_i (log p_i - log q_i), where ``p`` holds log p_i if ``log_target``. p_i = 0 adds 0, even where q_i = 0, for
    which torch gives nan; q_i = 0 < p_i gives +inf. ``batchmean`` divides the sum by the first length N, which is the
    divergence by its definition if each of N rows is a distribution; ``mean`` divides by the number of elements.

    Source: torch.nn.KLDivLoss, PyTorch documentation; Kullback and Leibler, Ann. Math. Statist. 22 (1951) 79.
    """
    p, log_p = (np.exp(p), p) if log_target else (p, log(p))
    terms = product(p, log_p) - product(p, log_q)
    return reduce(terms, *_resolved(reduction, terms.shape))


def kl_divergence_vjp(
    g: Array, log_q: Array, p: Array, *, log_target: bool = False, reduction: str = "mean"
) -> tuple[Array, Array]:
    """dL_i/dlog q_i = -p_i, and dL_i/dp_i = log p_i - log q_i + 1; by log p_i, dp_i/dlog p_i = p_i times that.

    At p_i = 0 the slope by p_i is -inf, that of p log p, and nan (undetermined) if also q_i = 0; torch: nan for both.
    """
    spread = reduce_vjp(g, log_q.shape, *_resolved(reduction, log_q.shape))
    if log_target:
        e = np.exp(p)
        return -spread * e, product(spread, product(e, p) - product(e, log_q) + e)
    with np.errstate(invalid="ignore"):
        slope = log(p) - log_q + 1
    return -spread * p, product(spread, slope)


def _resolved(reduction: str, shape: tuple[int, ...]) -> tuple[str, float | None]:
    """The reduction in the terms of ``reduce``: batchmean is a mean with the divisor N."""
    if reduction == "batchmean":
        return "mean", shape[0]
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(f"reduction is {reduction!r}; allowed are none, sum, mean and batchmean")
    return reduction, None
