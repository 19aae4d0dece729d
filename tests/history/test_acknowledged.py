"""Changes that a person accepted: written, read back, and what is told of a file that a person spoiled."""

import pytest

from pytest_dualfw.history.acknowledged import Acknowledged, acknowledge, acknowledged
from pytest_dualfw.history.problems import HistoryError

WORDS = (
    'plain "quotes" and \\ backslash',
    "two\nlines\tand\x00\x1b\x7f controls",
    "émoji 🙂 and ‏right to left",
    "= [x] # no",
)


def test_nothing_was_accepted(tmp_path):
    assert acknowledged(tmp_path) == {}


@pytest.mark.parametrize("words", WORDS)
def test_the_way_back(tmp_path, words):
    first, second = Acknowledged("a1", words, words, "2026-11-22"), Acknowledged("b2", "Ann", "why", "2026-11-23")
    acknowledge(tmp_path, first)
    assert acknowledge(tmp_path, second) == tmp_path / "acknowledged.toml"
    assert acknowledged(tmp_path) == {"a1": first, "b2": second}
    assert first.to_json() == {"who": words, "why": words, "when": "2026-11-22"}


def test_half_a_character_is_no_reason_to_fail(tmp_path):
    acknowledge(tmp_path, Acknowledged("a1", "\ud800", "why", "2026-11-22"))
    assert acknowledged(tmp_path)["a1"].who == "?"


def test_accepted_again_the_last_word_stands(tmp_path):
    for why in ("first", "second"):
        acknowledge(tmp_path, Acknowledged("a1", "Ann", why, "2026-11-22"))
    assert acknowledged(tmp_path)["a1"].why == "second"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"[[accepted]]\nid = 1", "has an entry without who; give each id, who, why and when"),
        (b"[[accepted]]\nid = \"\"\nwho = \"x\"", "has an entry without id; give each id, who, why and when"),
        (b"accepted = 3", "has an entry without id; give each id, who, why and when"),
    ],
)  # fmt: skip
def test_a_spoiled_file_is_told(tmp_path, text, told):
    path = tmp_path / "acknowledged.toml"
    path.write_bytes(text)
    with pytest.raises(HistoryError) as caught:
        acknowledged(tmp_path)
    assert str(caught.value) == f"{path} {told}"


@pytest.mark.parametrize("text", [b"[[accepted]", b"\xff"])
def test_a_file_that_is_no_toml_is_told(tmp_path, text):
    path = tmp_path / "acknowledged.toml"
    path.write_bytes(text)
    with pytest.raises(HistoryError) as caught:
        acknowledged(tmp_path)
    assert str(caught.value).startswith(f"{path} cannot be read (")  # then the parser's own words
    assert str(caught.value).endswith("); mend the file, or take it away")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(HistoryError) as caught:
        acknowledge(tmp_path / "nowhere", Acknowledged("a1", "Ann", "why", "2026-11-22"))
    path = tmp_path / "nowhere" / "acknowledged.toml"
    assert str(caught.value) == (
        f"{path} cannot be written (No such file or directory); give a folder that this user may write"
    )
