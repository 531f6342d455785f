"""A fast run leaves out what is slow and most cases of a test, and loses no test of a room's core."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlhfhub.devtools.pytest_fast import CASES, EXAMPLES

TESTS = """
import pytest
from hypothesis import given, strategies

tried = []

@pytest.fixture
def db():
    pass

@pytest.mark.parametrize("number", range(10))
def test_with_a_database(db, number):
    pass

@pytest.mark.parametrize("number", range(10))
def test_of_figures(number):
    pass

@pytest.mark.slow
def test_that_waits():
    pass

@pytest.mark.parametrize("word", ["kept", pytest.param("left", marks=pytest.mark.slow)])
def test_of_a_slow_case(word):
    pass

@given(strategies.integers())
def test_any_number(number):
    tried.append(number)

def test_how_many_were_tried():
    print("tried", len(tried))
"""
WHOLE = "import pytest\nraise AssertionError('imported')\npytestmark = [pytest.mark.browser]\n"


@pytest.fixture
def ran(tmp_path: Path) -> str:
    """The output of a fast run: of both files, and of a folder in which every file is left out."""
    (tmp_path / "test_parts.py").write_text(TESTS)
    (tmp_path / "test_whole.py").write_text(WHOLE)
    folder = tmp_path / "browsers"
    folder.mkdir()
    (folder / "conftest.py").write_text("raise AssertionError('imported')")
    (folder / "test_pages.py").write_text(WHOLE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n  browser\n")
    options = ["-p", "rlhfhub.devtools.pytest_fast", "-p", "no:django", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-vs", "--fast", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_a_fast_run_runs(ran: str) -> None:
    assert 1 < ran.count("test_with_a_database[") <= CASES
    assert ran.count("test_of_figures[") == 10
    assert "test_of_a_slow_case[kept]" in ran and "test_of_a_slow_case[left]" not in ran
    assert "test_that_waits" not in ran and "test_whole" not in ran
    assert f"tried {EXAMPLES}\n" in ran
