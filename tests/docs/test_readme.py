"""What the README shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
EXAMPLES = sorted((ROOT / "examples").glob("test_*.py"))


def blocks(language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def test_the_first_verified_gradient_prints_what_it_says():
    code = next(b for b in blocks("python") if "check_grads(swish" in b)
    shown = next(b for b in blocks("") if b.startswith("swish on"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    message = done.stderr.partition("GradientMismatch: ")[2]
    assert numbers_apart(message) == numbers_apart(shown)


def numbers_apart(text):
    """The last digits of a float64 result may differ between processors."""
    return re.sub(r"(\d\.\d{4})\d*", r"\1", text).strip()


def test_it_takes_ten_lines():
    code = next(b for b in blocks("python") if "check_grads(swish" in b)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10


@pytest.mark.parametrize("name", ["tests", "suites"])
def test_each_command_is_one_line_between_its_markers(name):
    inside = re.search(rf"<!-- {name} -->\n```\n(.*?)```\n<!-- end -->", README, re.DOTALL)
    assert inside is not None
    assert len(inside[1].strip().splitlines()) == 1
    assert "tox" in inside[1]


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.name)
def test_examples_run(example, tmp_path):
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "--fw=torch,jax"]
    command = [sys.executable, "-m", "pytest", *options, str(example)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
