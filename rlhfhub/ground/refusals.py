"""The exception that a service raises to refuse something. REST and pages each render it in their own way."""

from collections.abc import Iterable
from typing import Any


class Refused(Exception):
    """Raised when a service refuses: it has an HTTP status, a code for programs, a text for people, and the fields.

    Each of `errors` is `{"row", "field", "message"}`; `row` is None except in an import.
    """

    def __init__(
        self, code: str, detail: str, *, status: int = 400, errors: Iterable[dict[str, Any]] = ()
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status, self.errors = code, detail, status, list(errors)


def invalid(field: str, message: str, row: int | None = None) -> Refused:
    """Return the refusal of one wrong field."""
    return Refused(
        "invalid", f"{field}: {message}", errors=[{"row": row, "field": field, "message": message}]
    )
