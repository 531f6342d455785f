"""Warnings of imports: rows that were imported but may need attention."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

LISTED = 20
"""A warning lists at most this many row numbers. It counts all of its rows."""


@dataclass(frozen=True, slots=True)
class ItemWarning:
    """One kind of warning of one import.

    `code` is for programs, `words` for people. `count` is the number of imported rows it concerns, and `rows` has the
    numbers of the first of them.
    """

    code: str
    words: str
    count: int
    rows: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the warning as receipts show it and `Import.warnings` stores it."""
        return {**asdict(self), "rows": list(self.rows)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the warning that `as_json` turned into `stored`."""
        return cls(stored["code"], stored["words"], stored["count"], tuple(stored["rows"]))


@dataclass(frozen=True, slots=True)
class WarningTotal:
    """One kind of warning over several imports. `count` is the number of items it concerns."""

    code: str
    words: str
    count: int


def totals(warnings: Iterable[ItemWarning]) -> list[WarningTotal]:
    """Return one total for each code, ordered by code."""
    counts: dict[str, int] = {}
    words: dict[str, str] = {}
    for warning in warnings:
        counts[warning.code] = counts.get(warning.code, 0) + warning.count
        words[warning.code] = warning.words
    return [WarningTotal(code, words[code], counts[code]) for code in sorted(counts)]
