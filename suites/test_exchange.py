"""What passes between torch and JAX: parameters in files, pruned weights, arrays handed over by DLPack.

Parameters keep their bits, models compute the same within their conditioning, and a case of DLPack is judged by its
values, by writes that have to be seen or not to be seen, and by what the libraries promise.
"""

import gc
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_dualfw.compare import compare
from pytest_dualfw.exchange import load, save

from .exchange import alone, dlpack, pruning
from .exchange.dlpack import NUMPY, Case, Side
from .exchange.judging import Params, drawn, judged, ran, same_bits
from .exchange.models import CNN, LSTM, MODELS, Model
from .exchange.pruning import MASKS, Mask, followed
from .optimisers.conditioning import rounded

TABLE, DLPACK = "exchange", "dlpack"
CHURN = 10
takes_safetensors = pytest.mark.skipif(
    not find_spec("safetensors"), reason="safetensors is not installed; pip install safetensors"
)
SUFFIXES = (".npz", pytest.param(".safetensors", marks=takes_safetensors))
FULL = pytest.mark.profile("full")
QUICK = (MASKS[0], CNN, LSTM)
FEW = ("float32", "bfloat16")
LASTING = [pytest.param(case, marks=() if case.name in FEW else FULL) for case in dlpack.OF_DTYPES]


@pytest.mark.home
@takes_safetensors
@pytest.mark.parametrize("model", [pytest.param(m, marks=() if m in QUICK else FULL) for m in MODELS], ids=str)
def test_the_model_is_the_same(
    model: Model, both: Any, rng: np.random.Generator, report_row: Any, tmp_path: Path
) -> None:
    """What torch has saved and JAX has loaded computes the same, within the bound of a float64 run of torch's."""
    from .exchange.in_jax.models import FUNCTIONS
    from .exchange.in_torch.models import module_of, save_safetensors

    params, x = drawn(model, both.torch, rng), both.torch.to_numpy(both.torch.asarray(rng.normal(size=model.inputs)))
    module = module_of(both.torch, model.name, params)
    save_safetensors(tmp_path / "torch.safetensors", module)
    there = model.renaming.there(load(tmp_path / "torch.safetensors"), model.there)
    here = {name: both.torch.asarray(p) for name, p in params.items()}
    outputs = {
        "torch": ran(both.torch, both.torch.functional(module), here, x),
        "jax": ran(both.jax, FUNCTIONS[model.name], {n: both.jax.asarray(p) for n, p in there.items()}, x),
    }
    expected, bound = judged(both.torch, module, params, x, rng)
    for name, output in outputs.items():
        check = compare("output", "the float64 run", output.astype(np.float64), expected, bound)
        report_row(TABLE, what=f"{model} in {name}", error=check.error, bound=check.bound)
        assert check.verdict == "pass", (name, check)


@pytest.mark.fw_only(mode="eager")
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_parameters_are_the_same_bits(
    model: Model, suffix: str, both: Any, rng: np.random.Generator, report_row: Any, tmp_path: Path
) -> None:
    """torch -> file -> JAX -> file -> torch: every bit of every parameter, each library writing and reading itself."""
    from .exchange.in_torch.models import module_of

    params = drawn(model, both.torch, rng)
    carried = {".npz": by_numpy, ".safetensors": by_safetensors}[suffix]
    path = partial(Path, tmp_path)
    there, back = carried(both, model, module_of(both.torch, model.name, params), path)
    report_row(TABLE, what=f"{model} through {suffix}", parameters=len(params), same=same_bits(back, params))
    assert same_bits(there, model.renaming.there(params, model.there))
    assert same_bits(back, params)


def by_safetensors(both: Any, model: Model, module: Any, path: Any) -> tuple[Params, Params]:
    """torch's writer, JAX's reader and writer, torch's reader; the renaming between files of ours."""
    from .exchange.in_jax import models as jax_models
    from .exchange.in_torch import models as torch_models

    torch_models.save_safetensors(path("a.safetensors"), module)
    save(path("b.safetensors"), model.renaming.there(load(path("a.safetensors")), model.there))
    in_jax_now = jax_models.loaded_safetensors(path("b.safetensors"))
    jax_models.save_safetensors(path("c.safetensors"), in_jax_now)
    save(path("d.safetensors"), model.renaming.back(load(path("c.safetensors")), model.here))
    again = torch_models.loaded_safetensors(path("d.safetensors"), model.name)
    there = {name: both.jax.to_numpy(p) for name, p in in_jax_now.items()}
    return there, {name: both.torch.to_numpy(p) for name, p in again.state_dict().items()}


