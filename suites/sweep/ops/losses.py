"""Losses, entry by entry: x is the prediction, y the target."""

import mpmath as mp

from ..formulas.activations import relu
from ..formulas.densities import xlogy
from ..formulas.logistic import softplus
from ..formulas.losses import (
    binary_cross_entropy,
    cosine,
    cross_entropy,
    focal,
    huber,
    log_cosh,
    pinball,
    poisson,
    smooth_l1,
    smoothed_cross_entropy,
    triplet,
    with_logits,
)
from ..row import REAL, Row

inf = float("inf")

POSITIVE = (0, inf)
UNIT = (0, 1)


REGRESSION = (
    Row(
        "mse_loss",
        "F.mse_loss(x, y, reduction='none')",
        "jnp.square(x - y)",
        lambda x, y: (x - y) ** 2,
        domain=(REAL, REAL),
    ),
    Row(
        "l1_loss",
        "F.l1_loss(x, y, reduction='none')",
        "jnp.abs(x - y)",
        lambda x, y: abs(x - y),
        domain=(REAL, REAL),
    ),
    *(
        Row(
            f"smooth_l1_loss of beta {beta}",
            f"F.smooth_l1_loss(x, y, beta={beta}, reduction='none')",
            f"jnp.where(jnp.abs(x - y) < {beta}, jnp.square(x - y) / {2 * beta}, jnp.abs(x - y) - {beta / 2})",
            smooth_l1(beta),
            domain=(REAL, REAL),
        )
        for beta in (1.0, 0.5)
    ),
    *(
        Row(
            f"huber_loss of delta {delta}",
            f"F.huber_loss(x, y, delta={delta}, reduction='none')",
            f"jnp.where(jnp.abs(x - y) <= {delta}, jnp.square(x - y) / 2, {delta} * (jnp.abs(x - y) - {delta / 2}))",
            huber(delta),
            domain=(REAL, REAL),
        )
        for delta in (1.0, 0.5)
    ),
    Row(
        "log_cosh loss",
        "torch.logaddexp(x - y, y - x) - torch.log(torch.full_like(x, 2.0))",
        "jnp.logaddexp(x - y, y - x) - jnp.log(jnp.full_like(x, 2.0))",
        log_cosh,
        domain=(REAL, REAL),
        note="neither has one: by the usual formula, which cancels near zero",
    ),
    Row(
        "quantile loss",
        "torch.maximum(0.75 * (y - x), -0.25 * (y - x))",
        "jnp.maximum(0.75 * (y - x), -0.25 * (y - x))",
        pinball,
        domain=(REAL, REAL),
    ),
    Row(
        "poisson_nll_loss of logarithms",
        "F.poisson_nll_loss(x, y, log_input=True, full=False, reduction='none')",
        "jnp.exp(x) - y * x",
        lambda x, y: mp.exp(x) - y * x,
        domain=((-inf, 80), POSITIVE),
    ),
    Row(
        "poisson_nll_loss of rates",
        "F.poisson_nll_loss(x, y, log_input=False, full=False, eps=1e-8, reduction='none')",
        "x - y * jnp.log(x + 1e-8)",
        poisson,
        domain=(POSITIVE, POSITIVE),
    ),
    Row(
        "gaussian_nll_loss of means",
        "F.gaussian_nll_loss(x, y, torch.full_like(x, 0.25), full=False, eps=1e-6, reduction='none')",
        "0.5 * (jnp.log(jnp.full_like(x, 0.25)) + jnp.square(x - y) / 0.25)",
        lambda x, y: (mp.log(mp.mpf(1) / 4) + 4 * (x - y) ** 2) / 2,
        domain=(REAL, REAL),
    ),
    Row(
        "gaussian_nll_loss of variances",
        "F.gaussian_nll_loss(x, torch.zeros_like(x), y.clamp(min=1e-5), full=True, eps=1e-6, reduction='none')",
        "-jsp.stats.norm.logpdf(x, 0.0, jnp.sqrt(y))",
        lambda x, y: (mp.log(y) + x * x / y + mp.log(2 * mp.pi)) / 2,
        domain=(REAL, (1e-4, inf)),
        note="torch refuses a negative variance",
    ),
    Row(
        "gaussian_nll_loss",
        "F.gaussian_nll_loss(x, y, z.clamp(min=1e-5), full=False, eps=1e-6, reduction='none')",
        "0.5 * (jnp.log(z) + jnp.square(x - y) / z)",
        lambda x, y, z: (mp.log(z) + (x - y) ** 2 / z) / 2,
        domain=(REAL, REAL, (1e-4, inf)),
        note="torch refuses a negative variance",
    ),
    Row(
        "cosine_similarity of (x, y) and (1, 1)",
        "F.cosine_similarity(torch.stack([x, y]), torch.ones_like(torch.stack([x, y])), dim=0, eps=2.0**-27)",
        "(x + y) / (jnp.maximum(jnp.hypot(x, y), 2.0**-27) * jnp.sqrt(jnp.full_like(x, 2.0)))",
        cosine,
        domain=(REAL, REAL),
    ),
)

