"""Resolver, on machines that this one need not be: with GPUs, with a TPU, with frameworks that see unlike devices."""

import json
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_dualfw import Target, frameworks
from pytest_dualfw.frameworks.probe import Device, Probe
from pytest_dualfw.numerics import Numerics
from pytest_dualfw.options import Resolver, Settings

ALL_DTYPES = ("float64", "float32", "bfloat16", "float16")
CPU, GPU, TPU = Device("cpu", "cpu"), Device("gpu", "H100", 79.6), Device("tpu", "v5e", 16.0)


def machine(**devices):
    """What each framework finds: ``machine(torch=[CPU, GPU], jax=[CPU])``; a TPU has no float64."""
    dtypes = {"cpu": ALL_DTYPES, "gpu": ALL_DTYPES, "tpu": ALL_DTYPES[1:]}
    return lambda name: Probe("9.9", tuple(devices[name]), f"built for {name}", "driver 1", dtypes)


def settings(options, ask=None, ini=None):
    """Settings from options as they stand on a command line, without their dashes."""
    option = Namespace(**{key.replace("-", "_"): value for key, value in options.items()})
    config = SimpleNamespace(
        option=option,
        getini=lambda key: (ini or {}).get(key),
        invocation_params=SimpleNamespace(dir=Path("/started/here")),
        rootpath=Path("/project"),
    )
    return Resolver(config, ask or (lambda name: pytest.fail(f"{name} was asked"))).settings()


def ids(found):
    return [str(t) + (f" {t.index}" if t.index is not None else "") for t in found.targets]


@pytest.fixture(autouse=True)
def both_installed(monkeypatch):
    monkeypatch.setattr(frameworks, "is_installed", lambda name: name in ("torch", "jax"))


def test_defaults_ask_nobody():
    found = settings({})
    assert ids(found) == ["torch-cpu-float32-eager", "jax-cpu-float32-eager"]
    assert (found.profile, found.numerics, found.report, found.xfails) == ("quick", Numerics(), "", "")
    assert (found.required, found.named, found.left_out) == ((), False, ())


@pytest.mark.parametrize(
    ("device", "devices", "targets", "left_out"),
    [
        ("gpu", [CPU, GPU], ["gpu"], ()),
        ("gpu:1", [CPU, GPU, GPU], ["gpu 1"], ()),
        ("gpu:0", [CPU, GPU], ["gpu 0"], ()),
        ("cpu,gpu", [CPU, GPU], ["cpu", "gpu"], ()),
        ("gpu,cpu", [CPU, GPU], ["gpu", "cpu"], ()),
        ("cpu gpu:1", [CPU, GPU, GPU], ["cpu", "gpu 1"], ()),
        ("tpu", [CPU, TPU], ["tpu"], ()),
        ("all", [CPU, GPU, GPU], ["cpu", "gpu"], ("jax-tpu (not found)",)),
        ("all", [CPU], ["cpu"], ("jax-gpu (not found)", "jax-tpu (not found)")),
    ],
)
def test_devices(device, devices, targets, left_out):
    found = settings({"fw": "jax", "fw-device": device}, machine(jax=devices))
    kinds = [(t.device if t.index is None else f"{t.device} {t.index}") for t in found.targets]
    assert kinds == targets
    assert found.left_out == left_out


def test_all_devices_where_the_frameworks_see_different_ones():
    found = settings({"fw": "all", "fw-device": "all"}, machine(torch=[CPU], jax=[CPU, GPU]))
    assert ids(found) == ["torch-cpu-float32-eager", "jax-cpu-float32-eager", "jax-gpu-float32-eager"]
    assert found.left_out == ("torch-gpu (not found)", "torch-tpu (not found)", "jax-tpu (not found)")


def test_a_named_device_must_be_seen_by_every_framework():
    with pytest.raises(pytest.UsageError) as caught:
        settings({"fw": "all", "fw-device": "cpu,gpu"}, machine(torch=[CPU], jax=[CPU, GPU]))
    assert str(caught.value) == (
        "--fw-device names 'gpu', and torch 9.9 does not see it: it is built for torch and finds cpu; "
        "install a build of torch for that device, or name another one"
    )


@pytest.mark.parametrize(("device", "count"), [("gpu:1", 1), ("gpu:8", 8), ("gpu", 0)])
def test_a_gpu_beyond_those_there(device, count):
    with pytest.raises(pytest.UsageError, match=f"--fw-device names '{device}', and jax 9.9 does not see it"):
        settings({"fw": "jax", "fw-device": device}, machine(jax=[CPU, *[GPU] * count]))


