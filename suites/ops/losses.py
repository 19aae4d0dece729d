"""Rows of the losses.

Arrays among the options hold powers of two, which every dtype holds exactly: they are not primals, so nothing rounds
them for the reference.
"""

from typing import Any

import numpy as np

from ..table import Make, OpSpec, Sample
from ._draws import Rng, off_zero

CLASS_WEIGHT = np.array([0.5, 2.0, 1.0, 0.25])
ENTRY_WEIGHT = np.array([2.0, 0.5, 0.25])
POSITIVE_WEIGHT = np.array([0.25, 4.0, 0.5])
FAR = 1e4


def pair(rng: Rng) -> tuple[Any, ...]:
    """A prediction and a target, nowhere equal."""
    t = rng.normal(size=(4, 3))
    return t + off_zero(rng, (4, 3)), t


def ties(rng: Rng) -> tuple[Any, ...]:
    """Every other prediction is the target."""
    y, t = pair(rng)
    return np.where(np.arange(3) % 2 == 0, t, y), t


def both_branches(rng: Rng) -> tuple[Any, ...]:
    """Distances clear of 1, Huber's corner at the default ``delta``, on both sides of it."""
    distance = np.where(
        np.arange(12).reshape(4, 3) % 2 == 0, rng.uniform(0.2, 0.7, (4, 3)), rng.uniform(1.4, 3, (4, 3))
    )
    t = rng.normal(size=(4, 3))
    return t + distance * rng.choice([-1, 1], size=(4, 3)), t


def corners(rng: Rng) -> tuple[Any, ...]:
    """Distances 0, 1 and beyond, exact in every dtype: at the corner both branches have one slope."""
    return np.array([[1.0, -1.0, 0.5], [2.5, 0.0, -3.0]]), np.array([[0.0, 0.0, 0.5], [1.5, 0.0, 1.0]])


def labelled(rng: Rng) -> tuple[Any, ...]:
    """Logits and class indices."""
    return rng.uniform(-1.5, 1.5, size=(5, 4)), rng.integers(0, 4, size=5)


def labelled_some(rng: Rng) -> tuple[Any, ...]:
    """Some rows are of class 1, most are not."""
    return rng.normal(size=(5, 4)), np.array([1, 3, 0, 1, 2])


def unlabelled(rng: Rng) -> tuple[Any, ...]:
    """Rows that the default ``ignore_index`` leaves out."""
    return rng.normal(size=(5, 4)), np.array([-100, 3, 0, -100, 2])


def nothing_labelled(rng: Rng) -> tuple[Any, ...]:
    return rng.normal(size=(3, 4)), np.full(3, -100)


def masked(rng: Rng) -> tuple[Any, ...]:
    """Logits of -inf, of classes that no row belongs to."""
    x, target = rng.normal(size=(5, 4)), rng.integers(0, 3, size=5)
    x[:, 3] = -np.inf
    return x, target


def far_logits(rng: Rng) -> Any:
    """Among ordinary rows one that is sure, one that is sure of another class, one of equals."""
    x = rng.normal(size=(5, 4))
    x[1], x[2], x[3] = [FAR, 0, -FAR, 0], [0, -FAR, 0, FAR], [-FAR, -FAR, -FAR, -FAR]
    return x


def far_labelled(rng: Rng) -> tuple[Any, ...]:
    return far_logits(rng), np.array([1, 0, 1, 2, 3])


def one_class(rng: Rng) -> tuple[Any, ...]:
    return rng.normal(size=(3, 1)), np.zeros(3, dtype=np.int64)


def distributed(rng: Rng) -> tuple[Any, ...]:
    """Logits and a distribution for each row."""
    return rng.uniform(-1.5, 1.5, size=(5, 4)), rng.dirichlet(np.full(4, 2.0), size=5)


def one_hot(rng: Rng) -> tuple[Any, ...]:
    return rng.normal(size=(5, 4)), np.eye(4)[[0, 3, 1, 1, 2]]


def unnormalised(rng: Rng) -> tuple[Any, ...]:
    """Weights of classes that do not sum to 1, some of them negative."""
    return rng.normal(size=(5, 4)), rng.normal(size=(5, 4))


def far_distributed(rng: Rng) -> tuple[Any, ...]:
    return far_logits(rng), rng.dirichlet(np.full(4, 2.0), size=5)


def probabilities(rng: Rng) -> Any:
    """Clear of 1/2: from 0.28 to 0.53 XLA's float64 log1p(-p) is up to 240 units off on a CPU."""
    return np.where(rng.random((4, 3)) < 0.5, rng.uniform(0.1, 0.25, (4, 3)), rng.uniform(0.6, 0.9, (4, 3)))


def probable(rng: Rng) -> tuple[Any, ...]:
    """Probabilities and soft targets."""
    return probabilities(rng), rng.uniform(0.1, 0.9, size=(4, 3))


def hard(rng: Rng) -> tuple[Any, ...]:
    return probabilities(rng), rng.integers(0, 2, size=(4, 3)).astype(np.float64)


def nearly_certain(rng: Rng) -> tuple[Any, ...]:
    """As close to 0 and 1 as every dtype comes; at 0 and 1 themselves torch clamps and mathematics does not."""
    p = np.array([[2.0**-8, 2.0**-12, 0.75], [1 - 2.0**-7, 2.0**-14, 1 - 2.0**-6]])
    return p, np.array([[0.0, 1.0, 1.0], [1.0, 0.25, 0.0]])


def certain(rng: Rng) -> tuple[Any, ...]:
    """Certain and right: the loss is 0."""
    p, t = hard(rng)
    return np.where(rng.random((4, 3)) < 0.5, t, p), t


