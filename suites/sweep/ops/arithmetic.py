"""Arithmetic, rounding, comparison, casts, integers, and complex numbers by their parts."""

import math

import mpmath as mp

from ..exact import Scalar
from ..formulas.arithmetic import (
    copysign,
    fmod,
    followed,
    frexp,
    isclose,
    nextafter,
    not_zero,
    polynomial,
    remainder,
    trunc,
)
from ..formulas.casts import bfloat, half, integer, on_integers, single
from ..formulas.complex_parts import (
    ample,
    angle,
    complex_expm1_real,
    complex_log1p_imag,
    complex_log1p_real,
    complex_log_real,
    complex_sign_imag,
    complex_sign_real,
    complex_sqrt_imag,
    complex_tanh_imag,
    complex_tanh_real,
)
from ..row import REAL, Row

TWO = (REAL, REAL)
INTEGER = (-1e9, 1e9)
SHORT = (-30000.0, 30000.0)
DIVISOR = (1.0, 1e9)


def flag(name: str, torch: str, jax: str, truth: Scalar, n: int = 1) -> Row:
    """A row of truth values, cast to floats."""
    return Row(name, f"{torch}.to(x.dtype)", f"{jax}.astype(x.dtype)", truth, domain=(REAL,) * n, differentiable=False)


def cast(kind: str, truth: Scalar, *points: float) -> Row:
    """There and back."""
    torch, jax = f"x.to(torch.{kind}).to(x.dtype)", f"x.astype(jnp.{kind}).astype(x.dtype)"
    return Row(f"to {kind}", torch, jax, truth, points=points, differentiable=False)


def whole(name: str, torch: str, jax: str, truth: Scalar, *domain: tuple[float, float]) -> Row:
    """A row of integers: the functions are given without their arguments, which are cast.

    What is not finite is one: else it might become zero, by which integers are not divided, or the least integer, which
    has no absolute value.
    """
    arguments = "xyz"[: len(domain)]
    ts = ", ".join(f"torch.nan_to_num({a}, nan=1.0, posinf=1.0, neginf=1.0).to(torch.int32)" for a in arguments)
    js = ", ".join(f"jnp.nan_to_num({a}, nan=1.0, posinf=1.0, neginf=1.0).astype(jnp.int32)" for a in arguments)
    torch, jax = torch.format(ts), jax.format(js)
    return Row(
        name,
        f"{torch}.to(x.dtype)",
        f"{jax}.astype(x.dtype)",
        on_integers(truth),
        domain=domain,
        points=(6.0, 255.0, 1023.0, -7.0),
        differentiable=False,
    )


def parts(name: str, torch: str, jax: str, real: Scalar, imag: Scalar) -> tuple[Row, Row]:
    """Both parts of a function of x + iy; Z stands for it."""
    t, j = torch.replace("Z", "torch.complex(x, y)"), jax.replace("Z", "lax.complex(x, y)")
    return (
        Row(f"complex {name} real", f"{t}.real", f"{j}.real", real, domain=TWO),
        Row(f"complex {name} imag", f"{t}.imag", f"{j}.imag", imag, domain=TWO),
    )


