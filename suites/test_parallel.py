"""Training on several devices is training on one: the same gradients at every step, the same parameters after twenty.

The ranks are processes under the frameworks' own launchers. One launch runs the techniques of all tests of a target.
"""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from pytest_dualfw import Tolerance
from pytest_dualfw.ranks.launch import gathered
from pytest_dualfw.ranks.launchers import RanksUnsupported
from pytest_dualfw.ranks.outcome import Outcome
from pytest_dualfw.ranks.plan import Plan

from .parallel.by_hand import STEPS
from .parallel.judge import by_replica, claims
from .parallel.rows import Case, Placement, cases, jobs_of
from .profile import profile_of

WHY = "derived from the conditioning of the whole run"
FULL_PRECISION = ("float64", "float32")

Launched = Callable[[Any, Placement], Outcome]


def in_profile(chosen: list[Any]) -> list[Any]:
    """What is not for the quick profile is left to the full one."""
    return [pytest.param(c, marks=() if c.quick else pytest.mark.profile("full")) for c in chosen]


@pytest.fixture(scope="session")
def launched(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Launched:
    """``launched(fw, placement)``: what its ranks computed. Workers of pytest-xdist share a launch."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    quick = profile_of(pytestconfig) == "quick"

    def launch(fw: Any, placement: Placement) -> Outcome:
        chosen = [c for c in cases(fw.name) if c.placement == placement and (c.quick or not quick) and not lacks(c)]
        size = {"ranks": placement.ranks, "devices": placement.devices}
        plan = Plan(placement.launcher, fw.target, jobs_of(chosen), numerics=fw.numerics, **size)
        try:
            return gathered(plan, shared / "ranks" / f"{fw.target}-{placement}")
        except RanksUnsupported as error:
            pytest.skip(f"unsupported: {error}")

    return launch


def lacks(case: Case) -> str:
    """Why this version of the framework does not have the technique; empty where it has."""
    needs = case.technique.needs
    return f"this {case.fw} has no {needs}" if needs and not hasattr(import_module(case.fw), needs) else ""


@pytest.fixture
def judged(fw: Any, launched: Launched, assert_close: Any, report_row: Any) -> Callable[[Case], None]:
    def judge(case: Case) -> None:
        if why := lacks(case):
            pytest.skip(f"unsupported: {why}")
        outcome = launched(fw, case.placement)
        alone, together = (by_replica(outcome.of(job.name)) for job in case.jobs)
        found = list(claims(case.technique, case.replicas, fw.dtype, together, next(iter(alone.values()))))
        report_row(
            "parallel",
            technique=case.technique.name,
            replicas=case.replicas,
            processes=case.placement.ranks,
            steps=STEPS,
            compared=len(found),
            worst=max(claim.check.ratio for claim in found),
        )
        for claim in found:
            what = f"{claim.what}, by {claim.oracle}"
            assert_close(
                {what: fw.asarray(claim.obtained)}, {what: claim.wanted}, tolerance=Tolerance(atol=claim.bound, why=WHY)
            )

    return judge


@pytest.mark.home
@pytest.mark.fw_only("torch", dtype=FULL_PRECISION, mode="eager")
@pytest.mark.parametrize("case", in_profile(cases("torch")), ids=str)
def test_torch(case: Case, judged: Callable[[Case], None]) -> None:
    """DistributedDataParallel, DTensor, pipelining, and what they do written out, under torchrun."""
    judged(case)


@pytest.mark.home
@pytest.mark.fw_only("jax", dtype=FULL_PRECISION, mode="jit")
@pytest.mark.parametrize("case", in_profile(cases("jax")), ids=str)
def test_jax(case: Case, judged: Callable[[Case], None]) -> None:
    """shard_map, jit over sharded arrays, pmap and ppermute, on one process's devices and on several processes'."""
    judged(case)
