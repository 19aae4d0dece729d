"""The script of a failed check: what it prints in a process of its own, and how its source is cut out of a file."""

import functools
import linecache
import math
import re
import subprocess
import sys
import types
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from pytest_dualfw import GradientMismatch, check_grads
from pytest_dualfw.gradients.source import Writer

from ..corpus.planted import PLANTED
from . import bugs

x = np.array([0.5, -1.25, 2.0])
w = np.array([[1.0, 2.0, -0.5], [0.25, -1.0, 3.0]])

LAYER = torch.nn.Linear(1, 1)
SHIFT = np.array([1.0, 2.0, 3.0])

LABELS = "obtained|central difference|expected|-2 times the gradient|in eager float64|before|after"


class LayoutSine(torch.autograd.Function):
    """Wrong for a strided vector, and for a matrix whose columns are contiguous."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        wrong = not x.is_contiguous() and (x.dim() == 1 or x.stride(0) == 1)
        return g * x.cos() * (2 if wrong else 1)


class Pair(NamedTuple):
    first: Any
    second: Any


def failing(fn, *args, **options):
    with pytest.raises(GradientMismatch) as caught:
        check_grads(fn, *args, seed=1, **options)
    return caught.value.report


def planted(name, fw="torch"):
    case = next(c for c in PLANTED if c.name == name)
    return case.on(fw), case.make(np.random.default_rng(3)), case.options


def run(script, folder):
    """The first line that it prints, and the others by their label."""
    assert "pytest_dualfw" not in script
    (folder / "shown.py").write_text(script)
    command = [sys.executable, "-I", "shown.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stderr}\n{script}"
    title, *lines = done.stdout.splitlines()
    return title, dict(re.fullmatch(f"  ({LABELS}) +(.*)", line).groups() for line in lines)


def shows(report, folder):
    """Run the script and hold what it prints against the worst failure of the report."""
    found = report.failures[0].discrepancy
    title, printed = run(report.script, folder)
    assert title == f"{found.leaf}{list(found.index) or ''}"
    assert printed["obtained"] == str(found.obtained)
    assert printed["expected"] == f"{found.expected} by the {report.failures[0].oracle}"
    difference = complex(printed["central difference"])
    assert difference == pytest.approx(complex(found.expected), rel=1e-5)
    assert difference != pytest.approx(complex(found.obtained), rel=1e-2)


@pytest.mark.parametrize("cell", ["float64-eager", "float32-jit"])
@pytest.mark.parametrize("fw", ["torch", "jax"])
def test_the_numbers_of_the_report_are_printed(fw, cell, tmp_path):
    fn, args, options = planted("cotangent_of_second_output", fw)
    shows(failing(fn, *args, fw=f"{fw}-cpu-{cell}", **options), tmp_path)


def test_arguments_and_results_of_every_structure_in_torch(tmp_path):
    layer = torch.nn.Linear(3, 2, dtype=torch.float64)

    def fn(pair, named, rows):
        z = pair.second["z"]
        y = torch.func.functional_call(layer, named, (pair.first,))
        return {"rows": rows, "parts": (y.sum() + (z * z.abs().detach()).real.sum(), [layer.bias[rows]])}

    args = Pair(x, {"z": x + 1j * x[::-1]}), {"weight": w, "bias": np.ones(2)}, np.array([0, 1, 1])
    shows(failing(fn, *args, fw="torch-cpu-float64"), tmp_path)


def test_arguments_and_results_of_every_structure_in_jax(tmp_path):
    import jax
    import jax.numpy as jnp

    scale = jnp.asarray(x)

    @functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
    def power(z, n):
        return z**n

    power.defvjp(lambda z, n: (z**n, z), lambda n, z, g: (g * z ** (n - 1),))

    def fn(pair, named, rows):
        first, second = named.values()
        return {"parts": (power(pair.first, 3) * first, [(scale * second)[rows]]), "rows": rows}

    args = Pair(x + 1j * x[::-1], w), {"z": x, "b": 10 * x}, np.array([0, 1, 1])
    shows(failing(fn, *args, fw="jax-cpu-float64"), tmp_path)


@pytest.mark.parametrize(("layout", "given"), [("non-contiguous", x), ("transposed in memory", w)])
def test_a_layout_in_memory_is_laid_out(layout, given, tmp_path):
    report = failing(lambda x: LayoutSine.apply(x), given, fw="torch-cpu-float64", variants=True)
    assert report.failures[0].heading == layout
    shows(report, tmp_path)


def test_the_second_order_is_that_of_the_sum_of_the_gradients(tmp_path):
    report = failing(bugs.detached_second_order("jax"), x, fw="jax-cpu-float64", order=2)
    title, printed = run(report.script, tmp_path)
    at = report.failures[0].discrepancy.index[0]
    assert title == f"second order: dx[{at}] of the sum of the gradients"
    assert float(printed["obtained"]) == pytest.approx(3 * x[at])
    assert float(printed["central difference"]) == pytest.approx(6 * x[at], rel=1e-6)


def test_a_backward_pass_that_is_not_repeatable_runs_twice_on_one_graph(tmp_path):
    fn, args, options = planted("saved_in_place")
    report = failing(fn, *args, fw="torch-cpu-float64", **options)
    found = report.failures[0].discrepancy
    _, printed = run(report.script, tmp_path)
    assert printed == {"obtained": str(found.obtained), "-2 times the gradient": str(found.expected)}


def test_a_value_is_shown_beside_that_in_float64(tmp_path):
    report = failing(lambda x: 3 * x, np.array([1.0, 0.1]), fw="jax", reference=lambda x: x * [3, 4], wrt=())
    found, (title, printed) = report.failures[0].discrepancy, run(report.script, tmp_path)
    assert title == "out[1]"
    assert printed == {
        "obtained": str(float(np.float32(3) * np.float32(0.1))),
        "in eager float64": str(3 * float(np.float32(0.1))),
        "expected": f"{found.expected} by the reference",
    }


def test_an_argument_that_is_written_to_is_shown_before_and_after(tmp_path):
    report = failing(lambda x: (x.detach().mul_(2) * 0 + x).sum(), np.ones(1), fw="torch-cpu-float64")
    title, printed = run(report.script, tmp_path)
    assert title == "x"
    assert printed == {"before": "tensor([1.])", "after": "tensor([2.])"}


def test_the_call_and_the_prints_in_full():
    report = failing(bugs.wrong_for_negative_input("torch"), x, fw="torch-cpu-float64")
    expected = report.failures[0].discrepancy.expected
    compile(report.script, "<script>", "exec")
    assert report.script[report.script.index("    leaf, entry") :] == "\n".join(
        [
            "    leaf, entry = 0, (1,)",
            "",
            "    print('dx[1]')",
            '    print("  obtained          ", number(gradients(eager, "float64")[0][leaf], entry))',
            '    print("  central difference", central_difference(leaf, entry))',
            f"    print(\"  expected          \", '{expected} by the difference ladder')",
            "",
            "",
            "show_entry((lambda x: cube(x).sum()), lambda leaves: (leaves[0],))",
            "",
        ]
    )


def test_a_check_that_names_no_entry_looks_for_one():
    fn, args, options = planted("second_order_product")
    report = failing(fn, *args, fw="torch-cpu-float64", **options)
    assert report.failures[0].what == "second order: <w, H u>"
    compile(report.script, "<script>", "exec")
    assert "    names = {0: 'darg0', 1: 'darg1'}" in report.script
    assert "print('second order: ' + name + ' of the sum of the gradients')" in report.script
    assert (
        "show_entry(gradient_of(function, lambda leaves: (leaves[0], leaves[1])), lambda leaves: leaves)"
        in report.script
    )


def test_the_other_mode_is_shown_beside_the_target_s():
    fn, args, options = planted("jit_tanh_sign", "jax")
    report = failing(fn, *args, fw="jax-cpu-float64", **options)
    lines = [line.split(", ", 1) for line in report.script.splitlines() if line.startswith('    print("')]
    assert lines[:2] == [
        ['    print("  obtained          "', 'number(gradients(eager, "float64")[0][leaf], entry))'],
        ['    print("  in jit mode       "', 'number(gradients(jit, "float64")[0][leaf], entry))'],
    ]


def test_weights_are_kept_and_no_library_is_copied():
    text, _ = text_of(lambda x: LAYER(x))
    assert re.fullmatch(
        r"import torch\nLAYER = torch\.nn\.Linear\(1, 1\)\n"
        r"LAYER\.load_state_dict\({'weight': torch\.tensor\(numpy\.array\(\[\[\S+\]\], dtype=\"float32\"\)\), "
        r"'bias': torch\.tensor\(numpy\.array\(\[\S+\], dtype=\"float32\"\)\)}\)",
        text,
    )


def text_of(fn):
    writer = Writer(("show_entry",))
    expression = writer.tried(fn) or writer.missing("function", "a function")
    return "\n".join([*writer.imports, *writer.definitions]), expression


def again(fn):
    """The function, made anew from its text."""
    text, expression = text_of(fn)
    names: dict[str, Any] = {"numpy": np}
    exec(compile(text, "<text>", "exec", dont_inherit=True), names)
    return eval(expression, names)


def doubled(f):
    @functools.wraps(f)
    def twice(*args):
        return 2 * f(*args)

    return twice


@doubled
def decorated(x):
    return x + SHIFT


def tripled(f):
    return lambda *args: 3 * f(*args)


@tripled
def decorated_without_a_trace(x):
    return x + SHIFT


def scaled(k):
    def f(x):
        return k * x

    return f


def test_a_closure_keeps_what_it_holds():
    a, b = np.arange(3.0), 2.5
    assert np.array_equal(again(lambda x: a * x + b)(x), a * x + b)
    assert "arange" not in text_of(lambda x: a * x + b)[0]


def test_functions_of_one_name_do_not_mix():
    def f(x):
        return 7 * x

    two, five = scaled(2.0), scaled(5.0)
    assert again(lambda x: two(x) + 10 * five(x) + 100 * f(x))(1.0) == 752.0


def test_a_parameter_hides_a_function_of_its_name():
    def f(x):
        return 100 * x

    def of(f):
        return lambda x: f(x)

    assert again(of(scaled(2.0)))(1.0) == 2.0
    assert [again(lambda x, g=g: g(x) + f(x))(1.0) for g in (scaled(2.0), scaled(3.0))] == [102.0, 103.0]


def test_names_that_the_script_uses_are_left_to_it():
    def show_entry(x):
        return 3 * x

    assert again(lambda x: show_entry(x))(2.0) == 6.0


def test_decorators_are_kept():
    assert np.array_equal(again(decorated)(x), 2 * (x + SHIFT))
    assert np.array_equal(again(doubled(decorated))(x), 4 * (x + SHIFT))
    assert again(doubled(scaled(3.0)))(1.0) == 6.0
    assert np.array_equal(again(decorated_without_a_trace)(x), 3 * (x + SHIFT))

    @tripled
    def local(x):
        return x + SHIFT

    assert np.array_equal(again(local)(x), 3 * (x + SHIFT))


def test_lambdas_of_one_line_are_told_apart():
    first, second, folded = lambda x: x + 1, lambda x: x + 2, lambda x: 0 if False else x + 3
    assert [again(f)(0) for f in (first, second, folded)] == [1, 2, 3]


def test_default_arguments_are_kept():
    functions = [lambda x, k=k, *, n=n: k * x + n for k, n in ((2.0, 10.0), (3.0, 20.0))]
    assert [again(f)(1.0) for f in functions] == [12.0, 23.0]


def test_a_statement_that_acts_on_a_function_is_taken_if_its_names_are_known():
    unknown = "never captured"

    def f(x):
        return f.k * x

    f.k = 4.0
    f.__doc__ = unknown
    assert again(f)(1.0) == 4.0


def test_other_files_of_the_tests_are_written_out(tmp_path, monkeypatch):
    (tmp_path / "shown_helper.py").write_text("import math\nK = math.sqrt(4)\ndef cube(x):\n    return K * x**3\n")
    (tmp_path / "shown_user.py").write_text(
        "import math\nimport shown_helper\nimport shown_helper as helper\nfrom shown_helper import cube as c\n"
        "def fn(x):\n    return c(x) + shown_helper.cube(x) + helper.K + math.pi\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import shown_user

    text, _ = text_of(shown_user.fn)
    assert "import shown" not in text and "from shown" not in text
    assert again(shown_user.fn)(2.0) == pytest.approx(34 + math.pi)


def test_a_framework_of_the_fixtures_is_written_as_what_is_used_of_it():
    from pytest_dualfw import frameworks
    from pytest_dualfw.target import Target

    fw = frameworks.framework(Target.parse("torch-cpu-float64"))
    text, _ = text_of(lambda x: fw.xp.sin(x))
    assert "fw = types.SimpleNamespace(xp=array_api_compat.torch)" in text
    assert "pytest_dualfw" not in text


def test_what_cannot_be_written_becomes_a_comment():
    def of(rows):
        return lambda x: next(rows) * x

    rows = (i for i in range(3))
    text, expression = text_of(of({"first": scaled(2.0), "second": rows}))
    assert text == "# rows: a dict that could not be written out; define it here"
    assert expression == "(lambda x: next(rows) * x)"
    assert text_of(rows) == ("# function: a function that could not be written out; define it here", "function")


@pytest.mark.parametrize("known", [True, False])
def test_a_function_of_main_is_cut_from_its_cell(known, monkeypatch):
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    for i, cell in enumerate(["def shift(x):\n    return x + 1\n", "def fn(x):\n    return 3 * shift(x)\n"]):
        if known:
            monkeypatch.setitem(linecache.cache, f"<cell {i}>", (len(cell), None, cell.splitlines(True), f"<cell {i}>"))
        exec(compile(cell, f"<cell {i}>", "exec", dont_inherit=True), main.__dict__)
    text, _ = text_of(main.fn)
    assert "import" not in text
    if known:
        assert again(main.fn)(1) == 6
    else:
        assert text == "# function: a function that could not be written out; define it here"
