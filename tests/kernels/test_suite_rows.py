"""The suites' kernels: each spelling against its NumPy reference, each count of work against another count."""

from importlib import import_module
from itertools import pairwise

import numpy as np
import optree
import pytest
from pytest_dualfw.suites.kernels import KERNELS, Kernel, kernels
from pytest_dualfw.suites.kernels.in_numpy import normalising
from pytest_dualfw.suites.kernels.in_numpy.training import cnn_loss_and_grads
from pytest_dualfw.suites.kernels.table import SIZES
from pytest_dualfw.suites.profile import Item, keeps

from pytest_dualfw import Target, numerics
from pytest_dualfw.target import MODES
from tests.reference.oracle import assert_vjp_by_complex_step

TINY = kernels(KERNELS, ["tiny"])
SMALL = kernels(KERNELS, ["tiny", "medium"])
DIFFERENTIATED = [k for k in TINY if k.spec.backward]
BY_NAME = {spec.name: spec for spec in KERNELS}

# What consists of products, and by which part of them the rest may exceed them.
EXACT = {"tiny": 0, "medium": 0}
GATES = {"tiny": 0.17, "medium": 0.03}
SCORES = {"tiny": 0.16, "medium": 0.02}
PRODUCTS = {
    "matmul_square": EXACT,
    "matmul_tall": EXACT,
    "matmul_batched": EXACT,
    "matmul_tf32": EXACT,
    "conv2d_stem": EXACT,
    "conv2d_3x3": EXACT,
    "conv2d_1x1": EXACT,
    "depthwise_conv": EXACT,
    "gelu_mlp": {"tiny": 0.04, "medium": 0.003},
    "silu_mlp": {"tiny": 0.03, "medium": 0.002},
    "attention_naive": SCORES,
    "attention_fused": SCORES,
    "lstm_cell": GATES,
    "lstm_scan": GATES,
    "lstm_unrolled": GATES,
    "training_mlp": {"tiny": 0.25, "medium": 0.02},
    "training_cnn": {"tiny": 0.06, "medium": 0.01},
}

# torch counts a pair of query and key whether the mask hides it or not.
HIDDEN_BY_THE_MASK = {
    name: lambda dims: (dims["length"] + 1) / (2 * dims["length"]) for name in ("attention_naive", "attention_fused")
}

TF32 = ("high", "tensorfloat32")

# The tiny sizes, written out.
BY_HAND = {
    "matmul_int8": 32 * 32 * (32 + 32),  # as many sums as products
    "softmax": 8 * 32 * 5,
    "cross_entropy": 8 * 128 * 4,
    "layer_norm": 8 * 32 * 8,
    "rms_norm": 8 * 32 * 4,
    "max_pool": 1 * 4 * 4 * 4 * 9,
    "avg_pool": 1 * 4 * 4 * 4 * 4,
    "embedding": 0,
    "sum_rows": 8 * 31,
    "sum_columns": 7 * 32,
    "logsumexp": 8 * 32 * 4,
    "cumsum": 8 * 31,
    "sort": 8 * 32 * (5 - 1.44),
    "transpose_copy": 0,
    "adamw": 4 * 16 * 15,
    "adamw_foreach": 4 * 16 * 15,
    "adamw_fused": 4 * 16 * 15,
}


def value_and_gradients(fw, kernel, args, g):
    """Outputs, and gradients of the floating arguments at the cotangents ``g``; compiled in JAX, which is cheaper."""
    fn = kernel.in_framework(fw.name)
    quick = fw.jit if fw.name == "jax" else lambda f: f
    if g is None:
        return quick(fn)(*args), None
    moved = [i for i, x in enumerate(args) if fw.dtype_of(x).startswith("float")]

    def pulled(args, g):
        def at(*floating):
            return fn(*[floating[moved.index(i)] if i in moved else x for i, x in enumerate(args)])

        outputs, pullback = fw.vjp(at, *[args[i] for i in moved])
        return outputs, pullback(g)

    return quick(pulled)(args, g)


def judge(kernel, fw, assert_close, rng):
    """The framework's outputs and gradients at one tiny input are those of NumPy."""
    args = kernel.inputs("cpu")(rng)
    expected = kernel.reference()(*args)
    g = optree.tree_map(lambda y: rng.normal(size=np.shape(y)), expected) if kernel.spec.backward else None
    given = [optree.tree_map(fw.asarray, part) for part in (args, g)]
    outputs, gradients = value_and_gradients(fw, kernel, *given)
    assert_close(outputs, expected, tolerance=kernel.tolerance(fw.target))
    if g is not None:
        wanted = tuple(dx for dx in kernel.reference_vjp()(g, *args) if dx is not None)
        assert_close(tuple(gradients), wanted, tolerance=kernel.tolerance(fw.target))


@pytest.mark.fw_only(mode="eager")
@pytest.mark.parametrize("kernel", TINY, ids=str)
def test_spelled_alike(kernel, fw, target, assert_close, rng):
    if kernel.unsupported(target):
        pytest.skip(kernel.unsupported(target))
    judge(kernel, fw, assert_close, rng)