REALS: tuple[Row, ...] = (
    Row("add", "torch.add(x, y)", "jnp.add(x, y)", lambda x, y: x + y, domain=TWO),
    Row("subtract", "torch.subtract(x, y)", "jnp.subtract(x, y)", lambda x, y: x - y, domain=TWO),
    Row("multiply", "torch.multiply(x, y)", "jnp.multiply(x, y)", lambda x, y: x * y, domain=TWO),
    Row("divide", "torch.divide(x, y)", "jnp.divide(x, y)", lambda x, y: x / y, domain=TWO),
    Row("negative", "torch.negative(x)", "jnp.negative(x)", lambda x: -x),
    Row("positive", "torch.positive(x)", "jnp.positive(x)", lambda x: x),
    Row("abs", "torch.abs(x)", "jnp.abs(x)", abs),
    Row("sign", "torch.sign(x)", "jnp.sign(x)", mp.sign),
    Row("copysign", "torch.copysign(x, y)", "jnp.copysign(x, y)", copysign, domain=TWO),
    Row(
        "heaviside",
        "torch.heaviside(x, y)",
        "jnp.heaviside(x, y)",
        lambda x, y: y if x == 0 else int(x > 0),
        domain=TWO,
        differentiable=False,
    ),
    Row("polyval", "((2 * x - 3) * x - 12) * x + 5", "jnp.polyval(jnp.array([2.0, -3.0, -12.0, 5.0]), x)", polynomial),
    # Of three arguments, one is fixed.
    Row(
        "addcmul",
        "torch.addcmul(x, y, y, value=-0.5)",
        "x - 0.5 * y * y",
        ample(lambda x, y: x - y * y / 2),
        domain=TWO,
    ),
    Row(
        "addcmul to one",
        "torch.addcmul(torch.ones_like(x), x, y)",
        "1 + x * y",
        ample(lambda x, y: 1 + x * y),
        domain=TWO,
    ),
    Row(
        "addcdiv",
        "torch.addcdiv(torch.ones_like(x), x, y)",
        "1 + x / y",
        ample(lambda x, y: 1 + x / y),
        domain=TWO,
    ),
    Row(
        "addcdiv inverse",
        "torch.addcdiv(x, torch.ones_like(y), y)",
        "x + 1 / y",
        ample(lambda x, y: x + 1 / y),
        domain=TWO,
    ),
    Row("lerp 0.25", "torch.lerp(x, y, 0.25)", "x + 0.25 * (y - x)", ample(lambda x, y: (3 * x + y) / 4), domain=TWO),
    Row("lerp 0.75", "torch.lerp(x, y, 0.75)", "x + 0.75 * (y - x)", ample(lambda x, y: (x + 3 * y) / 4), domain=TWO),
    Row(
        "lerp to one",
        "torch.lerp(x, torch.ones_like(x), y)",
        "x + y * (1 - x)",
        ample(lambda x, y: (1 - y) * x + y),
        domain=TWO,
    ),
    Row("where", "torch.where(x > 0, x, y)", "jnp.where(x > 0, x, y)", lambda x, y: x if x > 0 else y, domain=TWO),
    # Rounding.
    Row("floor", "torch.floor(x)", "jnp.floor(x)", mp.floor),
    Row("ceil", "torch.ceil(x)", "jnp.ceil(x)", mp.ceil),
    Row("round", "torch.round(x)", "jnp.round(x)", mp.nint, points=(2.5, -2.5), note="ties to even"),
    Row(
        "round decimals",
        "torch.round(x, decimals=2)",
        "jnp.round(x, decimals=2)",
        lambda x: mp.nint(x * 100) / 100,
        points=(0.125, 0.375, -0.125),
        differentiable=False,
    ),
    Row("trunc", "torch.trunc(x)", "jnp.trunc(x)", trunc),
    Row("frac", "torch.frac(x)", "jnp.modf(x)[0]", lambda x: x - trunc(x)),
    # Division with remainder.
    Row("fmod", "torch.fmod(x, y)", "jnp.fmod(x, y)", followed(fmod), domain=TWO),
    Row("fmod far", "torch.fmod(x, y)", "jnp.fmod(x, y)", fmod, domain=TWO, differentiable=False),
    Row("remainder", "torch.remainder(x, y)", "jnp.remainder(x, y)", followed(remainder), domain=TWO),
    Row(
        "remainder far",
        "torch.remainder(x, y)",
        "jnp.remainder(x, y)",
        remainder,
        domain=TWO,
        points=(0.1, 0.3, -0.1),
        differentiable=False,
    ),
    Row(
        "floor_divide",
        "torch.floor_divide(x, y)",
        "jnp.floor_divide(x, y)",
        lambda x, y: mp.floor(x / y),
        domain=TWO,
        points=(0.1, 0.3, -0.1),
        differentiable=False,
    ),
    # The larger and the smaller.
    Row("maximum", "torch.maximum(x, y)", "jnp.maximum(x, y)", max, domain=TWO),
    Row("minimum", "torch.minimum(x, y)", "jnp.minimum(x, y)", min, domain=TWO),
    Row("fmax", "torch.fmax(x, y)", "jnp.fmax(x, y)", max, domain=TWO),
    Row("fmin", "torch.fmin(x, y)", "jnp.fmin(x, y)", min, domain=TWO),
    Row(
        "clip",
        "torch.clip(x, -1.5, 2.5)",
        "jnp.clip(x, -1.5, 2.5)",
        lambda x: min(max(x, mp.mpf(-1.5)), mp.mpf(2.5)),
        points=(2.5,),
    ),
    Row("clip below", "torch.clip(x, min=0.5)", "jnp.clip(x, min=0.5)", lambda x: max(x, mp.mpf(0.5))),
    Row("clip above", "torch.clip(x, max=0.5)", "jnp.clip(x, max=0.5)", lambda x: min(x, mp.mpf(0.5))),
    Row("clip by y", "torch.clip(x, -y, y)", "jnp.clip(x, -y, y)", lambda x, y: min(max(x, -y), y), domain=TWO),
    # The representation.
    Row(
        "nextafter",
        "torch.nextafter(x.to(torch.float32), y.to(torch.float32)).to(x.dtype)",
        "jnp.nextafter(x.astype(jnp.float32), y.astype(jnp.float32)).astype(x.dtype)",
        nextafter,
        domain=TWO,
        differentiable=False,
        note="of float32",
    ),
    Row(
        "ldexp",
        "torch.ldexp(x, y.to(torch.int32))",
        "jnp.ldexp(x, y.astype(jnp.int32))",
        lambda x, y: x * mp.mpf(2) ** integer(y),
        domain=(REAL, (-1100.0, 1100.0)),
        points=(-7.0, 140.0, -140.0),
        differentiable=False,
    ),
    Row("ldexp 3", "torch.ldexp(x, torch.tensor(3))", "jnp.ldexp(x, 3)", lambda x: 8 * x),
    Row("frexp mantissa", "torch.frexp(x).mantissa", "jnp.frexp(x)[0]", frexp(0)),
    Row(
        "frexp exponent",
        "torch.frexp(x).exponent.to(x.dtype)",
        "jnp.frexp(x)[1].astype(x.dtype)",
        frexp(1),
        differentiable=False,
    ),
    Row("nan_to_num", "torch.nan_to_num(x)", "jnp.nan_to_num(x)", lambda x: x),
    Row("real", "torch.real(x)", "jnp.real(x)", lambda x: x),
    Row("conj", "torch.conj(x)", "jnp.conj(x)", lambda x: x),
    Row("angle", "torch.angle(x)", "jnp.angle(x)", lambda x: mp.pi * int(not_zero(x) < 0)),
)

