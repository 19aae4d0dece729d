"""Powers, roots, exponentials, logarithms, trigonometric and hyperbolic functions."""

import mpmath as mp

from ..formulas.elementary import atan2, cbrt, logaddexp, logaddexp2, power, to_the
from ..row import REAL, Row

inf = float("inf")
NOT_NEGATIVE = (0.0, inf)


ELEMENTARY: tuple[Row, ...] = (
    # Exponentials and logarithms.
    Row("exp", "torch.exp(x)", "jnp.exp(x)", mp.exp),
    Row("exp2", "torch.exp2(x)", "jnp.exp2(x)", lambda x: mp.power(2, x), points=(127.5, -126.5, 1023.5, -1022.5)),
    Row("expm1", "torch.expm1(x)", "jnp.expm1(x)", mp.expm1),
    Row("log", "torch.log(x)", "jnp.log(x)", mp.log, domain=(NOT_NEGATIVE,)),
    Row("log2", "torch.log2(x)", "jnp.log2(x)", lambda x: mp.log(x, 2), domain=(NOT_NEGATIVE,)),
    Row("log10", "torch.log10(x)", "jnp.log10(x)", mp.log10, domain=(NOT_NEGATIVE,)),
    Row("log1p", "torch.log1p(x)", "jnp.log1p(x)", mp.log1p, domain=((-1, inf),)),
    Row("logaddexp", "torch.logaddexp(x, y)", "jnp.logaddexp(x, y)", logaddexp, domain=(REAL, REAL)),
    Row("logaddexp2", "torch.logaddexp2(x, y)", "jnp.logaddexp2(x, y)", logaddexp2, domain=(REAL, REAL)),
    # Roots and powers.
    Row("sqrt", "torch.sqrt(x)", "jnp.sqrt(x)", mp.sqrt, domain=(NOT_NEGATIVE,)),
    Row("rsqrt", "torch.rsqrt(x)", "lax.rsqrt(x)", lambda x: 1 / mp.sqrt(x), domain=(NOT_NEGATIVE,)),
    Row(
        "cbrt",
        "x.sign() * x.abs().pow(1 / 3)",
        "jnp.cbrt(x)",
        cbrt,
        note="torch has no cube root: a power by 1/3 rounded",
    ),
    Row("square", "torch.square(x)", "jnp.square(x)", to_the(2)),
    Row("reciprocal", "torch.reciprocal(x)", "jnp.reciprocal(x)", to_the(-1)),
    Row("power -3", "torch.pow(x, -3)", "jnp.power(x, -3)", to_the(-3)),
    Row("power -2", "torch.pow(x, -2)", "jnp.power(x, -2)", to_the(-2)),
    Row("power -1", "torch.pow(x, -1)", "jnp.power(x, -1)", to_the(-1)),
    Row("power 0", "torch.pow(x, 0)", "jnp.power(x, 0)", to_the(0)),
    Row("power 1", "torch.pow(x, 1)", "jnp.power(x, 1)", to_the(1)),
    Row("power 2", "torch.pow(x, 2)", "jnp.power(x, 2)", to_the(2)),
    Row("power 3", "torch.pow(x, 3)", "jnp.power(x, 3)", to_the(3)),
    Row("power 10", "torch.pow(x, 10)", "jnp.power(x, 10)", to_the(10)),
    Row("power 2.0", "torch.pow(x, 2.0)", "jnp.power(x, 2.0)", to_the(2)),
    Row("power 3.0", "torch.pow(x, 3.0)", "jnp.power(x, 3.0)", to_the(3)),
    Row("power 0.5", "torch.pow(x, 0.5)", "jnp.power(x, 0.5)", to_the(0.5), domain=(NOT_NEGATIVE,)),
    Row("power -0.5", "torch.pow(x, -0.5)", "jnp.power(x, -0.5)", to_the(-0.5), domain=(NOT_NEGATIVE,)),
    Row("power 1.5", "torch.pow(x, 1.5)", "jnp.power(x, 1.5)", to_the(1.5), domain=(NOT_NEGATIVE,)),
    Row("power of 3", "torch.pow(3, x)", "jnp.power(3, x)", lambda x: mp.power(3, x)),
    Row("power", "torch.pow(x, y)", "jnp.power(x, y)", power, domain=(NOT_NEGATIVE, REAL)),
    Row(
        "float_power",
        "torch.float_power(x, y).to(x.dtype)",
        "jnp.float_power(x, y)",
        power,
        domain=(NOT_NEGATIVE, REAL),
    ),
    Row("hypot", "torch.hypot(x, y)", "jnp.hypot(x, y)", mp.hypot, domain=(REAL, REAL)),
    # Trigonometry.
    Row("sin", "torch.sin(x)", "jnp.sin(x)", mp.sin),
    Row("cos", "torch.cos(x)", "jnp.cos(x)", mp.cos),
    Row("tan", "torch.tan(x)", "jnp.tan(x)", mp.tan),
    Row("sinc", "torch.sinc(x)", "jnp.sinc(x)", mp.sincpi, note="sin(pi x) / (pi x)"),
    Row("asin", "torch.asin(x)", "jnp.arcsin(x)", mp.asin, domain=((-1, 1),)),
    Row("acos", "torch.acos(x)", "jnp.arccos(x)", mp.acos, domain=((-1, 1),)),
    Row("atan", "torch.atan(x)", "jnp.arctan(x)", mp.atan),
    Row("atan2", "torch.atan2(x, y)", "jnp.arctan2(x, y)", atan2, domain=(REAL, REAL)),
    Row("deg2rad", "torch.deg2rad(x)", "jnp.deg2rad(x)", lambda x: x * mp.pi / 180),
    Row("rad2deg", "torch.rad2deg(x)", "jnp.rad2deg(x)", lambda x: x * 180 / mp.pi),
    # Hyperbolic functions.
    Row("sinh", "torch.sinh(x)", "jnp.sinh(x)", mp.sinh),
    Row("cosh", "torch.cosh(x)", "jnp.cosh(x)", mp.cosh),
    Row("tanh", "torch.tanh(x)", "jnp.tanh(x)", mp.tanh),
    Row("asinh", "torch.asinh(x)", "jnp.arcsinh(x)", mp.asinh),
    Row("acosh", "torch.acosh(x)", "jnp.arccosh(x)", mp.acosh, domain=((1, inf),)),
    Row("atanh", "torch.atanh(x)", "jnp.arctanh(x)", mp.atanh, domain=((-1, 1),)),
)
