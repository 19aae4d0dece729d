"""Powers, roots, exponentials, logarithms, trigonometric and hyperbolic functions."""

import mpmath as mp

from ..row import Row

inf = float("inf")

ELEMENTARY: tuple[Row, ...] = (
    Row("exp", "torch.exp(x)", "jnp.exp(x)", mp.exp),
    Row("expm1", "torch.expm1(x)", "jnp.expm1(x)", mp.expm1),
    Row("log1p", "torch.log1p(x)", "jnp.log1p(x)", mp.log1p, domain=((-1, inf),)),
    Row("sqrt", "torch.sqrt(x)", "jnp.sqrt(x)", mp.sqrt, domain=((0, inf),)),
    Row("sin", "torch.sin(x)", "jnp.sin(x)", mp.sin),
    Row("abs", "torch.abs(x)", "jnp.abs(x)", abs),
    Row("asinh", "torch.asinh(x)", "jnp.arcsinh(x)", mp.asinh),
    Row("hypot", "torch.hypot(x, y)", "jnp.hypot(x, y)", mp.hypot, domain=((-inf, inf), (-inf, inf))),
)
