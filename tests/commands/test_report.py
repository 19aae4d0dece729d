"""``dualfw report``: every form of it, its exit statuses, and its one sentence where it cannot do what is asked."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_dualfw import command
from pytest_dualfw.commands import report
from pytest_dualfw.history.acknowledged import Acknowledged, acknowledge
from tests.history.disk import NIGHTS, OTHER, STEP, invalid_from, keep, kernels, stepped
from tests.history.stored import file_of, line
from tests.report.models import report as run_of

RATIO_STEP, JIT_STEP = "1d7b913ae8", "fd7d3d4f80"
BESIDE = "torch 2.12.0 -> 2.13.0, commit 0ld0ld0 -> beefbee"
SINCE = "since 2026-01-31 03:00 (beefbee)"
HEAD = ["a processor, branch main",
        "  40 runs, 2026-01-01 03:00 to 2026-02-09 03:00; 4 series; machine 4597070aff51"]  # fmt: skip


@pytest.fixture(scope="module")
def slower(tmp_path_factory):
    """Forty nights, of which the last ten took 10 % longer in jit."""
    return keep(tmp_path_factory.mktemp("slower"), kernels("matmul", jit=stepped()))


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Where the reports go."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def told(capsys, *arguments):
    """Exit status, what is printed, and what is said on stderr."""
    status = command.main(["report", *map(str, arguments)])
    heard = capsys.readouterr()
    return status, heard.out.splitlines(), heard.err


def test_a_step_in_the_terminal(slower, capsys):
    status, out, err = told(capsys, slower)
    assert (status, err) == (1, "")
    assert out == [
        *HEAD,
        "✗ regressed matmul forward",
        f"    {RATIO_STEP}  ratio 8.98 % lower {SINCE}; confirmed; compiler; {BESIDE}",
        f"    {JIT_STEP}  jit 10.3 % slower {SINCE}; confirmed; compiler; {BESIDE}",
        "",
        "1 regressed, 3 same",
        "written: dualfw-report/report.html",
        "written: dualfw-report/report.md",
        "written: dualfw-report/nights.json",
        "written: 2 pictures in dualfw-report/svg",
    ]


def test_a_step_as_json(slower, place, capsys):
    told(capsys, slower, "--json", "nights.json")
    found = json.loads((place / "nights.json").read_text())
    assert found["schema"] == "dualfw-nights/1"
    assert found["counts"] == {
        "regressed": 1, "suspect": 0, "invalid": 0, "improved": 0, "insufficient": 0, "same": 3}  # fmt: skip
    (timeline,) = found["timelines"]
    (changed,) = [s for s in timeline["series"] if s["changes"]]
    assert (changed["bench"]["id"], changed["group"]) == ("matmul", "regressed")
    jit = next(c for c in changed["changes"] if c["quantity"] == "jit")
    told_of = ("id", "run", "tier", "worse", "blame", "acknowledged")
    assert [jit[key] for key in told_of] == [JIT_STEP, STEP, "confirmed", True, "compiler", None]
    assert jit["factor"] == pytest.approx(1.10, abs=0.02)
    assert len(changed["values"]["jit"]) == NIGHTS


def test_a_step_in_markdown(slower, place, capsys):
    told(capsys, slower, "--md", "report.md")
    beside = BESIDE.replace(">", "\\>")
    assert (
        f"| ✗ | matmul forward | jit 10.3 % slower | 2026-01-31 03:00 \\(beefbee\\), confirmed | compiler | "
        f"{beside} | {JIT_STEP} |"
    ) in (place / "report.md").read_text(encoding="utf-8").splitlines()


def test_a_step_on_the_page(slower, place, capsys):
    told(capsys, slower, "--html", "page.html")
    page = (place / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    for words in ("matmul forward", "jit 10.3 % slower", JIT_STEP, "compiler", "torch 2.12.0 -&gt; 2.13.0"):
        assert words in page


def test_a_step_as_a_picture(slower, place, capsys):
    told(capsys, slower, "--svg", "pictures")
    assert sorted(p.name for p in place.joinpath("pictures").iterdir()) == [
        f"change-{RATIO_STEP}.svg",
        f"change-{JIT_STEP}.svg",
    ]
    picture = ElementTree.parse(place / "pictures" / f"change-{JIT_STEP}.svg").getroot()
    words = [e.text for e in picture.iter() if e.text]
    assert "matmul forward: jit" in words
    assert "✗ jit 10.3 % slower" in words


def test_one_form_alone(slower, place, capsys):
    status, out, _ = told(capsys, slower, "--html", "deep/page.html")
    assert status == 1
    assert out[-1] == "written: deep/page.html"
    assert [str(p.relative_to(place)) for p in place.rglob("*") if p.is_file()] == ["deep/page.html"]


def test_another_place_for_all_forms(slower, place, capsys):
    told(capsys, slower, "--out", "there")
    assert sorted(p.name for p in place.joinpath("there").iterdir()) == ["nights.json", "report.html", "report.md", "svg"]  # fmt: skip  # noqa: E501


def test_accepted_changes_are_listed_and_harm_no_more(slower, tmp_path, capsys):
    history = keep(tmp_path / "h", kernels("matmul", jit=stepped()))
    acknowledge(history, Acknowledged(RATIO_STEP, "Ann", "a safer kernel", "2026-02-01"))
    assert told(capsys, history)[0] == 1  # the other one stands
    acknowledge(history, Acknowledged(JIT_STEP, "Bob", "we know", "2026-02-02"))
    status, out, _ = told(capsys, history, "--md", "report.md", "--json", "nights.json")
    assert status == 0
    accepted = f"compiler; {BESIDE}; accepted by"
    assert out[2:6] == [
        "= same      matmul forward",
        f"    {RATIO_STEP}  ratio 8.98 % lower {SINCE}; confirmed; {accepted} Ann: a safer kernel",
        f"    {JIT_STEP}  jit 10.3 % slower {SINCE}; confirmed; {accepted} Bob: we know",
        "",
    ]
    assert "accepted by Ann: a safer kernel" in Path("report.md").read_text(encoding="utf-8")
    series = json.loads(Path("nights.json").read_text())["timelines"][0]["series"]
    (changes,) = [s["changes"] for s in series if s["changes"]]
    assert changes[1]["acknowledged"] == {"who": "Bob", "why": "we know", "when": "2026-02-02"}


@pytest.fixture(scope="module")
def suspect(tmp_path_factory):
    """Too few nights after the step for a test to confirm it."""
    return keep(tmp_path_factory.mktemp("suspect"), kernels("matmul", jit=stepped(at=NIGHTS - 2, factor=1.3)))


@pytest.mark.parametrize(("arguments", "status"), [((), 0), (("--fail-on", "confirmed"), 0), (("--fail-on", "suspect"), 3)])  # fmt: skip  # noqa: E501
def test_a_suspect_fails_where_that_is_asked(suspect, capsys, arguments, status):
    found, out, _ = told(capsys, suspect, *arguments)
    assert found == status
    assert out[2] == "? suspect   matmul forward"


def test_a_confirmed_one_goes_before_suspects(slower, capsys):
    assert told(capsys, slower, "--fail-on", "suspect")[0] == 1


def test_what_was_good_and_is_invalid_now(tmp_path, capsys):
    many = kernels("matmul")
    many[0] = invalid_from(many[0], NIGHTS - 1)
    status, out, _ = told(capsys, keep(tmp_path / "h", many))
    assert status == 4
    assert out[2] == "! invalid   matmul forward"


def test_what_never_had_a_number_is_no_news(tmp_path, capsys):
    many = kernels("scan")
    many[0] = invalid_from(many[0], 0)
    status, out, _ = told(capsys, keep(tmp_path / "h", many))
    assert status == 0
    assert out[2] == "! invalid   scan forward"


def test_a_run_with_nothing_but_invalid_numbers(tmp_path, capsys):
    many = [invalid_from(one, 0) for one in kernels("scan", nights=3)]
    assert told(capsys, keep(tmp_path / "h", many))[0] == 4


def test_two_machines_are_two_timelines(slower, tmp_path, capsys):
    history = keep(keep(tmp_path / "h", kernels("matmul")), kernels("matmul", jit=stepped()), machine=OTHER)
    status, out, _ = told(capsys, history)
    assert status == 1
    named = [text for text in out if text.endswith("branch main")]
    assert sorted(named) == ["a processor, branch main", "another processor, branch main"]
    assert out[out.index("another processor, branch main") + 2] == "✗ regressed matmul forward"


def test_an_empty_folder(tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    status, out, err = told(capsys, empty)
    assert (status, out[0], err) == (5, "no series", "")


def test_a_folder_that_is_not_there(tmp_path, place, capsys):
    missing = tmp_path / "nowhere"
    sentence = f"dualfw report: {missing} is no folder and no file; give the folder of a history\n"
    assert told(capsys, missing) == (2, [], sentence)
    assert not [*place.iterdir()]


def test_nothing_but_bad_lines(tmp_path, capsys):
    path = file_of(tmp_path / "h", "{", "{}")
    status, _, err = told(capsys, path.parent)
    assert status == 2
    assert err.splitlines() == [
        f"dualfw report: {path}, line 1: got text that is not JSON, expected one measurement of schema "
        "'dualfw-bench/1'; the line is left out",
        f"dualfw report: {path}, line 2: got JSON without a schema, expected one measurement of schema "
        "'dualfw-bench/1'; the line is left out",
    ]


@pytest.mark.parametrize(("step", "status"), [(1.0, 0), (1.1, 1)])
def test_bad_lines_beside_good_ones(tmp_path, capsys, step, status):
    history = keep(tmp_path / "h", kernels("matmul", jit=stepped(factor=step)))
    path = file_of(history, "{")
    found, _, err = told(capsys, history, "--md", "report.md")
    assert found == status
    sentence = (
        f"{path}, line 1: got text that is not JSON, expected one measurement of schema 'dualfw-bench/1'; "
        "the line is left out"
    )
    assert err == f"dualfw report: {sentence}\n"
    assert "1 problem of reading" in Path("report.md").read_text(encoding="utf-8")


def written_run(folder, **changes):
    folder.mkdir(exist_ok=True)
    (folder / "report.json").write_text(json.dumps(run_of([]) | changes))
    return folder


def test_a_run_beside_the_history(slower, tmp_path, capsys):
    run = written_run(tmp_path / "run")
    assert told(capsys, slower, "--run", run, "--md", "report.md")[0] == 1
    text = Path("report.md").read_text(encoding="utf-8")
    assert text.startswith("# pytest-dualfw\n\n**0 findings** in 0 tests: \n\n## Nights\n")


def test_a_run_alone(tmp_path, capsys):
    run = written_run(tmp_path / "run")
    assert told(capsys, run, "--md", "report.md")[0] == 0
    assert "**0 findings**" in Path("report.md").read_text(encoding="utf-8")


def test_a_run_without_a_history_brings_its_kernels(tmp_path, capsys):
    run, empty = written_run(tmp_path / "run"), tmp_path / "empty"
    empty.mkdir()
    file_of(run, line(bench__id="of the run alone"))
    assert told(capsys, empty, "--run", run, "--html", "page.html")[0] == 0
    assert "of the run alone" in Path("page.html").read_text(encoding="utf-8")


def test_a_run_that_is_not_there(slower, tmp_path, capsys):
    path = tmp_path / "nowhere" / "report.json"
    sentence = f"dualfw report: {path} is not there; name the folder that --fw-report wrote\n"
    assert told(capsys, slower, "--run", path.parent) == (2, [], sentence)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"schema": "dualfw-report/7"}', "has the schema 'dualfw-report/7'; this version reads 'dualfw-report/1'"),
        ("[]", "has the schema None; this version reads 'dualfw-report/1'"),
        ("{", "is no JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1)); "
         "run the tests with --fw-report again"),
    ],
)  # fmt: skip
def test_a_report_that_is_none(slower, tmp_path, capsys, text, wrong):
    path = tmp_path / "report.json"
    path.write_text(text)
    assert told(capsys, slower, "--run", tmp_path) == (2, [], f"dualfw report: {path} {wrong}\n")


def test_a_place_that_cannot_be_written(slower, place, capsys):
    (place / "file").write_text("")
    for given, place_, why in (("file/page.html", "file", "File exists"), (place, place, "Is a directory")):
        sentence = f"dualfw report: {place_} cannot be written ({why}); name another place\n"
        assert told(capsys, slower, "--html", given) == (2, [], sentence)


def test_accepted_changes_that_cannot_be_read(tmp_path, capsys):
    history = keep(tmp_path / "h", kernels("matmul", nights=2))
    (history / "acknowledged.toml").write_text("accepted = 3")
    assert told(capsys, history) == (
        2,
        [],
        f"dualfw report: {history / 'acknowledged.toml'} has an entry without id; give each id, who, why and when\n",
    )


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ([], "the following arguments are required: DIR"),
        (["h", "--fail-on", "never"], "argument --fail-on: invalid choice: 'never' (choose from "),
        (["h", "--pdf", "x"], "unrecognized arguments: --pdf x"),
    ],
)
def test_wrong_usage(capsys, arguments, wrong):
    with pytest.raises(SystemExit) as ended:
        told(capsys, *arguments)
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith(f"dualfw report: {wrong}") and err.endswith("; see dualfw report --help\n")
    assert err.count("\n") == 1


HOSTILE = "<script>alert(1)</script> | `x` \n**\U0001f4a5** \u202eright\u2067 \ud800 &amp; ]]>"
BRANCH = "a|b`<script>"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return keep(tmp_path_factory.mktemp("hostile"), kernels(HOSTILE, jit=stepped()), branch=BRANCH)


def test_hostile_names_leave_every_form_whole(hostile, place, capsys):
    status, out, _ = told(capsys, hostile)
    assert status == 1
    assert all(text.isprintable() for text in out)
    forms = place / "dualfw-report"
    rows = [row for row in forms.joinpath("report.md").read_text(encoding="utf-8").splitlines() if row.startswith("| ✗ |")]  # fmt: skip  # noqa: E501
    assert len(rows) == 2
    assert all(row.replace("\\|", "").count("|") == 8 for row in rows)
    assert not [row for row in rows if "<" in row.replace("\\<", "")]
    page = forms.joinpath("report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    for picture in forms.joinpath("svg").iterdir():
        titles = ElementTree.parse(picture).getroot().iter("{http://www.w3.org/2000/svg}title")
        assert next(titles).text.startswith("<script>alert(1)</script> | `x` ")


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "cp1252"])
def test_every_terminal_can_print_it(hostile, place, encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-m", "pytest_dualfw.command", "report", str(hostile), "--md", "\udcff.md"],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"<script>alert(1)</script> | `x` " in done.stdout
    assert done.stdout.endswith(b"written: ?.md" + os.linesep.encode())


def test_progress_is_for_those_who_look_on(monkeypatch, capsys):
    report.progress("reading", 1, 2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for done in (0, 1, 2):
        report.progress("reading", done, 2)
    report.progress("judging", 0, 0)
    assert capsys.readouterr().err == "reading 0 %\rreading 50 %\rreading 100 %\r\x1b[Kjudging 0 %\r\x1b[K"