def logits(rng: Rng) -> tuple[Any, ...]:
    return rng.uniform(-2, 2, size=(4, 3)), rng.uniform(size=(4, 3))


def hard_logits(rng: Rng) -> tuple[Any, ...]:
    return 2 * rng.normal(size=(4, 3)), rng.integers(0, 2, size=(4, 3)).astype(np.float64)


def far_entries(rng: Rng) -> tuple[Any, ...]:
    x = np.array([[FAR, -FAR, 30.0], [-30.0, 0.0, FAR], [-FAR, 1.0, -1.0]])
    return x, np.array([[1.0, 0.0, 0.25], [0.75, 0.5, 0.0], [1.0, 0.0, 1.0]])


def log_distributions(rng: Rng) -> tuple[Any, ...]:
    """The logarithm of a prediction, and a target."""
    return np.log(rng.dirichlet(np.full(4, 2.0), size=3)), rng.dirichlet(np.full(4, 2.0), size=3)


def log_both(rng: Rng) -> tuple[Any, ...]:
    """Both as logarithms."""
    q, p = log_distributions(rng)
    return q, np.log(p)


def sparse(rng: Rng) -> tuple[Any, ...]:
    """Targets of 0, at which p log p is 0 and its slope infinite."""
    return np.log(rng.dirichlet(np.full(4, 2.0), size=3)), np.eye(4)[[0, 3, 1]]


def improbable(rng: Rng) -> tuple[Any, ...]:
    """Predictions so improbable that their exponential underflows."""
    q, p = log_distributions(rng)
    q[:, 0] = -FAR
    return q, p


def reductions(make: Make, *names: str, prefix: str = "", smooth: bool = True, **options: Any) -> tuple[Sample, ...]:
    """One sample for each reduction, both primals batched under vmap."""
    return tuple(
        Sample(prefix + name, make, {**options, "reduction": name}, batched=(0, 1), smooth=smooth)
        for name in names or ("mean", "sum", "none")
    )


LOSSES = (
    OpSpec("mse", "losses", (*reductions(pair), Sample("ties", ties))),
    OpSpec("mae", "losses", reductions(pair, smooth=False)),  # no ties: there torch has slope 0 and jnp.abs slope 1
    OpSpec(
        "huber",
        "losses",
        (
            *reductions(both_branches),
            Sample("narrow", pair, {"delta": 0.125}),
            Sample("wide", pair, {"delta": 16.0}),
            Sample("corners", corners, {"reduction": "none"}, smooth=False),
        ),
    ),
    OpSpec(
        "cross_entropy",
        "losses",
        (
            *reductions(labelled),
            *reductions(labelled, "mean", "none", prefix="weight-", weight=CLASS_WEIGHT),
            *reductions(labelled_some, prefix="ignored-", ignore_index=1),
            *reductions(labelled, "mean", prefix="smoothed-", label_smoothing=0.25),
            *reductions(labelled_some, prefix="all-", weight=CLASS_WEIGHT, ignore_index=1, label_smoothing=0.25),
            Sample("ignored-by-default", unlabelled),
            Sample("nothing-labelled", nothing_labelled),
            Sample("masked", masked),
            *reductions(far_labelled, "none", prefix="far-"),
            *reductions(far_labelled, "none", prefix="far-smoothed-", label_smoothing=0.25),
            Sample("one-class", one_class),
        ),
    ),
    OpSpec(
        "soft_cross_entropy",
        "losses",
        (
            *reductions(distributed),
            *reductions(distributed, "mean", prefix="weight-", weight=CLASS_WEIGHT),
            *reductions(distributed, "mean", prefix="smoothed-", label_smoothing=0.25),
            *reductions(distributed, prefix="all-", weight=CLASS_WEIGHT, label_smoothing=0.25),
            Sample("one-hot", one_hot),
            Sample("unnormalised", unnormalised),
            *reductions(far_distributed, "none", prefix="far-"),
        ),
    ),
    OpSpec(
        "binary_cross_entropy",
        "losses",
        (
            *reductions(probable),
            *reductions(probable, "mean", "none", prefix="weight-", weight=ENTRY_WEIGHT),
            Sample("hard", hard),
            *reductions(nearly_certain, "none", prefix="nearly-certain-"),
            Sample("certain", certain, wrt=(1,)),  # torch clamps p (1 - p) and has slope 0 by p, where it is 1
        ),
    ),
    OpSpec(
        "binary_cross_entropy_with_logits",
        "losses",
        (
            *reductions(logits),
            *reductions(logits, "mean", prefix="weight-", weight=ENTRY_WEIGHT),
            *reductions(logits, prefix="all-", weight=ENTRY_WEIGHT, pos_weight=POSITIVE_WEIGHT),
            *reductions(hard_logits, "mean", prefix="positive-", pos_weight=POSITIVE_WEIGHT),
            Sample("hard", hard_logits),
            *reductions(far_entries, "none", prefix="far-"),
        ),
    ),
    OpSpec(
        "kl_divergence",
        "losses",
        (
            # not under vmap: torch has no batching rule for kl_div and warns that it loops
            Sample("batchmean", log_distributions, {"reduction": "batchmean"}, batched=()),
            *reductions(log_distributions),
            *reductions(log_both, "batchmean", "none", prefix="log-", log_target=True),
            *reductions(improbable, "none", prefix="improbable-"),
            Sample("sparse", sparse, wrt=(0,)),  # torch's slope by p is nan there, where it is -inf
        ),
    ),
)
