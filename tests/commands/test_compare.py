"""``dualfw compare``: two histories held against each other."""

import json
from pathlib import Path

import pytest

from pytest_dualfw import command
from tests.history.disk import OTHER, keep, kernels, stepped
from tests.history.stored import file_of, line

HEAD = "bench           quantity  before   after    factor  runs  p"


def told(capsys, *arguments):
    status = command.main(["compare", *map(str, arguments)])
    heard = capsys.readouterr()
    return status, heard.out.splitlines(), heard.err


def sides(folder, nights=8, factor=1.1, names=("matmul",), **where):
    """Two histories, the second of which takes so many times as long in jit."""
    before = keep(folder / "a", kernels(*names, nights=nights, seed=1))
    many = kernels(*names, nights=nights, seed=2, jit=stepped(nights, 0, factor))
    return before, keep(folder / "b", many, **where)


def test_a_test_tells_of_eight_runs(tmp_path, capsys):
    assert told(capsys, *sides(tmp_path)) == (
        1,
        [
            HEAD,
            "matmul forward  ratio     1.999    1.821    0.910   8     1.6e-04  confirmed, worse",
            "matmul forward  jit       1.01 ms  1.10 ms  1.097   8     1.6e-04  confirmed, worse",
            "20 numbers compared: 2 worse, 0 suspect, 0 better",
        ],
        "",
    )


def test_what_is_faster_harms_nobody(tmp_path, capsys):
    status, out, _ = told(capsys, *sides(tmp_path, factor=0.9))
    assert status == 0
    assert [row.split("  ")[-1] for row in out[1:3]] == ["confirmed, better"] * 2
    assert out[3] == "20 numbers compared: 0 worse, 0 suspect, 2 better"


@pytest.mark.parametrize(
    ("nights", "last"), [(4, "-  suspect, worse"), (5, "7.9e-03  suspect, worse")], ids=["too few", "among too many"]
)
def test_what_may_be_is_a_suspect(tmp_path, capsys, nights, last):
    """Five runs of each side part at p = 2/252 at best, which is not enough where twenty numbers are compared."""
    places = sides(tmp_path, nights)
    status, out, _ = told(capsys, *places)
    assert status == 0
    assert [row.endswith(last) for row in out] == [False, True, True, False]
    assert out[-1] == "20 numbers compared: 0 worse, 2 suspect, 0 better"
    assert told(capsys, *places, "--fail-on", "suspect")[0] == 3


def test_five_runs_suffice_where_the_half_of_it_is_slower(tmp_path, capsys):
    status, out, _ = told(capsys, *sides(tmp_path, 5, names=("conv", "lstm", "matmul")))
    assert status == 1
    assert out[-1] == "30 numbers compared: 6 worse, 0 suspect, 0 better"


def test_nothing_differs(tmp_path, capsys):
    places = sides(tmp_path, factor=1.0)
    assert told(capsys, *places) == (0, ["20 numbers compared: 0 worse, 0 suspect, 0 better"], "")
    assert told(capsys, *places, "--fail-on", "suspect")[0] == 0


def test_of_another_machine_only_ratios(tmp_path, capsys):
    assert told(capsys, *sides(tmp_path, machine=OTHER)) == (
        1,
        [
            "bench           quantity  before  after  factor  runs  p",
            "matmul forward  ratio     1.999   1.821  0.910   8     1.6e-04  confirmed, worse",
            f"measured on 4597070aff51 and on {OTHER.key}: times do not compare, ratios do",
            "4 numbers compared: 1 worse, 0 suspect, 0 better",
        ],
        "",
    )


def test_two_single_lines(tmp_path, capsys):
    a = file_of(tmp_path, line(), name="a.jsonl")
    b = file_of(tmp_path, line(jit__median=1.5e-3), name="b.jsonl")
    status, out, _ = told(capsys, a, b)
    assert status == 0
    assert out[1].endswith("1.500   1     -  suspect, worse")
    assert out[2] == "5 numbers compared: 0 worse, 1 suspect, 0 better"