@pytest.mark.fw_only(dtype="float64", mode="eager")
def test_a_wrong_reference_is_seen(fw, assert_close, rng, monkeypatch):
    kernel = Kernel(BY_NAME["softmax"], "tiny")
    right = normalising.softmax_vjp
    monkeypatch.setattr(normalising, "softmax_vjp", lambda g, x: (right(g, x)[0] + 1e-6,))
    with pytest.raises(AssertionError, match="value\\[0\\]"):
        judge(kernel, fw, assert_close, rng)
    monkeypatch.setattr(normalising, "softmax", lambda x: np.exp(x))
    with pytest.raises(AssertionError, match="value"):
        judge(kernel, fw, assert_close, rng)


@pytest.mark.parametrize("kernel", DIFFERENTIATED, ids=str)
def test_hand_derived_gradient(kernel):
    args = kernel.inputs("cpu")(np.random.default_rng(5))
    assert_vjp_by_complex_step(kernel.reference(), kernel.reference_vjp(), args)


def test_gradients_of_the_cnn():
    params, _, x, target = Kernel(BY_NAME["training_cnn"], "tiny").inputs("cpu")(np.random.default_rng(6))

    def loss(*leaves):
        return cnn_loss_and_grads(list(zip(leaves[::2], leaves[1::2], strict=True)), x, target)[0]

    def loss_vjp(g, *leaves):
        _, grads = cnn_loss_and_grads(list(zip(leaves[::2], leaves[1::2], strict=True)), x, target)
        return tuple(g * d for pair in grads for d in pair)

    assert_vjp_by_complex_step(loss, loss_vjp, [p for pair in params for p in pair])


def without_data(kernel):
    """(arguments, outputs) of torch's spelling as tensors that have a shape and no data."""
    torch = pytest.importorskip("torch")
    drawn = kernel.inputs("cpu")(np.random.default_rng(7))
    args = optree.tree_map(lambda x: torch.empty(x.shape, dtype=getattr(torch, x.dtype.name), device="meta"), drawn)
    return args, kernel.in_framework("torch")(*args)


def in_numpy(kernel):
    args = kernel.inputs("cpu")(np.random.default_rng(7))
    return args, kernel.reference()(*args)


@pytest.mark.parametrize("kernel", [k for k in SMALL if k.spec.name in PRODUCTS], ids=str)
def test_flops_are_those_that_torch_counts(kernel):
    """FlopCounterMode counts products, convolutions and attention; what is beside them is known to be little."""
    flop_counter = pytest.importorskip("torch.utils.flop_counter")
    with flop_counter.FlopCounterMode(display=False) as counter:
        without_data(kernel)
    counted = counter.get_total_flops() * HIDDEN_BY_THE_MASK.get(kernel.spec.name, lambda dims: 1)(kernel.dims("cpu"))
    flops = kernel.work("cpu", "float32").flops
    assert counted > 0
    assert counted <= flops <= counted * (1 + PRODUCTS[kernel.spec.name][kernel.size])


@pytest.mark.parametrize("name", BY_HAND)
def test_flops_are_those_counted_by_hand(name):
    kernel = Kernel(BY_NAME[name], "tiny")
    assert kernel.work("cpu", "float64").flops == pytest.approx(BY_HAND[name])


