"""Special functions: of error and gamma kind, Bessel functions, entropies, probability densities."""

import mpmath as mp

from ..formulas.bessel import bessel_i, bessel_ie
from ..formulas.densities import (
    beta_logpdf,
    gamma_logpdf,
    laplace_cdf,
    normal_logpdf,
    relative_entropy,
    student_logpdf,
    von_mises_logpdf,
    xlog1py,
    xlogy,
)
from ..formulas.elementary import logaddexp
from ..formulas.error_functions import erfc, erfcx, log_ndtr, ndtr, ndtri
from ..formulas.gamma import betaln, gamma_head, gamma_part, gamma_tail, lgamma, multigammaln, trigamma
from ..formulas.guards import decay, few_digits, inside
from ..formulas.logistic import logit, sigmoid, sigmoid_slope, softplus
from ..row import REAL, Row

inf = float("inf")

POSITIVE = (0, inf)
UNIT = (0, 1)


ERROR_FUNCTIONS = (
    Row("erf", "torch.special.erf(x)", "jsp.special.erf(x)", mp.erf),
    Row("erfc", "torch.special.erfc(x)", "jsp.special.erfc(x)", erfc),
    Row("erfcx", "torch.special.erfcx(x)", "jsp.special.erfcx(x)", erfcx),
    Row("erfinv", "torch.special.erfinv(x)", "jsp.special.erfinv(x)", mp.erfinv, domain=((-1, 1),)),
    Row("ndtr", "torch.special.ndtr(x)", "jsp.special.ndtr(x)", ndtr),
    Row("log_ndtr", "torch.special.log_ndtr(x)", "jsp.special.log_ndtr(x)", log_ndtr),
    Row("ndtri", "torch.special.ndtri(x)", "jsp.special.ndtri(x)", ndtri, domain=(UNIT,), points=(1e-5, 0.02, 0.135)),
)

LOGISTIC = (
    Row("expit", "torch.special.expit(x)", "jsp.special.expit(x)", sigmoid),
    Row("logit", "torch.special.logit(x)", "jsp.special.logit(x)", logit, domain=(UNIT,)),
    Row(
        "expit derivative",
        "torch.func.grad(lambda x: torch.special.expit(x).sum())(x)",
        "jax.grad(lambda x: jsp.special.expit(x).sum())(x)",
        sigmoid_slope,
    ),
    Row(
        "logit derivative",
        "torch.func.grad(lambda x: torch.special.logit(x).sum())(x)",
        "jax.grad(lambda x: jsp.special.logit(x).sum())(x)",
        inside(lambda x: 1 / (x * (1 - x)), 0, 1),
        domain=(UNIT,),
    ),
    Row(
        "logsumexp of two",
        "torch.special.logsumexp(torch.stack([x, y]), dim=0)",
        "jsp.special.logsumexp(jnp.stack([x, y]), axis=0)",
        logaddexp,
        domain=(REAL, REAL),
    ),
    Row(
        "log_softmax of two",
        "torch.special.log_softmax(torch.stack([x, y]), dim=0)[0]",
        "jsp.special.log_softmax(jnp.stack([x, y]), axis=0)[0]",
        lambda x, y: -softplus(y - x),
        domain=(REAL, REAL),
    ),
)

GAMMA_FUNCTIONS = (
    Row("gammaln", "torch.special.gammaln(x)", "jsp.special.gammaln(x)", lgamma, points=(-0.5, -2.5, -3.75, -10.25)),
    Row(
        "gamma",
        "torch.special.gammaln(x).exp()",
        "jsp.special.gamma(x)",
        inside(mp.gamma, 0, 180),
        domain=((0, 180),),
        note="torch has none: from gammaln",
    ),
    Row(
        "gamma of negative numbers",
        "torch.special.gammaln(x).exp()",
        "jsp.special.gamma(x)",
        inside(mp.gamma, -170, 0),
        domain=((-170, 0),),
        unsupported={"torch": "has no gamma function, nor the sign of one"},
    ),
    Row(
        "factorial",
        "torch.special.gammaln(x + 1).exp()",
        "jsp.special.factorial(x)",
        inside(mp.factorial, 0, 170),
        domain=((0, 170),),
        note="torch has none: from gammaln",
    ),
    Row(
        "betaln",
        "torch.lgamma(x) + torch.lgamma(y) - torch.lgamma(x + y)",
        "jsp.special.betaln(x, y)",
        betaln,
        domain=((0, 1e8), (0, 1e8)),
        unsupported={"torch": "has no betaln"},
    ),
    Row(
        "digamma",
        "torch.special.digamma(x)",
        "jsp.special.digamma(x)",
        lambda x: mp.psi(0, x),
        points=(-0.5, -2.25, -10.75),
    ),
    Row(
        "polygamma(1)",
        "torch.special.polygamma(1, x)",
        "jsp.special.polygamma(1, x)",
        inside(trigamma, 0),
        domain=(POSITIVE,),
    ),
    Row(
        "polygamma(1) of negative numbers",
        "torch.special.polygamma(1, x)",
        "jsp.special.polygamma(1, x)",
        inside(trigamma, -1000, 0),
        domain=((-1000, 0),),
        points=(-0.25, -2.5, -10.75),
    ),
    Row(
        "polygamma(2)",
        "torch.special.polygamma(2, x)",
        "jsp.special.polygamma(2, x)",
        inside(lambda x: mp.psi(2, x), 0),
        domain=(POSITIVE,),
    ),
    Row(
        "polygamma(3)",
        "torch.special.polygamma(3, x)",
        "jsp.special.polygamma(3, x)",
        inside(lambda x: mp.psi(3, x), 0),
        domain=(POSITIVE,),
    ),
    Row(
        "digamma derivative",
        "torch.func.grad(lambda x: torch.special.digamma(x).sum())(x)",
        "jax.grad(lambda x: jsp.special.digamma(x).sum())(x)",
        inside(trigamma, 0),
        domain=(POSITIVE,),
    ),
    Row(
        "multigammaln(2)",
        "torch.special.multigammaln(x, 2)",
        "jsp.special.multigammaln(x, 2)",
        inside(multigammaln(2), 0.5),
        domain=((0.5, inf),),
    ),
    Row(
        "multigammaln(3)",
        "torch.special.multigammaln(x, 3)",
        "jsp.special.multigammaln(x, 3)",
        inside(multigammaln(3), 1),
        domain=((1, inf),),
    ),
)

ZETA_FUNCTIONS = (
    Row(
        "zeta of s",
        "torch.special.zeta(x, torch.ones_like(x))",
        "jsp.special.zeta(x, jnp.ones_like(x))",
        inside(mp.zeta, 1),
        domain=((1, inf),),
        differentiable=False,
        note="no gradient in the first argument",
    ),
    Row(
        "hurwitz zeta(1.5, x)",
        "torch.special.zeta(torch.full_like(x, 1.5), x)",
        "jsp.special.zeta(jnp.full_like(x, 1.5), x)",
        inside(lambda x: mp.zeta(mp.mpf(3) / 2, x), 0),
        domain=(POSITIVE,),
    ),
    Row(
        "hurwitz zeta(2, x)",
        "torch.special.zeta(torch.full_like(x, 2.0), x)",
        "jsp.special.zeta(jnp.full_like(x, 2.0), x)",
        inside(lambda x: mp.psi(1, x), 0),
        domain=(POSITIVE,),
    ),
    Row(
        "hurwitz zeta(3, x)",
        "torch.special.zeta(torch.full_like(x, 3.0), x)",
        "jsp.special.zeta(jnp.full_like(x, 3.0), x)",
        inside(lambda x: -mp.psi(2, x) / 2, 0),
        domain=(POSITIVE,),
    ),
    Row(
        "hurwitz zeta(20, x)",
        "torch.special.zeta(torch.full_like(x, 20.0), x)",
        "jsp.special.zeta(jnp.full_like(x, 20.0), x)",
        inside(lambda x: mp.psi(19, x) / mp.factorial(19), 0),
        domain=(POSITIVE,),
    ),
)

