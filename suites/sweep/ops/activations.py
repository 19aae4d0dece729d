"""Activation functions, with their documented defaults where those differ."""

import mpmath as mp

from ..formulas.activations import (
    ZERO,
    celu,
    clip,
    elu,
    gelu,
    gelu_slope,
    gelu_tanh,
    log1mexp,
    mish,
    relu,
    selu,
    silu_slope,
    soft_threshold,
    softsign_slope,
    sparse_plus,
    squareplus,
    tanhshrink,
)
from ..formulas.logistic import sigmoid, softplus
from ..row import REAL, Row

inf = float("inf")


RECTIFIERS = (
    Row("relu", "F.relu(x)", "jax.nn.relu(x)", relu),
    Row("relu6", "F.relu6(x)", "jax.nn.relu6(x)", lambda x: clip(x, 0, 6), points=(6.0,)),
    Row(
        "leaky_relu",
        "F.leaky_relu(x, negative_slope=0.25)",
        "jax.nn.leaky_relu(x, negative_slope=0.25)",
        lambda x: x if x > 0 else x / 4,
    ),
    Row("leaky_relu default", "F.leaky_relu(x)", "jax.nn.leaky_relu(x)", lambda x: x if x > 0 else x / 100),
    Row(
        "rrelu of evaluation",
        "F.rrelu(x, lower=0.125, upper=0.375, training=False)",
        "jax.nn.leaky_relu(x, negative_slope=0.25)",
        lambda x: x if x > 0 else x / 4,
    ),
    Row(
        "prelu",
        "F.prelu(x.reshape(1, -1), y.reshape(-1)).reshape(x.shape)",
        "jnp.where(x > 0, x, y * x)",
        lambda x, y: x if x > 0 else y * x,
        domain=(REAL, REAL),
    ),
    Row(
        "threshold",
        "F.threshold(x, 0.25, 20.0)",
        "jnp.where(x > 0.25, x, 20.0)",
        lambda x: x if x > mp.mpf(1) / 4 else mp.mpf(20),
    ),
    Row("elu", "F.elu(x, alpha=0.5)", "jax.nn.elu(x, alpha=0.5)", lambda x: elu(x, mp.mpf(1) / 2)),
    Row("elu default", "F.elu(x)", "jax.nn.elu(x)", elu),
    Row("celu", "F.celu(x, alpha=2.0)", "jax.nn.celu(x, alpha=2.0)", lambda x: celu(x, 2)),
    Row("celu default", "F.celu(x)", "jax.nn.celu(x)", celu),
    Row("selu", "F.selu(x)", "jax.nn.selu(x)", selu),
    Row(
        "elu derivative",
        "torch.func.grad(lambda x: F.elu(x).sum())(x)",
        "jax.grad(lambda x: jax.nn.elu(x).sum())(x)",
        lambda x: mp.mpf(1) if x > 0 else mp.exp(x),
    ),
)

SMOOTH = (
    Row("silu", "F.silu(x)", "jax.nn.silu(x)", lambda x: x * sigmoid(x)),
    Row(
        "silu derivative",
        "torch.func.grad(lambda x: F.silu(x).sum())(x)",
        "jax.grad(lambda x: jax.nn.silu(x).sum())(x)",
        silu_slope,
    ),
    Row("mish", "F.mish(x)", "jax.nn.mish(x)", mish),
    Row("gelu of erf", "F.gelu(x, approximate='none')", "jax.nn.gelu(x, approximate=False)", gelu),
    Row("gelu of tanh", "F.gelu(x, approximate='tanh')", "jax.nn.gelu(x, approximate=True)", gelu_tanh),
    Row(
        "gelu of erf, derivative",
        "torch.func.grad(lambda x: F.gelu(x, approximate='none').sum())(x)",
        "jax.grad(lambda x: jax.nn.gelu(x, approximate=False).sum())(x)",
        gelu_slope,
    ),
    Row("softplus", "F.softplus(x, threshold=40.0)", "jax.nn.softplus(x)", softplus),
    Row(
        "softplus of beta 4",
        "F.softplus(x, beta=4.0, threshold=40.0)",
        "jax.nn.softplus(4.0 * x) / 4.0",
        lambda x: softplus(4 * x) / 4,
    ),
    Row(
        "softplus of beta 0.25",
        "F.softplus(x, beta=0.25, threshold=40.0)",
        "jax.nn.softplus(0.25 * x) / 0.25",
        lambda x: softplus(x / 4) * 4,
    ),
    Row(
        "softplus default",
        "F.softplus(x)",
        "jax.nn.softplus(x)",
        softplus,
        points=(19.5, 20.5, 25.0),
        note="defaults differ: torch is linear above 20",
    ),
    Row(
        "softplus derivative",
        "torch.func.grad(lambda x: F.softplus(x, threshold=40.0).sum())(x)",
        "jax.grad(lambda x: jax.nn.softplus(x).sum())(x)",
        sigmoid,
    ),
    Row(
        "squareplus",
        "(x + torch.sqrt(x * x + 4.0)) / 2",
        "jax.nn.squareplus(x)",
        squareplus,
        note="torch has none: from sqrt",
    ),
    Row(
        "sparse_plus",
        "torch.where(x <= -1, torch.zeros_like(x), torch.where(x >= 1, x, (x + 1) ** 2 / 4))",
        "jax.nn.sparse_plus(x)",
        sparse_plus,
    ),
    Row("softsign", "F.softsign(x)", "jax.nn.soft_sign(x)", lambda x: x / (1 + abs(x))),
    Row(
        "softsign derivative",
        "torch.func.grad(lambda x: F.softsign(x).sum())(x)",
        "jax.grad(lambda x: jax.nn.soft_sign(x).sum())(x)",
        softsign_slope,
    ),
)

