"""Parameters are paired by shapes and names, and those of one module stay together."""

import pytest

from pytest_dualfw.port.suggest import Sides, suggested

CONV = {"weight": (8, 3, 3, 3), "bias": (8,)}
NORM = {"weight": (8,), "bias": (8,), "running_mean": (8,), "running_var": (8,)}
DENSE = {"weight": (4, 4), "bias": (4,)}
KERNEL = {"kernel": (4, 4), "bias": (4,)}


def under(prefix, shapes, mark="."):
    return {f"{prefix}{mark}{name}": shape for name, shape in shapes.items()}


CASES = {
    # Nothing but the module tells the two biases apart.
    "numbered modules": (
        {**under("0", CONV), **under("1", NORM)},
        {
            **under("bn", {"bias": (8,), "mean": (8,), "scale": (8,), "var": (8,)}, "/"),
            **under("conv", {"bias": (8,), "kernel": (3, 3, 3, 8)}, "/"),
        },
        {
            "0.weight": "conv/kernel",
            "0.bias": "conv/bias",
            "1.weight": "bn/scale",
            "1.bias": "bn/bias",
            "1.running_mean": "bn/mean",
            "1.running_var": "bn/var",
        },
    ),
    "names against the order": (
        {**under("b", {"weight": (4, 4), "bias": (4,)}), **under("a", {"weight": (4, 4), "bias": (4,)})},
        {**under("a", {"kernel": (4, 4), "bias": (4,)}, "/"), **under("b", {"kernel": (4, 4), "bias": (4,)}, "/")},
        {"b.weight": "b/kernel", "b.bias": "b/bias", "a.weight": "a/kernel", "a.bias": "a/bias"},
    ),
    # Numbers count by their rank: a sequence numbers what has no parameters too.
    "a sequence": (
        {**under("0", DENSE), **under("2", DENSE), **under("4", DENSE)},
        {p: s for i in range(3) for p, s in under(f"Dense_{i}", KERNEL, "/").items()},
        {
            f"{i}.{name}": f"Dense_{k}/{leaf}"
            for k, i in enumerate((0, 2, 4))
            for name, leaf in (("weight", "kernel"), ("bias", "bias"))
        },
    ),
    "counted from one": (
        {f"fc{i}.weight": (4, 4) for i in (1, 2, 3)},
        {f"Dense_{i}/kernel": (4, 4) for i in range(3)},
        {f"fc{i + 1}.weight": f"Dense_{i}/kernel" for i in range(3)},
    ),
    "short names": (
        {f"attn.{n}_proj.weight": (4, 4) for n in "qkvo"},
        {f"w{n}": (4, 4) for n in "kovq"},
        {f"attn.{n}_proj.weight": f"w{n}" for n in "qkvo"},
    ),
    # One module in torch, two in JAX: the bias does not follow the weight that has one partner alone.
    "a recurrent cell": (
        under("rnn", {"weight_ih": (12, 3), "weight_hh": (12, 4), "bias_ih": (12,), "bias_hh": (12,)}),
        {
            **under("cell/ih", {"kernel": (3, 12), "bias": (12,)}, "/"),
            **under("cell/hh", {"kernel": (4, 12), "bias": (12,)}, "/"),
        },
        {
            "rnn.weight_ih": "cell/ih/kernel",
            "rnn.weight_hh": "cell/hh/kernel",
            "rnn.bias_ih": "cell/ih/bias",
            "rnn.bias_hh": "cell/hh/bias",
        },
    ),
}

GATES = ("i", "f", "g", "o")


@pytest.mark.parametrize("biased", ["i", "h"])
def test_one_bias_for_two(biased):
    """flax's LSTM has one bias for each gate, on the state; another cell may have it on the input."""
    here = under("rnn", {"weight_ih": (16, 3), "weight_hh": (16, 4), "bias_ih": (16,), "bias_hh": (16,)})
    there = {f"{side}{g}/kernel": (n, 4) for side, n in (("i", 3), ("h", 4)) for g in GATES}
    there |= {f"{biased}{g}/bias": (4,) for g in GATES}
    rows = suggested(Sides(here, there, {}))
    second = {"i": "rnn.bias_hh", "h": "rnn.bias_ih"}[biased]
    assert {(r.here, r.there, r.part, r.added) for r in rows if "bias" in r.here} == {
        (f"rnn.bias_{side}h", f"{biased}{g}/bias", (k, 4), f"rnn.bias_{side}h" == second)
        for side in ("i", "h")
        for k, g in enumerate(GATES)
    }


@pytest.mark.parametrize("case", CASES)
def test_pairs(case):
    here, there, expected = CASES[case]
    assert {row.here: row.there for row in suggested(Sides(here, there, {}))} == expected


def test_what_was_given_stays():
    here, there, expected = CASES["numbered modules"]
    (row,) = (r for r in suggested(Sides(here, there, {})) if r.here == "0.bias")
    assert {r.here: r.there for r in suggested(Sides(here, there, {}), [row])} == expected


def test_names_that_say_nothing_are_paired_in_the_order_of_their_use():
    here = dict.fromkeys(("first", "second", "third"), (4, 4))
    there = dict.fromkeys("abc", (4, 4))
    used = ["second", "third", "first"], ["c", "a", "b"]
    rows = suggested(Sides(here, there, {}, used=used))
    assert {r.here: r.there for r in rows} == {"second": "c", "third": "a", "first": "b"}
