"""One word for one thing: names in our code do not use a word that once meant several things."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGES = ("annotators", "billing", "projects", "rlhfhub")
# An enrollment, a slot's `seq`, a folder and a point of a chart were all called a place.
WORD = re.compile(r"(?<![a-zA-Z])places?(?![a-zA-Z])|Place(?![a-z])")
# The files that may still hold it: the queue's statement and the benchmark.
NOT_YET = (
    "projects/work/services/queue.py",
    "projects/work/services/leasing.py",
    "rlhfhub/devtools/bench/",
)


@pytest.mark.slow
def test_no_name_calls_a_thing_a_place() -> None:
    """Python's own `decimal_places` and the like are of Django and of money."""
    paths = [path for package in PACKAGES for path in (CHECKOUT / package).rglob("*.py")]
    files = {str(path.relative_to(CHECKOUT)): path for path in paths}
    found = [
        (file, name)
        for file, path in files.items()
        if not file.startswith(NOT_YET)
        for name in _names(path)
        if WORD.search(name.replace("_", " ")) and name != "decimal_places"
    ]
    assert found == []


def _names(path: Path) -> Iterator[str]:
    """What a file defines: functions, classes, arguments and variables."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr
