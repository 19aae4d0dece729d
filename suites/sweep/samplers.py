"""Samplers against the distribution that they name: first moments and a Kolmogorov-Smirnov test, not streams."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from pytest_dualfw import Framework

from .row import NAMES, modules

COUNT = 20_000
# A right sampler fails at a fixed seed once in so many.
RARE = 1e-6


@dataclass(frozen=True, eq=False)
class Sampler:
    """``torch`` and ``jax`` draw ``n`` numbers; ``jax`` from the key ``k``. ``law`` is SciPy's distribution."""

    name: str
    torch: str
    jax: str
    law: Any

    def draw(self, fw: Framework, seed: int) -> Any:
        names = {**modules(NAMES[fw.name]), "n": COUNT}
        if fw.name == "jax":
            names["k"] = eval("jax.random.key", names)(seed)
        fw.seed(seed)
        return fw.to_numpy(eval(getattr(self, fw.name), names)).astype(np.float64)

    def wrong(self, x: Any) -> str:
        """What a sample shows to be wrong; empty where it may well be of this law."""
        if not np.all(np.isfinite(x)):
            return f"{np.sum(~np.isfinite(x))} of {x.size} are not finite"
        discrete = hasattr(self.law.dist, "pmf")
        p = _counts(x, self.law) if discrete else float(stats.kstest(x, self.law.cdf).pvalue)
        mean, variance = self.law.stats("mv")
        off = abs(x.mean() - mean) / np.sqrt(variance / x.size)
        if p < RARE:
            return f"the law is refuted at p = {p:.1e}"
        return f"the mean is off by {off:.1f} standard errors" if off > stats.norm.isf(RARE / 2) else ""


def _counts(x: Any, law: Any) -> float:
    """A chi-squared test over the values that are expected ten times or more; the rest in one cell."""
    values = np.arange(int(law.ppf(1e-9)), int(law.isf(1e-9)) + 1)
    expected = law.pmf(values) * x.size
    often = expected >= 10
    seen = np.array([np.sum(x == v) for v in values[often]])
    cells = [*seen, x.size - seen.sum()], [*expected[often], x.size - expected[often].sum()]
    seen, expected = (np.array(c)[: None if cells[1][-1] > 1 else -1] for c in cells)
    return float(stats.chisquare(seen, expected * seen.sum() / expected.sum()).pvalue)


D = "torch.distributions"

SAMPLERS: tuple[Sampler, ...] = (
    Sampler("uniform", "torch.rand(n)", "jax.random.uniform(k, (n,))", stats.uniform()),
    Sampler("normal", "torch.randn(n)", "jax.random.normal(k, (n,))", stats.norm()),
    Sampler("exponential", "torch.empty(n).exponential_()", "jax.random.exponential(k, (n,))", stats.expon()),
    Sampler("cauchy in the middle", f"torch.atan({D}.Cauchy(0.0, 1.0).sample((n,)))",
            "jnp.arctan(jax.random.cauchy(k, (n,)))", stats.uniform(-np.pi / 2, np.pi)),
    Sampler("laplace", f"{D}.Laplace(0.0, 1.0).sample((n,))", "jax.random.laplace(k, (n,))", stats.laplace()),
    Sampler("gumbel", f"{D}.Gumbel(0.0, 1.0).sample((n,))", "jax.random.gumbel(k, (n,))", stats.gumbel_r()),
    Sampler("gamma", f"{D}.Gamma(0.5, 1.0).sample((n,))", "jax.random.gamma(k, 0.5, (n,))", stats.gamma(0.5)),
    Sampler("gamma of a large shape", f"{D}.Gamma(30.0, 1.0).sample((n,))", "jax.random.gamma(k, 30.0, (n,))",
            stats.gamma(30.0)),
    Sampler("beta", f"{D}.Beta(0.5, 2.0).sample((n,))", "jax.random.beta(k, 0.5, 2.0, (n,))", stats.beta(0.5, 2.0)),
    Sampler("chi-squared", f"{D}.Chi2(3.0).sample((n,))", "jax.random.chisquare(k, 3.0, (n,))", stats.chi2(3)),
    Sampler("t", f"{D}.StudentT(5.0).sample((n,))", "jax.random.t(k, 5.0, (n,))", stats.t(5)),
    Sampler("logistic", "torch.logit(torch.rand(n))",
            "jax.random.logistic(k, (n,))", stats.logistic()),
    Sampler("pareto", f"{D}.Pareto(1.0, 3.0).sample((n,))", "jax.random.pareto(k, 3.0, (n,))", stats.pareto(3.0)),
    Sampler("weibull", f"{D}.Weibull(1.0, 1.5).sample((n,))", "jax.random.weibull_min(k, 1.0, 1.5, (n,))",
            stats.weibull_min(1.5)),
    Sampler("log-normal", f"{D}.LogNormal(0.0, 0.5).sample((n,))", "jax.random.lognormal(k, 0.5, (n,))",
            stats.lognorm(0.5)),
    Sampler("truncated normal", "torch.nn.init.trunc_normal_(torch.empty(n), a=-1.0, b=2.0)",
            "jax.random.truncated_normal(k, -1.0, 2.0, (n,))", stats.truncnorm(-1.0, 2.0)),
    Sampler("bernoulli", "torch.bernoulli(torch.full((n,), 0.3))", "jax.random.bernoulli(k, 0.3, (n,))",
            stats.bernoulli(0.3)),
    Sampler("binomial", f"{D}.Binomial(12, 0.3).sample((n,))", "jax.random.binomial(k, 12, 0.3, (n,))",
            stats.binom(12, 0.3)),
    Sampler("poisson", "torch.poisson(torch.full((n,), 3.5))", "jax.random.poisson(k, 3.5, (n,))", stats.poisson(3.5)),
    Sampler("poisson of a large rate", "torch.poisson(torch.full((n,), 200.0))", "jax.random.poisson(k, 200.0, (n,))",
            stats.poisson(200.0)),
    Sampler("geometric", "torch.empty(n).geometric_(0.3)", "jax.random.geometric(k, 0.3, (n,))", stats.geom(0.3)),
    Sampler("integers", "torch.randint(0, 7, (n,))", "jax.random.randint(k, (n,), 0, 7)", stats.randint(0, 7)),
    Sampler("categorical", f"{D}.Categorical(torch.tensor([0.25, 0.25, 0.5])).sample((n,)) // 2",
            "jax.random.categorical(k, jnp.log(jnp.array([0.25, 0.25, 0.5])), shape=(n,)) // 2", stats.bernoulli(0.5)),
    Sampler("first of a permutation", "torch.stack([torch.randperm(5)[0] for _ in range(n // 10)])",
            "jax.vmap(lambda k: jax.random.permutation(k, 5)[0])(jax.random.split(k, n // 10))", stats.randint(0, 5)),
)  # fmt: skip
