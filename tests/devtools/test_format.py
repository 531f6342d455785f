"""`make format` and `make lint` agree about what a file should look like."""

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("annotators", "billing", "projects", "rlhfhub", "tests")
CONFIGURATION = (
    ".djlint_rules.yaml",
    ".editorconfig",
    "Makefile",
    "pyproject.toml",
    "requirements-dev.txt",
    "uv.txt",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The checkout's Python files and templates with what formats them."""
    for room in ROOMS:
        shutil.copytree(
            CHECKOUT / room, tmp_path / room, ignore=lambda _, names: _but_python(names)
        )
    shutil.copytree(CHECKOUT / "templates", tmp_path / "templates")
    for name in CONFIGURATION:
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
    found = [path for room in ROOMS for path in (folder / room).rglob("*.py")]
    found += (folder / "templates").rglob("*.html")
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


def _lint_template(copy: Path, text: str) -> str:
    """Write a template, and return what djLint says of it as `make lint` calls it; "" if nothing."""
    (copy / "templates" / "untidy.html").write_text(text)
    [command] = [line for line in (copy / "Makefile").read_text().splitlines() if "--lint" in line]
    words = command.strip().removeprefix("@$(PY)").split()
    done = subprocess.run(
        [".venv/bin/python", *words],
        cwd=copy,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout if done.returncode else ""


def test_format_mends_a_template_that_lint_refuses(copy: Path) -> None:
    untidy = "<ul>\n<li>one</li>\n  {% if user %}\n<li>two</li>\n{% endif %}\n</ul>\n"
    assert "untidy.html" in _lint_template(copy, untidy)
    _format(copy)
    tidy = "<ul>\n  <li>one</li>\n  {% if user %}\n    <li>two</li>\n  {% endif %}\n</ul>\n"
    assert (copy / "templates" / "untidy.html").read_text() == tidy
    assert _lint_template(copy, tidy) == ""


@pytest.mark.parametrize(
    ("rule", "text"),
    {
        "R001": '<div>{% if user %}<input name="a">{% endif %}</div>\n',
        "R002": "<ul>\n  <li>one</li>{% if user %}, two{% endif %}\n</ul>\n",
        "R003": '<p>{{ user }} <a href="#a">one</a><a href="#b">two</a></p>\n',
    }.items(),
)
def test_lint_refuses_two_elements_on_a_line(copy: Path, rule: str, text: str) -> None:
    """Which djLint's formatter leaves as they are."""
    assert rule in _lint_template(copy, text)


def test_lint_leaves_short_elements_in_their_sentence(copy: Path) -> None:
    sentence = '<p>Ask <bdi>{{ user }}</bdi>, <a href="#a">as before</a>.</p>\n'
    assert _lint_template(copy, sentence) == ""
