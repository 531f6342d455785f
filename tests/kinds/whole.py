"""Finds what a kind lacks: functions of the protocol, its partial, its test, and functions that do nothing."""

import inspect
from pathlib import Path
from typing import Any

from projects.kinds.protocol import Kind

CHECKOUT = Path(__file__).parents[2]
PIECES = [name for name in vars(Kind) if not name.startswith("_")]


def lacking(
    name: str, kind: Any, question: dict[str, Any], stored: Any, root: Path = CHECKOUT
) -> list[str]:
    """Return the names of what the kind lacks. `stored` is a complete answer to `question`, in stored order."""
    found = [piece for piece in PIECES if not _fulfilled(kind, piece)]
    partial = root / "templates/projects/work/kinds" / f"_{name}.html"
    if not partial.is_file() or "question.name" not in partial.read_text():
        found.append(f"partial {partial.relative_to(root)}")
    test = root / "tests/kinds" / f"test_{name}_kind.py"
    if not test.is_file():
        found.append(f"test {test.relative_to(root)}")
    if "summarize" not in found and not kind.summarize(question, stored, range(10)).strip():
        found.append("summary")
    if "datasets" not in found and not kind.datasets(question):
        found.append("dataset")
    return found


def _fulfilled(kind: Any, piece: str) -> bool:
    """Return whether the kind has this function of the protocol, with as many parameters."""
    own, wanted = getattr(kind, piece, None), vars(Kind)[piece]
    if isinstance(wanted, property):
        return isinstance(own, frozenset)
    if not callable(own):
        return False
    return len(inspect.signature(own).parameters) == len(inspect.signature(wanted).parameters) - 1
