"""Files and functions stay small: no file over 300 lines, nine of ten functions of 18 lines or fewer."""

import ast
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DOMAINS = ("annotators", "billing", "projects", "rlhfhub")
FOLDERS = (*DOMAINS, "docker", "templates", "tests")
KINDS = {".css", ".html", ".js", ".py", ".sh", ".sql", ".txt", ".yaml"}
MOST_LINES = 300
MOST_IN_A_FUNCTION = 18


def sources(*folders: str) -> Iterator[Path]:
    """The files that are read and written by people; migrations are left as they were made."""
    for folder in folders:
        for path in (CHECKOUT / folder).rglob("*"):
            if path.suffix in KINDS and path.parent.name != "migrations":
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
    lengths = {path: len(path.read_text().splitlines()) for path in sources(*FOLDERS)}
    assert len(lengths) > 500, "the sources were not found"
    long = {str(p.relative_to(CHECKOUT)): n for p, n in lengths.items() if n > MOST_LINES}
    assert long == {}


@pytest.mark.parametrize("folders", [("tests",), DOMAINS], ids=["tests", "code"])
def test_functions_are_short(folders: tuple[str, ...]) -> None:
    python = [path.read_text() for path in sources(*folders) if path.suffix == ".py"]
    lengths = [length for source in python for length in function_lengths(source)]
    assert ninetieth(lengths) <= MOST_IN_A_FUNCTION


def test_the_measure_counts_as_a_reader_does() -> None:
    source = (
        'def one():\n    """A word."""\n\n    async def two():\n        pass\n\n    return two\n'
    )
    assert sorted(function_lengths(source)) == [2, 7]
    assert ninetieth([*range(1, 11)]) == 9
    assert ninetieth([5]) == 5