FLAGS: tuple[Row, ...] = (
    flag("eq", "torch.eq(x, y)", "jnp.equal(x, y)", lambda x, y: int(x == y), 2),
    flag("ne", "torch.ne(x, y)", "jnp.not_equal(x, y)", lambda x, y: int(x != y), 2),
    flag("lt", "torch.lt(x, y)", "jnp.less(x, y)", lambda x, y: int(x < y), 2),
    flag("le", "torch.le(x, y)", "jnp.less_equal(x, y)", lambda x, y: int(x <= y), 2),
    flag("gt", "torch.gt(x, y)", "jnp.greater(x, y)", lambda x, y: int(x > y), 2),
    flag("ge", "torch.ge(x, y)", "jnp.greater_equal(x, y)", lambda x, y: int(x >= y), 2),
    flag("isclose", "torch.isclose(x, y)", "jnp.isclose(x, y)", isclose, 2),
    flag("isfinite", "torch.isfinite(x)", "jnp.isfinite(x)", lambda x: int(mp.isfinite(x))),
    flag("isinf", "torch.isinf(x)", "jnp.isinf(x)", lambda x: int(mp.isinf(x))),
    flag("isnan", "torch.isnan(x)", "jnp.isnan(x)", lambda x: int(mp.isnan(x))),
    flag("isposinf", "torch.isposinf(x)", "jnp.isposinf(x)", lambda x: int(x == mp.inf)),
    flag("isneginf", "torch.isneginf(x)", "jnp.isneginf(x)", lambda x: int(x == -mp.inf)),
    flag("signbit", "torch.signbit(x)", "jnp.signbit(x)", lambda x: int(not_zero(x) < 0)),
    flag("logical_and", "torch.logical_and(x, y)", "jnp.logical_and(x, y)", lambda x, y: int(x != 0 and y != 0), 2),
    flag("logical_or", "torch.logical_or(x, y)", "jnp.logical_or(x, y)", lambda x, y: int(x != 0 or y != 0), 2),
    flag("logical_xor", "torch.logical_xor(x, y)", "jnp.logical_xor(x, y)", lambda x, y: int((x != 0) != (y != 0)), 2),
    flag("logical_not", "torch.logical_not(x)", "jnp.logical_not(x)", lambda x: int(x == 0)),
)

CASTS: tuple[Row, ...] = (
    # The points are ties, and next to them by less than a float32 shows.
    cast("float64", lambda x: x),
    cast("float32", single, 1 + 2.0**-24, 1 + 2.0**-24 + 2.0**-40, 1 + 3 * 2.0**-24),
    cast("bfloat16", bfloat, 1 + 2.0**-8, 1 + 2.0**-8 + 2.0**-40, 1 + 3 * 2.0**-8),
    cast("float16", half, 1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40, 1 + 3 * 2.0**-11, 65519.0, 65520.0),
    cast("int32", integer, -1.5, -0.75, 1e9, -1e9),
    cast("bool", lambda x: int(x != 0)),
)