TWO_CLASSES = (
    Row(
        "binary_cross_entropy",
        "F.binary_cross_entropy(x.nan_to_num().clamp(0.0, 1.0), y.nan_to_num().clamp(0.0, 1.0), reduction='none')",
        "-y * jnp.maximum(jnp.log(x), -100.0) - (1 - y) * jnp.maximum(jnp.log1p(-x), -100.0)",
        binary_cross_entropy,
        domain=(UNIT, UNIT),
        note="torch refuses numbers outside of [0, 1], nan among them; a logarithm is not below -100",
    ),
    Row(
        "binary_cross_entropy_with_logits",
        "F.binary_cross_entropy_with_logits(x, y, reduction='none')",
        "-y * jax.nn.log_sigmoid(x) - (1 - y) * jax.nn.log_sigmoid(-x)",
        with_logits,
        domain=(REAL, UNIT),
    ),
    Row(
        "binary_cross_entropy_with_logits of weight 4",
        "F.binary_cross_entropy_with_logits(x, y, pos_weight=torch.full_like(x, 4.0), reduction='none')",
        "-4.0 * y * jax.nn.log_sigmoid(x) - (1 - y) * jax.nn.log_sigmoid(-x)",
        lambda x, y: with_logits(x, y, 4),
        domain=(REAL, UNIT),
    ),
    Row(
        "soft_margin_loss of 1",
        "F.soft_margin_loss(x, torch.ones_like(x), reduction='none')",
        "jax.nn.softplus(-x)",
        lambda x: softplus(-x),
    ),
    Row(
        "soft_margin_loss of -1",
        "F.soft_margin_loss(x, -torch.ones_like(x), reduction='none')",
        "jax.nn.softplus(x)",
        softplus,
    ),
    Row(
        "multilabel_soft_margin_loss of one label",
        "F.multilabel_soft_margin_loss(x[..., None], y[..., None], reduction='none')",
        "-y * jax.nn.log_sigmoid(x) - (1 - y) * jax.nn.log_sigmoid(-x)",
        with_logits,
        domain=(REAL, UNIT),
    ),
    Row(
        "focal loss of 1",
        "-torch.sigmoid(-x) ** 2 * F.logsigmoid(x)",
        "-(jax.nn.sigmoid(-x) ** 2) * jax.nn.log_sigmoid(x)",
        focal,
    ),
    Row(
        "focal loss of 0",
        "-torch.sigmoid(x) ** 2 * F.logsigmoid(-x)",
        "-(jax.nn.sigmoid(x) ** 2) * jax.nn.log_sigmoid(-x)",
        lambda x: focal(-x),
    ),
)

