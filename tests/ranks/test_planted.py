"""Who checks the judge: training that is wrong in one way each, and what is told of it. One launch a framework."""

from dataclasses import dataclass

import pytest
from pytest_dualfw.suites.parallel.judge import by_replica, claims
from pytest_dualfw.suites.parallel.rows import TECHNIQUES, alone

from pytest_dualfw.ranks.launch import gathered
from pytest_dualfw.ranks.plan import Job, Plan
from pytest_dualfw.target import Target


@dataclass(frozen=True)
class Fault:
    """``found`` begins what the judge must object to; the function of this name stands in ``planted_in_<fw>.py``."""

    fw: str
    name: str
    technique: str
    found: str
    replicas: int = 2

    def __str__(self):
        return f"{self.fw}-{self.name}"

    @property
    def row(self):
        return next(t for t in TECHNIQUES[self.fw] if t.name == self.technique)

    @property
    def jobs(self):
        options = {"schedule": self.row.schedule, "replicas": self.replicas, **self.row.options}
        planted = Job(self.name, f"{__package__}.planted_in_{self.fw}:{self.name}", options)
        return alone(self.fw, self.row.schedule, self.replicas), planted


FIRST, SECOND = "grad_w1 of replica 0", "grad_w1 of replica 1"
FAULTS = (
    Fault("torch", "summed_not_averaged", "ddp", FIRST),
    Fault("torch", "own_gradient_on_one_rank", "ddp", SECOND),
    Fault("torch", "uneven_shards_weigh_the_same", "ddp", FIRST),
    Fault("torch", "the_same_shard", "ddp", "losses of replica 0"),
    Fault("torch", "another_start_on_one_rank", "ddp", "param_w1 of replica 1"),
    Fault("torch", "only_the_last_micro_batch_is_kept", "ddp_no_sync", FIRST),
    Fault("torch", "joined_ranks_count_in_the_average", "ddp_join", FIRST),
    Fault("torch", "no_all_reduce_in_backward", "tensor_parallel", "grad_x of replica 0"),
    Fault("torch", "one_all_reduce_too_many", "tensor_parallel", "all-reduces in a step of replica 0"),
    Fault("torch", "bias_on_every_rank", "tensor_parallel", "losses of replica 0"),
    Fault("torch", "gradients_in_the_order_of_activations", "pipeline", FIRST),
    Fault("torch", "scheduled_loss_is_a_sum", "gpipe", "grad_w2 of replica 1"),
    Fault("torch", "micro_batch_loss_not_divided", "micro_batches", FIRST),
    Fault("torch", "nothing_is_computed_again", "checkpoint", "bytes freed of the activation of replica 0"),
    Fault("torch", "other_numbers_when_computed_again", "checkpoint", FIRST),
    Fault("jax", "summed_twice", "shard_map_psum", FIRST),
    Fault("jax", "own_gradient_on_one_device", "shard_map_psum", SECOND),
    Fault("jax", "uneven_shards_weigh_the_same", "shard_map_psum", FIRST, replicas=4),
    Fault("jax", "the_same_shard", "shard_map_psum", "losses of replica 0"),
    Fault("jax", "another_start_on_one_device", "shard_map_psum", "param_w1 of replica 1"),
    Fault("jax", "only_the_last_micro_batch_is_kept", "shard_map_micro_batches", FIRST),
    Fault("jax", "no_all_reduce_in_backward", "tensor_parallel", "grad_x of replica 0"),
    Fault("jax", "bias_on_every_device", "tensor_parallel", "losses of replica 0"),
    Fault("jax", "gradients_of_the_other_stage", "pipeline_ppermute", FIRST),
    Fault("jax", "one_micro_batch_is_lost", "pipeline_ppermute", "losses of replica 0"),
    Fault("jax", "micro_batch_loss_not_divided", "micro_batches", FIRST),
    Fault("jax", "nothing_is_computed_again", "checkpoint", "bytes freed of the activation of replica 0"),
)
PLACES = {
    "torch": {"launcher": "torchrun", "ranks": 2},
    "jax": {"launcher": "processes", "ranks": 1, "devices": 4},
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """``planted(fw)``: one launch of all its faults."""
    folder = tmp_path_factory.mktemp("planted")

    def launch(fw):
        jobs = {job.name: job for fault in FAULTS if fault.fw == fw for job in fault.jobs}
        return gathered(Plan(target=Target(fw, "cpu", "float64"), jobs=tuple(jobs.values()), **PLACES[fw]), folder / fw)

    return launch


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_is_found(fault, planted):
    outcome = planted(fault.fw)
    one, several = (by_replica(outcome.of(job.name)) for job in fault.jobs)
    found = [c.what for c in claims(fault.row, fault.replicas, "float64", several, one[0]) if c.check.verdict != "pass"]
    assert fault.found in found