def test_nothing_in_common(tmp_path, capsys):
    a, b = (file_of(tmp_path, line(bench__id=name), name=f"{name}.jsonl") for name in "ab")
    assert told(capsys, a, b) == (
        5,
        ["on one side only: a forward, b forward", "0 numbers compared: 0 worse, 0 suspect, 0 better"],
        "",
    )


def test_a_side_without_anything(tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    a, _ = sides(tmp_path, nights=2)
    assert told(capsys, a, empty) == (
        5,
        [
            "measured on 4597070aff51 and on no machine: times do not compare, ratios do",
            "on one side only: add forward, gelu forward, matmul forward, ...",
            "0 numbers compared: 0 worse, 0 suspect, 0 better",
        ],
        "",
    )


def test_the_numbers_as_json(tmp_path, capsys):
    told(capsys, *sides(tmp_path), "--json", tmp_path / "c.json")
    found = json.loads((tmp_path / "c.json").read_text())
    assert (found["schema"], found["alone"], found["note"]) == ("dualfw-comparison/1", [], "")
    assert len(found["differences"]) == 20
    jit = next(d for d in found["differences"] if (d["bench"], d["quantity"]) == ("matmul forward", "jit"))
    assert jit.pop("factor") == pytest.approx(1.1, abs=0.02)
    assert (jit.pop("before"), jit.pop("after")) == (pytest.approx(1e-3, rel=0.02), pytest.approx(1.1e-3, rel=0.02))
    assert jit == {
        "bench": "matmul forward", "quantity": "jit", "runs": 8, "p": pytest.approx(2 / 12870),
        "verdict": "confirmed", "worse": True}  # fmt: skip


HOSTILE = "<script>alert(1)</script> | `x`\n**\U0001f4a5** \u202eright \ud800"


def test_hostile_names_leave_markdown_a_table(tmp_path, capsys):
    status, out, _ = told(capsys, *sides(tmp_path, names=(HOSTILE,)), "--md", tmp_path / "c.md")
    assert status == 1
    assert all(text.isprintable() for text in out)
    text = (tmp_path / "c.md").read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("|")]
    assert len(rows) == 4
    assert {row.replace("\\|", "").count("|") for row in rows} == {9}
    assert "<" not in text.replace("\\<", "")


def test_numbers_at_both_ends_of_what_is_a_number(tmp_path, capsys):
    a = file_of(tmp_path, line(jit__median=1e-300), name="a.jsonl")
    b = file_of(tmp_path, line(jit__median=1e300), name="b.jsonl")
    assert told(capsys, a, b, "--json", tmp_path / "c.json")[0] == 0
    assert json.loads((tmp_path / "c.json").read_text())["differences"][1]["factor"] > 1e300


def test_bad_lines_are_told(tmp_path, capsys):
    a, b = sides(tmp_path)
    path = file_of(a, "{")
    status, _, err = told(capsys, a, b)
    assert status == 1
    assert err == (
        f"dualfw compare: {path}, line 1: got text that is not JSON, expected one measurement of schema "
        "'dualfw-bench/1'; the line is left out\n"
    )


def test_a_side_that_is_not_there(tmp_path, capsys):
    a, _ = sides(tmp_path, nights=2)
    missing = tmp_path / "nowhere"
    sentence = f"dualfw compare: {missing} is no folder and no file; give the folder of a history\n"
    assert told(capsys, a, missing) == told(capsys, missing, a) == (2, [], sentence)


@pytest.mark.parametrize("form", ["--json", "--md"])
def test_a_place_that_cannot_be_written(tmp_path, capsys, form):
    status, _, err = told(capsys, *sides(tmp_path, nights=2), form, tmp_path)
    assert (status, err) == (2, f"dualfw compare: {tmp_path} cannot be written (Is a directory); name another place\n")


def test_a_side_is_missing(capsys):
    with pytest.raises(SystemExit) as ended:
        told(capsys, Path("a"))
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "dualfw compare: the following arguments are required: B; see dualfw compare --help\n"
    )
