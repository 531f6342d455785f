"""Warnings of imports: what was taken in and told."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

LISTED = 20
"""The first rows of a warning are listed, so many of them; all are counted."""


@dataclass(frozen=True, slots=True)
class ItemWarning:
    """One kind of warning of one import.

    `code` is for programs, `words` for people; `count` is how many of the rows that came in it is about, and `rows`
    are the numbers of the first of them.
    """

    code: str
    words: str
    count: int
    rows: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """As receipts show it and the table keeps it."""
        return {**asdict(self), "rows": list(self.rows)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The warning that `as_json` made `kept` of."""
        return cls(kept["code"], kept["words"], kept["count"], tuple(kept["rows"]))


@dataclass(frozen=True, slots=True)
class WarningTotal:
    """One kind of warning over several imports: of `count` items."""

    code: str
    words: str
    count: int


def totals(warnings: Iterable[ItemWarning]) -> list[WarningTotal]:
    """The warnings added up by their code, in the order of codes."""
    counts: dict[str, int] = {}
    words: dict[str, str] = {}
    for warning in warnings:
        counts[warning.code] = counts.get(warning.code, 0) + warning.count
        words[warning.code] = warning.words
    return [WarningTotal(code, words[code], counts[code]) for code in sorted(counts)]