INCOMPLETE_GAMMA_FUNCTIONS = (
    Row(
        "gammainc(0.5, x)",
        "torch.special.gammainc(torch.full_like(x, 0.5), x)",
        "jsp.special.gammainc(0.5, x)",
        inside(lambda x: mp.erf(mp.sqrt(x)), 0),
        domain=(POSITIVE,),
    ),
    Row(
        "gammaincc(0.5, x)",
        "torch.special.gammaincc(torch.full_like(x, 0.5), x)",
        "jsp.special.gammaincc(0.5, x)",
        inside(lambda x: erfc(mp.sqrt(x)), 0),
        domain=(POSITIVE,),
    ),
    *(
        Row(
            f"gammainc({a}, x)",
            f"torch.special.gammainc(torch.full_like(x, {a}.0), x)",
            f"jsp.special.gammainc({a}.0, x)",
            inside(gamma_part(a), 0),
            domain=(POSITIVE,),
            points=(a * 0.9, a * 1.1),
        )
        for a in (2, 10, 100)
    ),
    *(
        Row(
            f"gammaincc({a}, x)",
            f"torch.special.gammaincc(torch.full_like(x, {a}.0), x)",
            f"jsp.special.gammaincc({a}.0, x)",
            inside(gamma_tail(a), 0),
            domain=(POSITIVE,),
            points=(a * 0.9, a * 1.1),
        )
        for a in (2, 10, 100)
    ),
    Row(
        "gammainc(x, 2)",
        "torch.special.gammainc(x, torch.full_like(x, 2.0))",
        "jsp.special.gammainc(x, 2.0)",
        inside(lambda a: gamma_head(a, mp.mpf(2)), 0.001, 30),
        domain=((0.001, 30),),
        unsupported={"torch": "has no gradient in the first argument"},
    ),
    Row(
        "gammaincc(x, 2)",
        "torch.special.gammaincc(x, torch.full_like(x, 2.0))",
        "jsp.special.gammaincc(x, 2.0)",
        inside(lambda a: 1 - gamma_head(a, mp.mpf(2)), 0.001, 30),
        domain=((0.001, 30),),
        unsupported={"torch": "has no gradient in the first argument"},
    ),
    Row(
        "gammainc",
        "torch.special.gammainc(x, y)",
        "jsp.special.gammainc(x, y)",
        few_digits(gamma_head),
        domain=((0.001, 200), (0.001, 200)),
        points=(50.0, 190.0),
        differentiable=False,
        note="values only: torch has no gradient in the first argument",
    ),
    Row(
        "gammaincc",
        "torch.special.gammaincc(x, y)",
        "jsp.special.gammaincc(x, y)",
        few_digits(lambda a, x: 1 - gamma_head(a, x)),
        domain=((0.001, 200), (0.001, 200)),
        points=(50.0, 190.0),
        differentiable=False,
        note="values only: torch has no gradient in the first argument",
    ),
)

BESSEL_FUNCTIONS = (
    Row("i0", "torch.special.i0(x)", "jsp.special.i0(x)", bessel_i(0)),
    Row("i0e", "torch.special.i0e(x)", "jsp.special.i0e(x)", bessel_ie(0)),
    Row("i1", "torch.special.i1(x)", "jsp.special.i1(x)", bessel_i(1)),
    Row("i1e", "torch.special.i1e(x)", "jsp.special.i1e(x)", bessel_ie(1)),
    Row(
        "bessel j0",
        "torch.special.bessel_j0(x)",
        "jsp.special.bessel_jn(x, v=0)[0]",
        lambda x: mp.besselj(0, x),
        domain=((-10, 10),),
        differentiable=False,
        note="jax is for moderate arguments; torch has no gradient",
    ),
    Row(
        "bessel j1",
        "torch.special.bessel_j1(x)",
        "jsp.special.bessel_jn(x, v=1)[1]",
        lambda x: mp.besselj(1, x),
        domain=((-10, 10),),
        differentiable=False,
        note="jax is for moderate arguments; torch has no gradient",
    ),
    Row(
        "spherical bessel j0",
        "torch.special.spherical_bessel_j0(x)",
        "jnp.sinc(x / jnp.pi)",
        lambda x: mp.sin(x) / x if x else mp.mpf(1),
        domain=((-1000, 1000),),
        differentiable=False,
        note="torch has no gradient",
    ),
)

