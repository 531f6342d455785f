"""A pytest plugin for `pytest --fast`: the core of every room, as `make test FAST=1` runs it in under three minutes.

It leaves out tests marked `slow`, `concurrency` (races) and `browser`. Of a test with many cases it runs only some,
evenly spread, and fewer if the test uses the database. Hypothesis tries fewer examples.
"""

import math
import re
from itertools import groupby
from pathlib import Path

import hypothesis
import pytest

LEFT_OUT = ("slow", "concurrency", "browser")
CASES, CASES_OF_FIGURES = 2, 50
EXAMPLES = 20
# Files that are left out as a whole are not even imported: Playwright and schemathesis alone take seconds.
WHOLE = re.compile(rf"^pytestmark = .*\bmark\.({'|'.join(LEFT_OUT)})\b", re.MULTILINE)
DATABASE = {"db", "database", "own_database", "world", "django_db_setup"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option `--fast`."""
    parser.addoption("--fast", action="store_true", help="run only the core of every room")


def pytest_configure(config: pytest.Config) -> None:
    """Let Hypothesis try fewer examples. Tests that need more ask for a multiple of the profile's number."""
    hypothesis.settings.register_profile("fast", max_examples=EXAMPLES)
    if config.getoption("--fast"):
        hypothesis.settings.load_profile("fast")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out whole files, and folders (with their conftest.py) that hold no other."""
    if not config.getoption("--fast"):
        return None
    if collection_path.is_dir():
        files = [*collection_path.rglob("test_*.py")]
        return bool(files and all(map(_is_left_out, files))) or None
    return (collection_path.suffix == ".py" and _is_left_out(collection_path)) or None


def _is_left_out(file: Path) -> bool:
    return WHOLE.search(file.read_text()) is not None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests and cases that are not fast."""
    if not config.getoption("--fast"):
        return
    kept = [one for _, cases in groupby(items, _test) for one in few(list(cases))]
    named = set(kept)
    config.hook.pytest_deselected(items=[one for one in items if one not in named])
    items[:] = kept


def few(cases: list[pytest.Item]) -> list[pytest.Item]:
    """Return the cases of one test that run: evenly spread, and fewer if they use the database."""
    cases = [one for one in cases if not any(one.get_closest_marker(mark) for mark in LEFT_OUT)]
    limit = CASES if cases and _uses_database(cases[0]) else CASES_OF_FIGURES
    return cases[:: math.ceil(len(cases) / limit) or 1]


def _test(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _uses_database(item: pytest.Item) -> bool:
    names = DATABASE & set(getattr(item, "fixturenames", ()))
    return bool(names) or item.get_closest_marker("django_db") is not None
