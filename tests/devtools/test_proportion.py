"""Files and functions stay small: no file over 300 lines, nine of ten functions of 18 lines or fewer."""

import ast
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDERS = ("annotators", "billing", "docker", "projects", "rlhfhub", "templates", "tests")
KINDS = {".css", ".html", ".js", ".py", ".sh", ".sql", ".txt", ".yaml"}
MOST_LINES = 300
MOST_IN_A_FUNCTION = 18


def sources() -> Iterator[Path]:
    """The files that are read and written by people; migrations are left as they were made."""
    for folder in FOLDERS:
        for path in (CHECKOUT / folder).rglob("*"):
            if path.suffix in KINDS and "migrations" not in path.parts:
                yield path


def function_lengths(source: str) -> list[int]:
    """Lines of each function from `def` to its end: signature, docstring and inner functions included."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, functions)]
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes]


def ninetieth(lengths: list[int]) -> int:
    """The smallest length that nine of ten do not exceed."""
    return sorted(lengths)[math.ceil(0.9 * len(lengths)) - 1]


def test_no_file_is_long() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources()}
    assert len(lengths) > 500, "the sources were not found"
    long = {str(p.relative_to(CHECKOUT)): n for p, n in lengths.items() if n > MOST_LINES}
    assert long == {}


@pytest.mark.parametrize("folder", ["tests", "the code"])
def test_functions_are_short(folder: str) -> None:
    python = [path for path in sources() if path.suffix == ".py"]
    chosen = [path for path in python if ("tests" in path.parts) == (folder == "tests")]
    lengths = [length for path in chosen for length in function_lengths(path.read_text())]
    assert ninetieth(lengths) <= MOST_IN_A_FUNCTION


def test_the_measure_counts_as_a_reader_does() -> None:
    source = (
        'def one():\n    """A word."""\n\n    async def two():\n        pass\n\n    return two\n'
    )
    assert sorted(function_lengths(source)) == [2, 7]
    assert ninetieth([*range(1, 11)]) == 9
    assert ninetieth([5]) == 5