@pytest.mark.parametrize("devices", ["gpu,gpu:1", "gpu:0 gpu:1", "tpu,tpu:0"])
def test_one_device_of_a_kind(devices):
    with pytest.raises(pytest.UsageError, match=r"and a run uses one (gpu|tpu); name one of them"):
        settings({"fw": "jax", "fw-device": devices}, machine(jax=[CPU, GPU, GPU, TPU, TPU]))


def test_dtypes_of_a_device():
    ask = machine(jax=[CPU, TPU])
    with pytest.raises(pytest.UsageError) as caught:
        settings({"fw": "jax", "fw-device": "tpu", "fw-dtype": "float64"}, ask)
    assert str(caught.value) == (
        "--fw-dtype names 'float64', which jax does not have on tpu; it has float32, bfloat16 and float16"
    )
    found = settings({"fw": "jax", "fw-device": "cpu,tpu", "fw-dtype": "all"}, ask)
    assert [(t.device, t.dtype) for t in found.targets] == [
        *(("cpu", dtype) for dtype in ALL_DTYPES),
        *(("tpu", dtype) for dtype in ALL_DTYPES[1:]),
    ]
    assert found.left_out == ("jax-tpu-float64 (not supported)",)


def test_axes_nest_in_one_order():
    found = settings({"fw": "jax", "fw-device": "gpu,cpu", "fw-dtype": "float16 float64", "fw-mode": "jit,eager"},
                     machine(jax=[CPU, GPU]))  # fmt: skip
    assert ids(found) == [
        f"jax-{device}-{dtype}-{mode}"
        for device in ("gpu", "cpu") for dtype in ("float16", "float64") for mode in ("jit", "eager")
    ]  # fmt: skip


def test_minutes():
    assert settings({}).minutes == 0
    assert settings({"fw-minutes": "30"}).minutes == 30
    with pytest.raises(pytest.UsageError, match="--fw-minutes is 'long'; give a whole number, 0 or more"):
        settings({"fw-minutes": "long"})


def test_pairs_are_what_both_frameworks_cover():
    found = settings({"fw": "all", "fw-device": "all", "fw-mode": "all"}, machine(torch=[CPU], jax=[CPU, GPU]))
    assert [str(t) for t in found.pairs] == ["both-cpu-float32-eager", "both-cpu-float32-jit"]
    indexed = settings({"fw": "all", "fw-device": "gpu:1"}, machine(torch=[CPU, GPU, GPU], jax=[CPU, GPU, GPU]))
    assert indexed.pairs == (Target("both", "gpu", index=1),)
    assert settings({"fw": "jax"}).pairs == ()


@pytest.mark.parametrize(
    ("options", "backend"),
    [
        ({}, "aot_eager"),
        ({"fw-profile": "full"}, "inductor"),
        ({"fw-profile": "nightly"}, "inductor"),
        ({"fw-profile": "nightly", "fw-compile-backend": "aot_eager"}, "aot_eager"),
        ({"fw-compile-backend": "inductor"}, "inductor"),
        ({"benchmark-only": True}, "inductor"),
        ({"benchmark-only": True, "fw-compile-backend": "aot_eager"}, "aot_eager"),
    ],
)
def test_compile_backend_by_profile(options, backend):
    assert settings(options).numerics.compile_backend == backend


def test_the_command_line_wins():
    ini = {
        "fw": ["torch"],
        "fw_dtype": ["float64"],
        "fw_mode": ["jit"],
        "fw_seed": "5",
        "fw_tf32": True,
        "fw_profile": "full",
    }
    assert ids(settings({}, ini=ini)) == ["torch-cpu-float64-jit"]
    found = settings({"fw": "jax", "fw-dtype": "float32", "fw-seed": "6", "fw-profile": "quick"}, ini=ini)
    assert ids(found) == ["jax-cpu-float32-jit"]
    assert (found.seed, found.profile, found.numerics.tf32) == (6, "quick", True)


def test_paths(tmp_path):
    known = tmp_path / "known.txt"
    known.write_text("", encoding="utf-8")
    ini = {"fw_report": "out", "fw_xfails": str(known)}
    assert settings({}, ini=ini).report == "/project/out"
    assert settings({}, ini=ini).xfails == str(known)
    assert settings({"fw-report": "mine"}, ini=ini).report == "/started/here/mine"


def test_seed_of_its_own_for_each_run():
    assert settings({}).seed != settings({}).seed
    assert settings({"fw-seed": "0"}).seed == 0


def test_settings_survive_the_way_to_a_worker():
    options = {
        "fw": "all",
        "fw-device": "gpu:1",
        "fw-mode": "all",
        "fw-tf32": True,
        "fw-profile": "full",
        "fw-report": "out",
    }
    there = [CPU, GPU, GPU]
    found = settings(options, machine(torch=there, jax=there), {"fw_required": ["jax-gpu"]})
    assert Settings.from_json(json.loads(json.dumps(found.to_json()))) == found
