"""What every framework's adaptor must keep: the contract that a third framework is held to before its ops are."""

from typing import Any

import numpy as np
import optree
import pytest

from pytest_dualfw.frameworks.program import Pullable, Rounding

pytestmark = pytest.mark.filterwarnings("error")

EXACT = (0.5, -1.25, 2.0)  # exact in every floating dtype


@pytest.fixture
def x(fw: Any) -> Any:
    return fw.asarray(np.array(EXACT))


def cube(x: Any) -> Any:
    return (x * x * x).sum()


def scaled(x: Any) -> Any:
    return x * x * 0.5


def close(fw: Any, obtained: Any, expected: Any) -> bool:
    slack = {"float64": 1e-14, "float32": 1e-6, "bfloat16": 2e-2, "float16": 2e-3}[fw.dtype]
    return np.allclose(fw.to_numpy(obtained).astype(float), expected, rtol=slack, atol=slack)


def test_arrays_come_back_as_they_went(fw: Any, x: Any) -> None:
    back = fw.to_numpy(x)
    assert back.dtype.name == fw.dtype
    np.testing.assert_array_equal(back.astype(float), EXACT)


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 0, 3), (2, 3)])
def test_shapes_are_kept(fw: Any, shape: tuple[int, ...]) -> None:
    assert fw.to_numpy(fw.asarray(np.zeros(shape))).shape == shape


@pytest.mark.parametrize("kind", ["int32", "uint8", "bool"])
def test_integers_and_booleans_keep_their_dtype(fw: Any, kind: str) -> None:
    made = fw.asarray(np.array([0, 1, 1]).astype(kind))
    assert fw.dtype_of(made) == kind
    np.testing.assert_array_equal(fw.to_numpy(made), [0, 1, 1])


def test_the_data_is_copied(fw: Any) -> None:
    data = np.ones(3)
    made = fw.asarray(data)
    data[0] = 7
    assert fw.to_numpy(made).astype(float)[0] == 1


def test_what_it_says_of_an_array(fw: Any, x: Any) -> None:
    assert fw.is_array(x)
    assert not fw.is_array(np.ones(2))
    assert (fw.dtype_of(x), fw.device_of(x)) == (fw.dtype, fw.device)
    fw.expect_own(x)
    np.testing.assert_array_equal(fw.to_numpy(x), fw.to_numpy(x))


def test_compiled_is_eager(fw: Any, x: Any) -> None:
    assert close(fw, fw.jit(scaled)(x), [0.125, 0.78125, 2.0])
    assert close(fw, fw.compile(scaled)(x), [0.125, 0.78125, 2.0])


def test_compile_leaves_a_function_alone_in_eager_mode(fw: Any) -> None:
    assert (fw.compile(scaled) is scaled) == (fw.mode == "eager")


def test_grad_and_value_and_grad(fw: Any, x: Any) -> None:
    expected = 3 * np.square(EXACT)
    assert close(fw, fw.compile(fw.grad(cube))(x), expected)
    value, dx = fw.compile(fw.value_and_grad(cube))(x)
    assert close(fw, value, np.power(EXACT, 3).sum())
    assert close(fw, dx, expected)


def test_vjp_and_jvp_are_transposes(fw: Any, x: Any) -> None:
    g = fw.asarray(np.array([1.0, -0.5, 2.0]))

    def pairing(x: Any, g: Any) -> tuple[Any, Any]:
        _, pullback = fw.vjp(scaled, x)
        _, tangent = fw.jvp(scaled, (x,), (x,))
        (dx,) = pullback(g)
        return (dx * x).sum(), (g * tangent).sum()

    backward, forward = fw.compile(pairing)(x, g)
    assert close(fw, backward, fw.to_numpy(forward).astype(float))
    assert close(fw, backward, (np.array([1.0, -0.5, 2.0]) * np.square(EXACT)).sum())


def test_vmap_is_a_loop(fw: Any) -> None:
    rows = fw.asarray(np.stack([EXACT, EXACT]) * np.array([[1.0], [2.0]]))
    sums = np.power(EXACT, 3).sum() * np.array([1.0, 8.0])
    assert close(fw, fw.compile(fw.vmap(cube))(rows), sums)
    shared = fw.compile(fw.vmap(lambda a, b: (a * b).sum(), in_axes=(0, None)))
    assert close(fw, shared(rows, fw.asarray(np.array(EXACT))), np.square(EXACT).sum() * np.array([1.0, 2.0]))