ENTROPIES = (
    Row("xlogy", "torch.special.xlogy(x, y)", "jsp.special.xlogy(x, y)", xlogy, domain=(REAL, POSITIVE)),
    Row("xlog1py", "torch.special.xlog1py(x, y)", "jsp.special.xlog1py(x, y)", xlog1py, domain=(REAL, (-1, inf))),
    Row("entr", "torch.special.entr(x)", "jsp.special.entr(x)", lambda x: -xlogy(x, x), domain=(POSITIVE,)),
    Row(
        "rel_entr",
        "-torch.special.entr(x) - torch.special.xlogy(x, y)",
        "jsp.special.rel_entr(x, y)",
        relative_entropy,
        domain=(POSITIVE, POSITIVE),
        note="torch has none: from entr and xlogy",
    ),
    Row(
        "kl_div of scipy",
        "-torch.special.entr(x) - torch.special.xlogy(x, y) - x + y",
        "jsp.special.kl_div(x, y)",
        lambda p, q: relative_entropy(p, q) - p + q,
        domain=(POSITIVE, POSITIVE),
        note="torch has none: from entr and xlogy",
    ),
)

NORMAL = "torch.distributions.Normal(0.0, 1.0, validate_args=False)"
LAPLACE = "torch.distributions.Laplace(0.0, 1.0, validate_args=False)"
CAUCHY = "torch.distributions.Cauchy(0.0, 1.0, validate_args=False)"
GUMBEL = "torch.distributions.Gumbel(torch.zeros_like(x), torch.ones_like(x), validate_args=False)"