SIGMOIDS = (
    Row("sigmoid", "torch.sigmoid(x)", "jax.nn.sigmoid(x)", sigmoid),
    Row("log_sigmoid", "F.logsigmoid(x)", "jax.nn.log_sigmoid(x)", lambda x: -softplus(-x)),
    Row(
        "log_sigmoid derivative",
        "torch.func.grad(lambda x: F.logsigmoid(x).sum())(x)",
        "jax.grad(lambda x: jax.nn.log_sigmoid(x).sum())(x)",
        lambda x: sigmoid(-x),
    ),
    Row("tanh of nn", "F.tanh(x)", "jax.nn.tanh(x)", mp.tanh),
    Row(
        "tanh derivative",
        "torch.func.grad(lambda x: F.tanh(x).sum())(x)",
        "jax.grad(lambda x: jax.nn.tanh(x).sum())(x)",
        lambda x: mp.sech(x) ** 2,
    ),
    Row("hard_sigmoid", "F.hardsigmoid(x)", "jax.nn.hard_sigmoid(x)", lambda x: clip(x + 3, 0, 6) / 6),
    Row("hard_swish", "F.hardswish(x)", "jax.nn.hard_swish(x)", lambda x: x * clip(x + 3, 0, 6) / 6),
    Row("hard_tanh", "F.hardtanh(x)", "jax.nn.hard_tanh(x)", lambda x: clip(x, -1, 1)),
    Row(
        "hard_tanh of limits",
        "F.hardtanh(x, min_val=-0.5, max_val=2.0)",
        "jnp.clip(x, -0.5, 2.0)",
        lambda x: clip(x, -0.5, 2),
    ),
    Row(
        "sparse_sigmoid",
        "torch.clamp((x + 1) / 2, 0.0, 1.0)",
        "jax.nn.sparse_sigmoid(x)",
        lambda x: clip((x + 1) / 2, 0, 1),
    ),
    Row(
        "log1mexp",
        "torch.where(x < 1, torch.log(-torch.expm1(-x)), torch.log1p(-torch.exp(-x.clamp(min=1))))",
        "jax.nn.log1mexp(x)",
        log1mexp,
        domain=((0, inf),),
    ),
)

SHRINKING = (
    Row(
        "softshrink",
        "F.softshrink(x, lambd=0.5)",
        "jnp.sign(x) * jax.nn.relu(jnp.abs(x) - 0.5)",
        soft_threshold,
    ),
    Row(
        "hardshrink",
        "F.hardshrink(x, lambd=0.5)",
        "jnp.where(jnp.abs(x) > 0.5, x, 0.0)",
        lambda x: x if abs(x) > mp.mpf(1) / 2 else ZERO,
    ),
    Row("tanhshrink", "F.tanhshrink(x)", "x - jnp.tanh(x)", tanhshrink, note="jax has none: from tanh"),
)

OF_A_PAIR = (
    Row(
        "glu of a pair",
        "F.glu(torch.stack([x, y]), dim=0)[0]",
        "jax.nn.glu(jnp.stack([x, y]), axis=0)[0]",
        lambda x, y: x * sigmoid(y),
        domain=(REAL, REAL),
    ),
    Row(
        "softmax of a pair",
        "F.softmax(torch.stack([x, y]), dim=0)[0]",
        "jax.nn.softmax(jnp.stack([x, y]), axis=0)[0]",
        lambda x, y: sigmoid(x - y),
        domain=(REAL, REAL),
    ),
    Row(
        "softmin of a pair",
        "F.softmin(torch.stack([x, y]), dim=0)[0]",
        "jax.nn.softmax(-jnp.stack([x, y]), axis=0)[0]",
        lambda x, y: sigmoid(y - x),
        domain=(REAL, REAL),
    ),
    Row(
        "log_softmax of a pair",
        "F.log_softmax(torch.stack([x, y]), dim=0)[0]",
        "jax.nn.log_softmax(jnp.stack([x, y]), axis=0)[0]",
        lambda x, y: -softplus(y - x),
        domain=(REAL, REAL),
    ),
    Row(
        "swiglu of a pair",
        "F.silu(x) * y",
        "jax.nn.silu(x) * y",
        lambda x, y: x * sigmoid(x) * y,
        domain=(REAL, REAL),
    ),
)

GELU_DEFAULT = (
    Row(
        "gelu default of torch",
        "F.gelu(x)",
        "jax.nn.gelu(x, approximate=False)",
        gelu,
        note="defaults differ: torch takes erf",
    ),
    Row(
        "gelu default of jax",
        "F.gelu(x, approximate='tanh')",
        "jax.nn.gelu(x)",
        gelu_tanh,
        note="defaults differ: jax takes tanh",
    ),
)

ACTIVATIONS: tuple[Row, ...] = (*RECTIFIERS, *SMOOTH, *SIGMOIDS, *SHRINKING, *OF_A_PAIR, *GELU_DEFAULT)
