"""What a verb raises when it says no. REST and pages render it, each in its own way."""

from collections.abc import Iterable
from typing import Any


class Refused(Exception):
    """A verb said no: an HTTP status, a code for programs, words for people, and where.

    Each of `errors` is `{"row", "field", "message"}`; `row` is None outside of an import.
    """

    def __init__(
        self, code: str, detail: str, *, status: int = 400, errors: Iterable[dict[str, Any]] = ()
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status, self.errors = code, detail, status, list(errors)


def invalid(field: str, message: str, row: int | None = None) -> Refused:
    """One wrong field."""
    return Refused(
        "invalid", f"{field}: {message}", errors=[{"row": row, "field": field, "message": message}]
    )