DISTRIBUTIONS = (
    Row("norm.logpdf", f"{NORMAL}.log_prob(x)", "jsp.stats.norm.logpdf(x)", normal_logpdf),
    Row("norm.pdf", f"{NORMAL}.log_prob(x).exp()", "jsp.stats.norm.pdf(x)", lambda x: decay(-normal_logpdf(x))),
    Row("norm.cdf", f"{NORMAL}.cdf(x)", "jsp.stats.norm.cdf(x)", ndtr),
    Row("norm.sf", "torch.special.ndtr(-x)", "jsp.stats.norm.sf(x)", lambda x: ndtr(-x)),
    Row("norm.logcdf", "torch.special.log_ndtr(x)", "jsp.stats.norm.logcdf(x)", log_ndtr),
    Row("norm.logsf", "torch.special.log_ndtr(-x)", "jsp.stats.norm.logsf(x)", lambda x: log_ndtr(-x)),
    Row("norm.ppf", f"{NORMAL}.icdf(x)", "jsp.stats.norm.ppf(x)", ndtri, domain=(UNIT,), points=(1e-5, 0.02, 0.135)),
    Row(
        "gamma.logpdf",
        "torch.distributions.Gamma(torch.full_like(x, 2.5), torch.full_like(x, 0.5), validate_args=False).log_prob(x)",
        "jsp.stats.gamma.logpdf(x, 2.5, scale=2.0)",
        gamma_logpdf,
        domain=(POSITIVE,),
    ),
    Row(
        "chi2.logpdf",
        "torch.distributions.Chi2(torch.full_like(x, 3.0), validate_args=False).log_prob(x)",
        "jsp.stats.chi2.logpdf(x, 3.0)",
        lambda x: mp.log(x) / 2 - x / 2 - mp.log(2 * mp.pi) / 2,
        domain=(POSITIVE,),
    ),
    Row(
        "beta.logpdf",
        "torch.distributions.Beta(torch.full_like(x, 2.5), torch.full_like(x, 1.5), validate_args=False).log_prob(x)",
        "jsp.stats.beta.logpdf(x, 2.5, 1.5)",
        beta_logpdf,
        domain=(UNIT,),
    ),
    Row(
        "expon.logpdf",
        "torch.distributions.Exponential(torch.full_like(x, 0.5), validate_args=False).log_prob(x)",
        "jsp.stats.expon.logpdf(x, scale=2.0)",
        inside(lambda x: -x / 2 - mp.log(2), 0),
        domain=(POSITIVE,),
    ),
    Row(
        "expon.cdf",
        "torch.distributions.Exponential(torch.full_like(x, 0.5), validate_args=False).cdf(x)",
        "jsp.stats.expon.cdf(x, scale=2.0)",
        inside(lambda x: -mp.expm1(-x / 2), 0),
        domain=(POSITIVE,),
    ),
    Row(
        "expon.ppf",
        "torch.distributions.Exponential(torch.full_like(x, 0.5), validate_args=False).icdf(x)",
        "jsp.stats.expon.ppf(x, scale=2.0)",
        inside(lambda x: -2 * mp.log1p(-x), 0, 1),
        domain=(UNIT,),
    ),
    Row("laplace.logpdf", f"{LAPLACE}.log_prob(x)", "jsp.stats.laplace.logpdf(x)", lambda x: -abs(x) - mp.log(2)),
    Row("laplace.cdf", f"{LAPLACE}.cdf(x)", "jsp.stats.laplace.cdf(x)", laplace_cdf),
    Row(
        "cauchy.logpdf",
        f"{CAUCHY}.log_prob(x)",
        "jsp.stats.cauchy.logpdf(x)",
        lambda x: -mp.log(mp.pi) - mp.log1p(x * x),
    ),
    Row("cauchy.cdf", f"{CAUCHY}.cdf(x)", "jsp.stats.cauchy.cdf(x)", lambda x: mp.atan2(1, -x) / mp.pi),
    Row("cauchy.sf", f"{CAUCHY}.cdf(-x)", "jsp.stats.cauchy.sf(x)", lambda x: mp.atan2(1, x) / mp.pi),
    Row(
        "cauchy.ppf",
        f"{CAUCHY}.icdf(x)",
        "jsp.stats.cauchy.ppf(x)",
        inside(lambda x: -mp.cospi(x) / mp.sinpi(x), 0, 1),
        domain=(UNIT,),
    ),
    Row(
        "logistic.logpdf",
        "F.logsigmoid(x) + F.logsigmoid(-x)",
        "jsp.stats.logistic.logpdf(x)",
        lambda x: -abs(x) - 2 * mp.log1p(decay(abs(x))),
    ),
    Row("logistic.pdf", "torch.sigmoid(x) * torch.sigmoid(-x)", "jsp.stats.logistic.pdf(x)", sigmoid_slope),
    Row("logistic.cdf", "torch.sigmoid(x)", "jsp.stats.logistic.cdf(x)", sigmoid),
    Row("logistic.sf", "torch.sigmoid(-x)", "jsp.stats.logistic.sf(x)", lambda x: sigmoid(-x)),
    Row("logistic.ppf", "torch.logit(x)", "jsp.stats.logistic.ppf(x)", logit, domain=(UNIT,)),
    Row("gumbel_r.logpdf", f"{GUMBEL}.log_prob(x)", "jsp.stats.gumbel_r.logpdf(x)", lambda x: -x - decay(x)),
    Row(
        "gumbel_r.cdf",
        f"{GUMBEL}.cdf(x)",
        "jsp.stats.gumbel_r.cdf(x)",
        inside(lambda x: mp.exp(-mp.exp(-x)), -100),
        domain=((-100, inf),),
    ),
    Row(
        "t.logpdf",
        "torch.distributions.StudentT(torch.full_like(x, 3.0), validate_args=False).log_prob(x)",
        "jsp.stats.t.logpdf(x, 3.0)",
        student_logpdf,
    ),
    Row(
        "pareto.logpdf",
        "torch.distributions.Pareto(torch.ones_like(x), torch.full_like(x, 2.0), validate_args=False).log_prob(x)",
        "jsp.stats.pareto.logpdf(x, 2.0)",
        inside(lambda x: mp.log(2) - 3 * mp.log(x), 1),
        domain=((1, inf),),
    ),
    Row(
        "vonmises.logpdf",
        "torch.distributions.VonMises(0.0, torch.full_like(x, 2.0), validate_args=False).log_prob(x)",
        "jsp.stats.vonmises.logpdf(x, 2.0)",
        inside(von_mises_logpdf, -3.125, 3.125),
        domain=((-3.125, 3.125),),
    ),
    Row(
        "uniform.logpdf",
        "torch.distributions.Uniform(0.0, 2.0, validate_args=False).log_prob(x)",
        "jsp.stats.uniform.logpdf(x, 0.0, 2.0)",
        inside(lambda x: -mp.log(2), 0.125, 1.875),
        domain=((0.125, 1.875),),
    ),
    Row(
        "poisson.logpmf of 3",
        "torch.distributions.Poisson(x, validate_args=False).log_prob(torch.full_like(x, 3.0))",
        "jsp.stats.poisson.logpmf(3, x)",
        lambda x: 3 * mp.log(x) - x - mp.log(6),
        domain=(POSITIVE,),
        note="of the rate",
    ),
    Row(
        "poisson.logpmf of 0",
        "torch.distributions.Poisson(x, validate_args=False).log_prob(torch.zeros_like(x))",
        "jsp.stats.poisson.logpmf(0, x)",
        inside(lambda x: -x, 0),
        domain=(POSITIVE,),
        note="of the rate",
    ),
    Row(
        "bernoulli.logpmf of 1",
        "torch.distributions.Bernoulli(x, validate_args=False).log_prob(torch.ones_like(x))",
        "jsp.stats.bernoulli.logpmf(1, x)",
        inside(mp.log, 0, 1),
        domain=(UNIT,),
        note="of the probability",
    ),
    Row(
        "bernoulli.logpmf of 0",
        "torch.distributions.Bernoulli(x, validate_args=False).log_prob(torch.zeros_like(x))",
        "jsp.stats.bernoulli.logpmf(0, x)",
        inside(lambda x: mp.log1p(-x), 0, 1),
        domain=(UNIT,),
        note="of the probability",
    ),
    Row(
        "geom.logpmf of 3",
        "torch.distributions.Geometric(x, validate_args=False).log_prob(torch.full_like(x, 2.0))",
        "jsp.stats.geom.logpmf(3, x)",
        inside(lambda x: 2 * mp.log1p(-x) + mp.log(x), 0, 1),
        domain=(UNIT,),
        note="of the probability; torch counts the failures",
    ),
    Row(
        "binom.logpmf of 3 in 10",
        "torch.distributions.Binomial(10, x, validate_args=False).log_prob(torch.full_like(x, 3.0))",
        "jsp.stats.binom.logpmf(3, 10, x)",
        inside(lambda x: 3 * mp.log(x) + 7 * mp.log1p(-x) + mp.log(120), 0, 1),
        domain=(UNIT,),
        note="of the probability",
    ),
)

SPECIAL: tuple[Row, ...] = (
    *ERROR_FUNCTIONS,
    *LOGISTIC,
    *GAMMA_FUNCTIONS,
    *ZETA_FUNCTIONS,
    *INCOMPLETE_GAMMA_FUNCTIONS,
    *BESSEL_FUNCTIONS,
    *ENTROPIES,
    *DISTRIBUTIONS,
)