INTEGERS: tuple[Row, ...] = (
    whole("bitwise_and", "torch.bitwise_and({})", "jnp.bitwise_and({})", lambda a, b: a & b, INTEGER, INTEGER),
    whole("bitwise_or", "torch.bitwise_or({})", "jnp.bitwise_or({})", lambda a, b: a | b, INTEGER, INTEGER),
    whole("bitwise_xor", "torch.bitwise_xor({})", "jnp.bitwise_xor({})", lambda a, b: a ^ b, INTEGER, INTEGER),
    whole("bitwise_not", "torch.bitwise_not({})", "jnp.bitwise_not({})", lambda a: ~a, INTEGER),
    whole("left_shift", "torch.bitwise_left_shift({}, 5)", "jnp.left_shift({}, 5)", lambda a: a << 5, (-6e7, 6e7)),
    whole("right_shift", "torch.bitwise_right_shift({}, 5)", "jnp.right_shift({}, 5)", lambda a: a >> 5, INTEGER),
    whole("gcd", "torch.gcd({})", "jnp.gcd({})", math.gcd, INTEGER, INTEGER),
    whole("lcm", "torch.lcm({})", "jnp.lcm({})", math.lcm, SHORT, SHORT),
    whole("integer add", "torch.add({})", "jnp.add({})", lambda a, b: a + b, INTEGER, INTEGER),
    whole("integer multiply", "torch.multiply({})", "jnp.multiply({})", lambda a, b: a * b, SHORT, SHORT),
    whole("integer quotient", "torch.floor_divide({})", "jnp.floor_divide({})", lambda a, b: a // b, INTEGER, DIVISOR),
    whole("integer remainder", "torch.remainder({})", "jnp.remainder({})", lambda a, b: a % b, INTEGER, DIVISOR),
    whole("integer fmod", "torch.fmod({})", "jnp.fmod({})", lambda a, b: int(fmod(a, b)), INTEGER, DIVISOR),
    whole("integer abs", "torch.abs({})", "jnp.abs({})", abs, INTEGER),
    whole("integer square", "torch.pow({}, 2)", "jnp.power({}, 2)", lambda a: a * a, SHORT),
)

COMPLEX: tuple[Row, ...] = (
    Row("complex abs", "torch.abs(torch.complex(x, y))", "jnp.abs(lax.complex(x, y))", mp.hypot, domain=TWO),
    Row("complex angle", "torch.angle(torch.complex(x, y))", "jnp.angle(lax.complex(x, y))", angle, domain=TWO),
    *parts("sign", "torch.sgn(Z)", "jnp.sign(Z)", complex_sign_real, complex_sign_imag),
    *parts("multiply", "(Z * Z)", "(Z * Z)", lambda x, y: (x - y) * (x + y), lambda x, y: 2 * x * y),
    *parts(
        "divide by 3 + 4i",
        "(Z / (3 + 4j))",
        "(Z / (3 + 4j))",
        lambda x, y: (3 * x + 4 * y) / 25,
        lambda x, y: (3 * y - 4 * x) / 25,
    ),
    *parts(
        "divide 3 + 4i by",
        "((3 + 4j) / Z)",
        "((3 + 4j) / Z)",
        lambda x, y: (3 * x + 4 * y) / (x * x + y * y),
        lambda x, y: (4 * x - 3 * y) / (x * x + y * y),
    ),
    *parts(
        "reciprocal",
        "torch.reciprocal(Z)",
        "jnp.reciprocal(Z)",
        lambda x, y: x / (x * x + y * y),
        lambda x, y: -y / (x * x + y * y),
    ),
    *parts("sqrt", "torch.sqrt(Z)", "jnp.sqrt(Z)", lambda x, y: mp.sqrt(mp.mpc(x, y)).real, complex_sqrt_imag),
    *parts(
        "exp",
        "torch.exp(Z)",
        "jnp.exp(Z)",
        lambda x, y: mp.exp(x) * mp.cos(y),
        lambda x, y: mp.exp(x) * mp.sin(y),
    ),
    *parts("expm1", "torch.expm1(Z)", "jnp.expm1(Z)", complex_expm1_real, lambda x, y: mp.exp(x) * mp.sin(y)),
    *parts("log", "torch.log(Z)", "jnp.log(Z)", complex_log_real, angle),
    *parts("log1p", "torch.log1p(Z)", "jnp.log1p(Z)", complex_log1p_real, complex_log1p_imag),
    *parts(
        "sin",
        "torch.sin(Z)",
        "jnp.sin(Z)",
        lambda x, y: mp.sin(x) * mp.cosh(y),
        lambda x, y: mp.cos(x) * mp.sinh(y),
    ),
    *parts(
        "cosh",
        "torch.cosh(Z)",
        "jnp.cosh(Z)",
        lambda x, y: mp.cosh(x) * mp.cos(y),
        lambda x, y: mp.sinh(x) * mp.sin(y),
    ),
    *parts("tanh", "torch.tanh(Z)", "jnp.tanh(Z)", complex_tanh_real, complex_tanh_imag),
)

ARITHMETIC: tuple[Row, ...] = REALS + FLAGS + CASTS + INTEGERS + COMPLEX