def by_numpy(both: Any, model: Model, module: Any, path: Any) -> tuple[Params, Params]:
    """Neither library writes npz: NumPy arrays of theirs are saved and loaded."""
    save(path("a.npz"), {name: both.torch.to_numpy(p) for name, p in module.state_dict().items()})
    in_jax = {n: both.jax.asarray(p) for n, p in model.renaming.there(load(path("a.npz")), model.there).items()}
    there = {name: both.jax.to_numpy(p) for name, p in in_jax.items()}
    save(path("b.npz"), there)
    return there, model.renaming.back(load(path("b.npz")), model.here)


@pytest.mark.home
@pytest.mark.fw_only(dtype=("float64", "float32"))
@pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning")  # of torch, while it compiles
@pytest.mark.parametrize("mask", [pytest.param(m, marks=() if m in QUICK else FULL) for m in MASKS], ids=str)
def test_pruned_weights(mask: Mask, fw: Any, rng: np.random.Generator, report_row: Any) -> None:
    """SGD with momentum and weight decay under a mask, step for step as in NumPy; exactly zero where it prunes."""
    problem = pruning.drawn(mask, partial(rounded, fw), rng)
    trainer = import_module(f"{__package__}.exchange.in_{fw.name}.pruning").trainer
    worst, wrong = followed(fw, problem, trainer(fw, problem), rng)
    kept = sum(int(m.sum()) for m in problem.masks) / sum(m.size for m in problem.masks)
    report_row(TABLE, what=f"{mask.op_name}", kept=kept, steps=pruning.STEPS, of_bound=worst, wrong=wrong)
    assert not wrong


@pytest.fixture
def sides(both: Any) -> dict[str, Side]:
    spelled = {fw.name: import_module(f"{__package__}.exchange.in_{fw.name}.dlpack") for fw in (both.torch, both.jax)}
    return {"numpy": NUMPY, **{name: spelled[name].side(getattr(both, name)) for name in spelled}}


@pytest.fixture
def judge(report_row: Any) -> Callable[[Case, str], None]:
    """An outcome is as promised, or one that is known; what is not promised is told."""

    def verdict(case: Case, found: str) -> None:
        report_row(
            DLPACK, case=str(case), outcome=found, promised=" or ".join(case.promise), kept=found in case.promise
        )
        assert found in (*case.promise, case.known)

    return verdict


wide = pytest.mark.fw_only(dtype="float64", mode="eager")


@wide
@pytest.mark.parametrize("case", dlpack.OF_DTYPES, ids=str)
def test_dlpack_of_every_dtype(case: Case, sides: dict[str, Side], judge: Any) -> None:
    judge(case, dlpack.measured(case, sides))


@pytest.mark.fw_only(dtype="float32", mode="eager")
@pytest.mark.parametrize("case", dlpack.NARROW, ids=str)
def test_dlpack_without_64_bit_types(case: Case, sides: dict[str, Side], judge: Any) -> None:
    judge(case, dlpack.measured(case, sides))


@wide
@pytest.mark.fw_only(device="cpu")
@pytest.mark.parametrize("case", dlpack.CASES, ids=str)
def test_dlpack(case: Case, sides: dict[str, Side], judge: Any) -> None:
    judge(case, dlpack.measured(case, sides))


@wide
@pytest.mark.fw_only(device="cpu")
@pytest.mark.profile("full")
def test_dlpack_that_may_end_the_process(both: Any, judge: Any) -> None:
    judge(dlpack.FATAL, alone.outcome(dlpack.FATAL))


@wide
@pytest.mark.parametrize("case", LASTING, ids=str)
def test_dlpack_outlives_its_source(case: Case, sides: dict[str, Side]) -> None:
    """What was handed over stays, whatever comes into memory after the source is gone."""
    source, taker = sides[case.source], sides[case.taker]
    given = source.make[case.name]()
    expected, taken = source.values(given), taker.take(given, None)
    del given
    gc.collect(1)  # what is as young as the source
    others = [side.make["uint8"]() for side in (source, taker) for _ in range(CHURN)]
    again = [source.make[case.name]() for _ in range(CHURN)]
    assert len(others) + len(again) == 3 * CHURN
    assert taker.values(taken).tobytes() == expected.tobytes()