MARGINS = (
    Row(
        "hinge loss",
        "F.relu(1 - x * y)",
        "jax.nn.relu(1 - x * y)",
        lambda x, y: relu(1 - x * y),
        domain=(REAL, REAL),
    ),
    Row(
        "hinge_embedding_loss of 1",
        "F.hinge_embedding_loss(x, torch.ones_like(x), margin=1.0, reduction='none')",
        "x",
        lambda x: x,
    ),
    Row(
        "hinge_embedding_loss of -1",
        "F.hinge_embedding_loss(x, -torch.ones_like(x), margin=1.0, reduction='none')",
        "jax.nn.relu(1 - x)",
        lambda x: relu(1 - x),
    ),
    Row(
        "margin_ranking_loss",
        "F.margin_ranking_loss(x, y, torch.ones_like(x), margin=0.5, reduction='none')",
        "jax.nn.relu(y - x + 0.5)",
        lambda x, y: relu(y - x + mp.mpf(1) / 2),
        domain=(REAL, REAL),
    ),
    Row(
        "multi_margin_loss of class 0",
        "F.multi_margin_loss(torch.stack([x, y], -1), torch.zeros_like(x, dtype=torch.long), reduction='none')",
        "jax.nn.relu(1 - (x - y)) / 2",
        lambda x, y: relu(1 - x + y) / 2,
        domain=(REAL, REAL),
        differentiable=False,
        note="values only: torch has no forward mode",
        one_axis=True,
    ),
    Row(
        "multi_margin_loss of class 0, squared",
        "F.multi_margin_loss(torch.stack([x, y], -1), torch.zeros_like(x, dtype=torch.long), p=2, reduction='none')",
        "jnp.square(jax.nn.relu(1 - (x - y))) / 2",
        lambda x, y: relu(1 - x + y) ** 2 / 2,
        domain=(REAL, REAL),
        differentiable=False,
        note="values only: torch has no forward mode",
        one_axis=True,
    ),
    Row(
        "triplet_margin_loss of x, y, 0",
        "F.triplet_margin_loss(x[..., None], y[..., None], torch.zeros_like(x)[..., None], eps=1e-6, reduction='none')",
        "jax.nn.relu(jnp.abs(x - y + 1e-6) - jnp.abs(x + 1e-6) + 1)",
        triplet,
        domain=(REAL, REAL),
    ),
)

CLASSES = (
    Row(
        "cross_entropy of class 0",
        "F.cross_entropy(torch.stack([x, y, torch.zeros_like(x)], -1), torch.zeros_like(x, dtype=torch.long), "
        "reduction='none')",
        "-jax.nn.log_softmax(jnp.stack([x, y, jnp.zeros_like(x)], -1))[..., 0]",
        cross_entropy,
        domain=(REAL, REAL),
        note="of the logits x, y, 0",
        one_axis=True,
    ),
    Row(
        "cross_entropy of class 0, smoothed",
        "F.cross_entropy(torch.stack([x, y, torch.zeros_like(x)], -1), torch.zeros_like(x, dtype=torch.long), "
        "label_smoothing=0.25, reduction='none')",
        "-(jax.nn.log_softmax(jnp.stack([x, y, jnp.zeros_like(x)], -1)) * jnp.array([10, 1, 1], x.dtype) / 12).sum(-1)",
        smoothed_cross_entropy,
        domain=(REAL, REAL),
        note="of the logits x, y, 0; a quarter of the target is spread over all classes",
        one_axis=True,
    ),
    Row(
        "nll_loss of class 0",
        "F.nll_loss(torch.stack([x, y], -1), torch.zeros_like(x, dtype=torch.long), reduction='none')",
        "-jnp.stack([x, y], -1)[..., 0]",
        lambda x, y: -x,
        domain=(REAL, REAL),
        one_axis=True,
    ),
    Row(
        "kl_div",
        "F.kl_div(x, y, reduction='none', log_target=False)",
        "jsp.special.xlogy(y, y) - y * x",
        lambda x, y: xlogy(y, y) - y * x,
        domain=(REAL, POSITIVE),
        note="x is the logarithm of a probability",
    ),
    Row(
        "kl_div of logarithms",
        "F.kl_div(x, y, reduction='none', log_target=True)",
        "jnp.exp(y) * (y - x)",
        lambda x, y: mp.exp(y) * (y - x),
        domain=(REAL, (-inf, 0)),
        note="x and y are logarithms of probabilities",
    ),
)

LOSSES: tuple[Row, ...] = (*REGRESSION, *TWO_CLASSES, *MARGINS, *CLASSES)
