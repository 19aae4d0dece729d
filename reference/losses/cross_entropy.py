"""Cross-entropy of logits against class indices, or against a distribution over the classes (one-hot or soft).

Both are sum_c q_c (-log p_c), p the softmax of a row of logits, and differ only in the weights q and in what the mean
divides by. A class with q_c = 0 adds 0 even where its logit is -inf; torch gives nan there for a distribution.
``g`` is the cotangent of what was returned: a scalar for the reductions ``mean`` and ``sum``, shape (N,) for ``none``.
"""

import numpy as np

from ..activations import log_softmax, softmax
from ..activations.extended import product
from ..arrays import Array, Indices
from ._reduction import reduce, reduce_vjp


def one_hot(target: Indices, classes: int) -> Array:
    """1 at the index that ``target`` names, 0 elsewhere, along a new last axis of length ``classes``.

    Raises ValueError for an index outside 0 to ``classes`` - 1.
    """
    outside = target[(target < 0) | (target >= classes)]
    if outside.size:
        raise ValueError(f"target holds {outside[0]}; allowed are 0 to {classes - 1}")
    return np.equal(target[..., None], np.arange(classes)).astype(np.float64)


def cross_entropy(
    logits: Array,
    target: Indices,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Array:
    """Cross-entropy of ``logits`` (N,C) against the class indices ``target`` (N,).

    Row n with class y: L_n = -(1 - e) w_y log p_y - (e/C) sum_c w_c log p_c, with w the ``weight`` of each class (C,),
    by default 1, and e the ``label_smoothing`` in [0, 1]. Rows with y = ``ignore_index`` add 0. The mean divides by the
    sum of w_y over the rows that are kept, which without weights is their number; where that sum is 0 it is nan.

    Source: torch.nn.CrossEntropyLoss, PyTorch documentation; Szegedy et al., Rethinking the Inception Architecture,
    CVPR 2016, section 7 (smoothing).
    """
    q, kept_weight = _wanted(logits.shape[1], target, weight, ignore_index, label_smoothing)
    return reduce(_terms(logits, q), reduction, kept_weight)


def cross_entropy_vjp(
    g: Array,
    logits: Array,
    target: Indices,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> tuple[Array, None]:
    """L_n = -sum_c q_c log p_c and dlog p_c/dx_k = 1[c = k] - p_k, hence dL_n/dx_k = p_k sum_c q_c - q_k.

    Ignored rows get 0 whatever their logits (torch: nan where those are nan), and so does every row if the mean
    divides by 0.
    """
    q, kept_weight = _wanted(logits.shape[1], target, weight, ignore_index, label_smoothing)
    return _dlogits(reduce_vjp(g, target.shape, reduction, kept_weight), logits, q), None


def soft_cross_entropy(
    logits: Array, p: Array, *, weight: Array | None = None, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Array:
    """Cross-entropy of ``logits`` (N,C) against the distributions ``p`` (N,C), which need not sum to 1.

    L_n = -sum_c w_c ((1 - e) p_c + e/C) log softmax(logits)_c, with w the ``weight`` of each class (C,), by default 1,
    and e the ``label_smoothing`` in [0, 1]. The mean divides by N, also under weights.

    Source: torch.nn.CrossEntropyLoss, PyTorch documentation, case of class probabilities.
    """
    return reduce(_terms(logits, _smoothed(p, weight, label_smoothing)), reduction)


def soft_cross_entropy_vjp(
    g: Array,
    logits: Array,
    p: Array,
    *,
    weight: Array | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> tuple[Array, Array]:
    """dL_n/dx_k = softmax(x)_k sum_c q_c - q_k with q_c = w_c ((1 - e) p_c + e/C), as for class indices.

    dL_n/dp_c = dL_n/dq_c dq_c/dp_c = -log softmax(x)_c (1 - e) w_c.
    """
    q = _smoothed(p, weight, label_smoothing)
    spread = reduce_vjp(g, p.shape[:1], reduction)  # N
    slope = spread[:, None] * (1 - label_smoothing) * _class_weights(weight, p.shape[1])  # N,C
    return _dlogits(spread, logits, q), product(slope, -log_softmax(logits))


def _terms(logits: Array, q: Array) -> Array:
    return np.asarray(np.sum(product(q, -log_softmax(logits)), axis=1))  # N


def _dlogits(spread: Array, logits: Array, q: Array) -> Array:
    total = np.sum(q, axis=1, keepdims=True)  # N,1
    return spread[:, None] * (product(total, softmax(logits)) - q)  # N,C


def _wanted(
    classes: int, target: Indices, weight: Array | None, ignore_index: int, label_smoothing: float
) -> tuple[Array, float]:
    """The weights q (N,C), 0 in ignored rows, and the sum of the class weights of the rows that are kept."""
    kept = target != ignore_index  # N
    y = one_hot(np.where(kept, target, 0), classes) * kept[:, None]  # N,C
    kept_weight = float(np.sum(y * _class_weights(weight, classes)))
    return _smoothed(y, weight, label_smoothing) * kept[:, None], kept_weight


def _smoothed(p: Array, weight: Array | None, label_smoothing: float) -> Array:
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing is {label_smoothing!r}; allowed are numbers from 0 to 1")
    classes = p.shape[1]
    smoothed = (1 - label_smoothing) * p + label_smoothing / classes  # N,C
    return np.asarray(smoothed * _class_weights(weight, classes))


def _class_weights(weight: Array | None, classes: int) -> Array:
    return np.ones(classes) if weight is None else weight  # C
