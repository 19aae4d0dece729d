"""How ranks join on devices that this machine need not have: what is asked of the frameworks, by their own names."""

import os
from unittest.mock import patch

import pytest

from pytest_dualfw.target import Target


@pytest.fixture
def torch_joined():
    """What torch was asked for by rank 1 of 2 on a device: the backend, the device, and the GPU made current."""
    from pytest_dualfw.frameworks import torch_ranks

    def join(device):
        with (
            patch.object(torch_ranks.dist, "init_process_group") as init,
            patch.object(torch_ranks.dist, "destroy_process_group") as leave,
            patch.object(torch_ranks.torch.cuda, "set_device") as current,
        ):
            with torch_ranks.joined(Target("torch", device), 1, 2, 1):
                assert not leave.called
            assert leave.called
        return (
            init.call_args.args,
            str(init.call_args.kwargs["device_id"]),
            [str(c.args[0]) for c in current.mock_calls],
        )

    return join


def test_torch_on_cpus(torch_joined):
    assert torch_joined("cpu") == (("gloo",), "None", [])


def test_torch_on_gpus_has_one_each(torch_joined):
    assert torch_joined("gpu") == (("nccl",), "cuda:1", ["cuda:1"])


@pytest.fixture
def jax_joined(monkeypatch):
    """What rank 1 of 2, with two devices, asked of JAX: its settings, and how it joined."""
    from pytest_dualfw.frameworks import jax_ranks

    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", "5")
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=3 --xla_cpu_enable_fast_math=false")
    monkeypatch.setenv("NPROC", "1")

    def join(device, ranks=2):
        with (
            patch.object(jax_ranks.jax.config, "update") as update,
            patch.object(jax_ranks.jax.distributed, "initialize") as init,
            patch.object(jax_ranks.jax.distributed, "shutdown"),
            jax_ranks.joined(Target("jax", device), 1, ranks, 2),
        ):
            return dict(call.args for call in update.mock_calls), init.call_args

    return join


def test_jax_on_cpus(jax_joined):
    settings, joined = jax_joined("cpu")
    assert settings == {
        "jax_platforms": "cpu",
        "jax_num_cpu_devices": 2,
        "jax_cpu_collectives_implementation": "gloo",
    }
    assert joined.args == ("127.0.0.1:5", 2, 1)
    assert joined.kwargs == {"local_device_ids": None}
    assert os.environ["XLA_FLAGS"] == "--xla_cpu_enable_fast_math=false"
    assert os.environ["NPROC"] == "2"


def test_jax_on_gpus_has_its_own(jax_joined):
    settings, joined = jax_joined("gpu")
    assert settings == {}
    assert list(joined.kwargs["local_device_ids"]) == [2, 3]


def test_one_process_of_jax_joins_nobody(jax_joined):
    settings, joined = jax_joined("cpu", ranks=1)
    assert joined is None
    assert "jax_cpu_collectives_implementation" not in settings