def test_synchronize_returns_what_it_waited_for(fw: Any, x: Any) -> None:
    assert fw.synchronize(x) is x
    assert fw.synchronize() is None
    assert fw.to_numpy(x).shape == (3,)


def test_select_takes_the_framework_s_own(fw: Any) -> None:
    assert fw.select(**{fw.name: "mine", "another": "not mine"}) == "mine"
    with pytest.raises(KeyError, match=f"select has no choice for '{fw.name}'; it has another"):
        fw.select(another=1)


def test_at_is_the_same_framework_elsewhere(fw: Any) -> None:
    other = fw.at(dtype="float64", mode="eager")
    assert (other.name, other.device, other.dtype, other.mode) == (fw.name, fw.device, "float64", "eager")
    with other.scope():
        assert other.to_numpy(other.asarray(np.ones(2))).dtype.name == "float64"


def test_state_is_what_the_target_prescribes(fw: Any) -> None:
    wanted, found = fw.wanted_state(), fw.state()
    assert {name: found[name] for name in wanted} == wanted


def test_gradients_of_trees_are_judged(check_grads: Any) -> None:
    params = {"w": np.array([[1.0, -0.5], [0.25, 2.0]]), "b": np.array([0.5, -1.0])}

    def layer(p: Any, x: Any) -> Any:
        return {"y": x @ p["w"] + p["b"], "n": (x * x).sum()}

    def layer_vjp(g: Any, p: Any, x: Any) -> Any:
        dy, dn = g["y"], g["n"]
        return {"w": x.T @ dy, "b": dy.sum(0)}, dy @ p["w"].T + 2 * dn * x

    report = check_grads(layer, params, np.array([[1.0, 2.0], [-0.5, 0.25]]), reference=layer, reference_vjp=layer_vjp)
    assert report.verdict == "pass"
    assert {c.what for c in report.checks} == {"out['n']", "out['y']", "dp['b']", "dp['w']", "dx"}


def program(fw: Any, f: Any, *leaves: Any) -> Any:
    """``f`` as the engine asks of it, every leaf differentiated."""
    args: Any = leaves
    return fw.program(Pullable(f, optree.tree_structure(args), (True,) * len(leaves)))


def ones(likes: list[Any]) -> list[Any]:
    return [np.ones_like(y) for y in likes]


def test_a_program_pulls_back_and_again(fw: Any) -> None:
    x = np.array(EXACT).astype(fw.to_numpy(fw.asarray(np.zeros(1))).dtype)
    pulled = program(fw, cube, x).pull([x], ones, -2.0)
    assert (pulled.names, pulled.modified) == (["out"], [])
    np.testing.assert_allclose(pulled.outputs[0].astype(float), np.sum(np.array(EXACT) ** 3), rtol=2e-2)
    np.testing.assert_allclose(pulled.gradients[0].astype(float), 3 * np.array(EXACT) ** 2, rtol=2e-2)
    np.testing.assert_array_equal(pulled.rescaled[0].astype(float), -2 * pulled.gradients[0].astype(float))


@pytest.mark.fw_only(dtype="float64")
def test_a_program_s_values_along_a_line(fw: Any) -> None:
    x, u, ts = np.array(EXACT), np.array([1.0, 0.0, -0.5]), [0.0, 0.25, -0.5, 1.0, 2.0, -2.0, 3.0]
    of = program(fw, cube, x)
    for _ in range(3):  # an adaptor may compile another form the second time
        of.checks += 1
        along = of.around([x], [np.ones(())])([u])
        np.testing.assert_allclose(along(ts), [np.sum((x + t * u) ** 3) for t in ts], rtol=1e-14, atol=1e-14)


@pytest.mark.fw_only(dtype="float64")
def test_a_program_s_forward_mode_gradient_and_noise(fw: Any) -> None:
    x, u = np.array(EXACT), np.array([1.0, -1.0, 0.5])
    of, g = program(fw, scaled, x), [np.array([1.0, 2.0, -1.0])]
    np.testing.assert_allclose(of.pull([x], lambda likes: g).gradients[0], g[0] * x, rtol=1e-14)
    np.testing.assert_allclose(of.push([x], [u])[0], x * u, rtol=1e-14)
    (dx,) = of.gradient(g)(fw.asarray(x))
    np.testing.assert_allclose(fw.to_numpy(dx), g[0] * x, rtol=1e-14)
    noisy = of.rounded([x], g, Rounding(1e-6, np.random.default_rng(0)))
    off = np.abs(noisy.outputs[0] / (0.5 * x**2) - 1)
    assert np.all(off <= 3e-6)
    assert np.any(off > 1e-9)
