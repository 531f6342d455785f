"""`make format` and `make lint` agree about what a file should look like."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("annotators", "billing", "projects", "rlhfhub", "tests")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The checkout's Python files with what formats them."""
    for room in ROOMS:
        shutil.copytree(
            CHECKOUT / room, tmp_path / room, ignore=lambda _, names: _but_python(names)
        )
    for name in ("Makefile", "pyproject.toml", "uv.txt", "requirements-dev.txt"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(CHECKOUT / ".venv")
    return tmp_path


def _but_python(names: list[str]) -> list[str]:
    return [name for name in names if "." in name and not name.endswith(".py")]


def _format(copy: Path) -> None:
    # What is installed is the checkout's: nothing is to be installed for the copy.
    command = ["make", "-o", ".venv/.stamp", "format"]
    subprocess.run(command, cwd=copy, check=True, capture_output=True, text=True, timeout=120)


def _texts(folder: Path) -> dict[str, str]:
    found = (path for room in ROOMS for path in (folder / room).rglob("*.py"))
    return {str(path.relative_to(folder)): path.read_text() for path in found}


def test_format_leaves_a_clean_tree_as_it_is(copy: Path) -> None:
    """It takes no `noqa` that a rule of lint needs."""
    before = _texts(copy)
    assert len(before) > 300 and any("# noqa: S608" in text for text in before.values())
    _format(copy)
    after = _texts(copy)
    assert [name for name in before if before[name] != after[name]] == []


def test_format_mends_what_lint_would_find(copy: Path) -> None:
    """Order of imports, old forms, blanks, and a `noqa` that nothing needs."""
    file = copy / "rlhfhub" / "untidy.py"
    file.write_text(
        'import sys\nimport os\nX = (sys.path,os.sep, "x".encode("utf-8"))  # noqa: S608\n'
    )
    _format(copy)
    assert file.read_text() == 'import os\nimport sys\n\nX = (sys.path, os.sep, b"x")\n'
    lint = [".venv/bin/ruff", "check", str(file)]
    assert subprocess.run(lint, cwd=copy, check=False, timeout=60).returncode == 0