@pytest.mark.parametrize("length", [1, 5, 20])
def test_a_chain_has_as_many_operations_as_its_name_says(length):
    operations = []

    class Counted(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            operations.append(ufunc.__name__)
            plain = [np.asarray(x) for x in inputs]
            return getattr(ufunc, method)(*plain, **kwargs).view(Counted)

    kernel = Kernel(BY_NAME[f"elementwise_{length}"], "tiny")
    x, y = (a.view(Counted) for a in kernel.inputs("cpu")(np.random.default_rng(8)))
    kernel.in_framework("torch")(x, y)
    assert len(operations) == length
    assert kernel.work("cpu", "float32").flops == length * x.size


def test_every_count_of_flops_is_checked():
    assert {spec.name for spec in KERNELS} == {*PRODUCTS, *BY_HAND, "elementwise_1", "elementwise_5", "elementwise_20"}


@pytest.mark.parametrize("kernel", [k for k in TINY if k.spec.name != "embedding"], ids=str)
def test_bytes_are_those_of_arguments_and_results(kernel):
    """Every argument is read once, every result written once; an index has 4 bytes at least, int8 one."""
    held = [np.asarray(x) for x in optree.tree_leaves(in_numpy(kernel))]
    floats = sum(x.size for x in held if x.dtype.kind == "f")
    other = sum(x.size * min(x.itemsize, 4) for x in held if x.dtype.kind != "f")
    assert kernel.work("cpu", "bfloat16").bytes == 2 * floats + other
    assert kernel.work("cpu", "float64").bytes == 8 * floats + other


def test_bytes_of_a_lookup_are_those_that_are_written():
    """8 words of 8 numbers, and their indices: how many rows of the table are read depends on the words."""
    assert Kernel(BY_NAME["embedding"], "tiny").work("cpu", "float32").bytes == 4 * 8 * 8 + 4 * 8


def test_every_kernel_has_a_name_of_its_own():
    assert len(BY_NAME) == len(KERNELS)


@pytest.mark.parametrize("spec", KERNELS, ids=lambda spec: spec.name)
def test_every_row_stands_in_the_three_places(spec):
    for place in ("numpy", "torch", "jax"):
        if not spec.unsupported.get(place):
            module = import_module(f"pytest_dualfw.suites.kernels.in_{place}.{spec.family}")
            assert hasattr(module, spec.name), (spec.name, place)
    assert not spec.backward or Kernel(spec, "tiny").reference_vjp()


@pytest.mark.parametrize("device", ["cpu", "gpu"])
@pytest.mark.parametrize("spec", KERNELS, ids=lambda spec: spec.name)
def test_each_size_asks_for_more(spec, device):
    works = [Kernel(spec, size).work(device, "float32") for size in SIZES]
    for less, more in pairwise(works):
        assert (more.flops + more.bytes) > 1.5 * (less.flops + less.bytes)
    assert works[-1].bytes <= {"cpu": 2**29, "gpu": 2**31}[device]


def test_long_sums_are_allowed_to_drift_where_the_dtype_sums_in_itself():
    kernel = Kernel(BY_NAME["conv2d_3x3"], "medium")
    terms, u = 2 * 28 * 28, 2.0**-24
    allowed = kernel.tolerance(Target("torch"))
    assert (allowed.rtol, allowed.atol) == (8 * u, 8 * terms * u)
    assert allowed.why.startswith("a sum of 1568 terms, one after the other")
    assert kernel.tolerance(Target("torch", dtype="bfloat16")) is None
    assert Kernel(kernel.spec, "tiny").tolerance(Target("torch")) is None


def test_a_maximum_may_turn_over_where_there_are_millions():
    kernel = Kernel(BY_NAME["training_cnn"], "large")
    allowed = kernel.tolerance(Target("torch"))
    assert allowed.atol == 8 * 32 * 2.0**-24 + 1 / 256
    assert allowed.why.endswith("; rounding may turn a maximum over, which moves an entry by up to 4e-03")
    assert Kernel(kernel.spec, "tiny").tolerance(Target("torch")) is None


def test_a_tolerance_by_hand_comes_first():
    kernel = Kernel(BY_NAME["attention_fused"], "tiny")
    assert kernel.tolerance(Target("jax", dtype="float64")).atol == 1.5e-6
    assert kernel.tolerance(Target("jax")) is None


@pytest.mark.parametrize("spec", KERNELS, ids=lambda spec: spec.name)
def test_what_is_unsupported_names_targets(spec):
    for start, why in [*spec.unsupported.items(), *((s, t.why) for s, t in spec.tolerance.items())]:
        assert str(Target.parse(start)).startswith(start)
        assert why


def test_a_tpu_takes_the_sizes_of_a_gpu():
    kernel = Kernel(BY_NAME["matmul_square"], "large")
    assert kernel.dims("tpu") == kernel.dims("gpu") == {"n": 8192}
    assert kernel.dims("cpu") == {"n": 1024}


def test_tf32_is_on_around_its_kernel_only(fw):
    before = fw.numerics
    with Kernel(BY_NAME["matmul_tf32"], "tiny").in_force(fw):
        with numerics.in_force(fw.at(mode="jit"), 0):
            seen = fw.state()
        assert seen["float32 matmul precision" if fw.name == "torch" else "jax_default_matmul_precision"] in TF32
    assert fw.numerics == before


ON = [
    Target.parse(f"{fw}-cpu-{dtype}-{mode}")
    for fw in ("torch", "jax")
    for dtype in ("float64", "float32")
    for mode in MODES
]


def collected(names=("softmax", "lstm_unrolled")):
    specs = [BY_NAME[name] for name in names]
    return [
        Item("test_kernel", str(k), False, target, size=k.size, slow=k.spec.slow_to_compile)
        for k in kernels(specs)
        for target in ON
    ]


def test_quick_checks_the_tiny_size_in_the_widest_dtype():
    kept = keeps("quick", collected(), measured=False)
    assert {i.case for i in kept} == {"softmax-tiny"}
    assert {i.target for i in kept} == {t for t in ON if t.dtype == "float64"}


@pytest.mark.parametrize("profile", ["full", "nightly"])
def test_full_checks_the_tiny_size_everywhere(profile):
    kept = keeps(profile, collected(), measured=False)
    assert {i.case for i in kept} == {"softmax-tiny", "lstm_unrolled-tiny"}
    assert {i.target for i in kept} == set(ON)


@pytest.mark.parametrize("profile", ["quick", "full", "nightly"])
def test_all_is_measured_where_timings_are_asked_for(profile):
    assert keeps(profile, collected(), measured=True) == set(collected())
