"""One run of one case: its inputs drawn from a seed, its verdict."""

from collections.abc import Iterator
from zlib import crc32

import numpy as np

from pytest_dualfw import GradientMismatch, check_grads
from pytest_dualfw.gradients.report import GradientReport

from .table import Case

FRAMEWORKS = ("torch", "jax")

# Right functions of which the check may say that it cannot tell, and why.
MAY_BE_INCONCLUSIVE = {
    "clarke": "several kinks meet at the input, and the chain rule's gradient is no subgradient there",
    "max_pool_with_ties": "overlapping windows tie: several kinks meet at the input",
    "max_pool_with_ties_variants": "overlapping windows tie: several kinks meet at the input",
    "relu_near_zero": "a kink lies closer to the input than most steps reach",
    "staircase_of_rounding": "the function jumps beside the input",
    "cross_entropy_of_confident_46": "the loss has lost its digits in 1 - p",
    "cross_entropy_of_confident_20": "the loss has lost its digits in 1 - p",
    "binary_cross_entropy_of_confident": "the loss has lost its digits in 1 - p",
    "log_near_zero_of_one_minus_x": "1 - x has lost its digits",
    "x_log_x_over_ten_decades": "the terms of the sum differ by ten decades",
    "logdet_of_hilbert_8": "its condition number is 1e10",
    "inverse_of_hilbert_8": "its condition number is 1e10",
    "solve_at_1e10": "its condition number is 1e10",
    "cholesky_nearly_singular": "the smallest pivot has lost its digits",
    "logistic_map_of_20_steps": "chaotic: differences do not settle",
    "logistic_map_of_30_steps": "chaotic: differences do not settle",
    "logistic_map_of_50_steps": "chaotic: differences do not settle",
    "logistic_map_of_100_steps": "chaotic: differences do not settle",
}


def reason_of(case: Case) -> str:
    """Why the case may be inconclusive; empty where it may not."""
    return MAY_BE_INCONCLUSIVE.get(case.name) or MAY_BE_INCONCLUSIVE.get(case.family, "")


def report_of(case: Case, framework: str, cell: str, seed: int) -> GradientReport:
    rng = np.random.default_rng([seed, crc32(case.name.encode())])
    target = f"{framework}-cpu-{cell}"
    try:
        return check_grads(case.on(framework), *case.make(rng), fw=target, seed=seed, **case.options)
    except GradientMismatch as mismatch:
        return mismatch.report


def runs(case: Case, framework: str, seeds: range) -> Iterator[tuple[str, GradientReport]]:
    """Every cell with every seed, by name."""
    for cell in case.cells:
        for seed in seeds:
            yield (
                f"{case.family}/{case.name} on {framework}-cpu-{cell}, seed {seed}",
                report_of(case, framework, cell, seed),
            )
