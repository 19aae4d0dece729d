"""The command: what it prints, and what it says to a wrong request."""

import pytest
from pytest_dualfw.suites.sweep import __main__ as command
from pytest_dualfw.suites.sweep import catalogue

REFUSED = {
    ("nosuch",): "no op's name holds 'nosuch'; the families are elementary, arithmetic, special, activations, losses, "
    "reductions, ordering, shapes, indexing, linalg, signal, layers, refusals",
    ("--dtype", "float8"): "--dtype is 'float8'; it is one or several of float64, float32, bfloat16, float16",
    ("--write", "sin"): "--write replaces the whole catalogue; leave 'sin' out",
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_a_wrong_request(arguments, capsys):
    with pytest.raises(SystemExit):
        command.main(list(arguments))
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"error: {REFUSED[arguments]}")


def test_pages_are_drawn_in_a_checkout_only(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(command, "DOCS", tmp_path / "docs")
    with pytest.raises(SystemExit):
        command.main(["--write"])
    assert "--write draws pages into the docs of a checkout; run it in a clone" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore")
def test_one_op(capsys):
    command.main(["acosh", "--dtype", "float64"])
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith("acosh: d/dx: defect: both at (")
    assert last == "1 divergence: 1 defect; both agree on 1 of them"


@pytest.mark.filterwarnings("ignore")
def test_what_is_written(monkeypatch, tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(command, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(catalogue, "write", lambda found: catalogue_of.extend(found))
    catalogue_of = []
    found = [d for d in catalogue.read() if d.op == "acosh"]
    command.write(found, [])
    assert capsys.readouterr().out == "all reproduced\n"
    assert [d.id for d in catalogue_of] == [d.id for d in found]
    assert any(d.upstream.startswith("https://github.com/") for d in catalogue_of)
    assert found[0].id in (tmp_path / "docs" / "divergences" / "elementary.md").read_text()
