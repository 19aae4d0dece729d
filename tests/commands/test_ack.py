"""``dualfw ack``: a change is accepted by its id, or the beginning of it."""

import re
import subprocess
from datetime import UTC, datetime

import pytest

from pytest_dualfw import command
from pytest_dualfw.commands import ack
from pytest_dualfw.history.acknowledged import acknowledged
from tests.history.disk import keep, kernels, stepped

RATIO_STEP, JIT_STEP = "1d7b913ae8", "fd7d3d4f80"


@pytest.fixture
def history(tmp_path):
    return keep(tmp_path / "h", kernels("matmul", jit=stepped()))


def told(capsys, *arguments):
    status = command.main(["ack", *map(str, arguments)])
    heard = capsys.readouterr()
    return status, heard.out, heard.err


def test_accepted_by_their_beginnings(history, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command.main(["report", str(history), "--json", "n.json"]) == 1
    capsys.readouterr()
    for given, id_ in (("1d", RATIO_STEP), (JIT_STEP, JIT_STEP)):
        assert told(capsys, given, "--why", " a safer kernel ", "--who", "Ann", "--history", history) == (
            0,
            f"{id_} is accepted; {history / 'acknowledged.toml'} says so, and wants to be committed with the history\n",
            "",
        )
    assert command.main(["report", str(history), "--json", "n.json"]) == 0
    out = capsys.readouterr().out
    for id_ in (RATIO_STEP, JIT_STEP):
        assert re.search(f"^    {id_} .*; accepted by Ann: a safer kernel$", out, re.MULTILINE)
    found = acknowledged(history)[JIT_STEP]
    assert (found.who, found.why) == ("Ann", "a safer kernel")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(found.when).replace(tzinfo=UTC)).days <= 1


@pytest.mark.parametrize("given", ["ff", JIT_STEP + "0", "", "matmul"])
def test_no_such_change(history, capsys, given):
    assert told(capsys, given, "--why", "x", "--history", history) == (
        2,
        "",
        f"dualfw ack: {given!r} is no change of {history}; its changes are {RATIO_STEP} and {JIT_STEP}\n",
    )
    assert acknowledged(history) == {}


def test_the_beginning_of_several(tmp_path, capsys):
    many = kernels(*(f"kernel {i}" for i in range(12)), jit=stepped())
    history = keep(tmp_path / "h", many)  # 24 ids share 16 first digits
    command.main(["report", str(history), "--json", str(tmp_path / "n.json")])
    ids = re.findall("^    ([0-9a-f]{10}) ", capsys.readouterr().out, re.MULTILINE)
    first = next(i[0] for i in ids if sum(other[0] == i[0] for other in ids) > 1)
    fitting = sum(i.startswith(first) for i in ids)
    status, _, err = told(capsys, first, "--why", "x", "--history", history)
    assert status == 2
    assert err.startswith(f"dualfw ack: {first!r} is the beginning of {fitting} changes in {history}; its changes are ")


def test_a_history_without_changes(tmp_path, capsys):
    history = keep(tmp_path / "h", kernels("matmul", nights=3))
    assert told(capsys, "ff", "--why", "x", "--history", history) == (
        2,
        "",
        f"dualfw ack: 'ff' is no change of {history}; it has no change\n",
    )


def test_a_history_that_is_not_there(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sentence = "dualfw ack: dualfw-history is no folder and no file; give the folder of a history\n"
    assert told(capsys, "ff", "--why", "x") == (2, "", sentence)


def test_a_file_in_place_of_a_folder(history, capsys):
    (path,) = history.rglob("2026-01.jsonl")
    status, _, err = told(capsys, "ff", "--why", "x", "--history", path)
    assert (status, err) == (2, f"dualfw ack: 'ff' is no change of {path}; it has no change\n")


def test_a_change_of_the_machine_is_accepted_too(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    many = kernels(*(f"kernel {i}" for i in range(9)), jit=stepped(), eager=stepped())[:9]
    history = keep(tmp_path / "h", many)
    command.main(["report", str(history), "--json", "n.json"])
    (id_,) = re.findall("^  ([0-9a-f]{10}) .*; machine;", capsys.readouterr().out, re.MULTILINE)[:1]
    assert told(capsys, id_, "--why", "x", "--history", history)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["ff"], "the following arguments are required: --why"),
        (["ff", "--why", " "], "argument --why: it is empty; give a few words"),
        (["ff", "--why", "x", "--who", ""], "argument --who: it is empty; give a few words"),
    ],
)
def test_wrong_usage(capsys, arguments, wrong):
    with pytest.raises(SystemExit) as ended:
        told(capsys, *arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"dualfw ack: {wrong}; see dualfw ack --help\n"


def test_who_it_was(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "config", "user.name", "Ann Other"], check=True)
    assert ack.who(tmp_path) == "Ann Other"
    monkeypatch.setattr(ack, "git", lambda *_: "")
    monkeypatch.setattr(ack.getpass, "getuser", lambda: "ann")
    assert ack.who(tmp_path) == "ann"
