"""The errors of an upload: of one row, or of the file as a whole."""

from __future__ import annotations

from dataclasses import dataclass

ROW = "item"
"""The `field` of a fault that concerns the whole row."""


class FormatError(Exception):
    """The file cannot be read, or not any further. `code` is for programs, `message` for people."""

    def __init__(
        self, code: str, message: str, row: int | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row = row
        self.field = field

    def as_error(self) -> dict[str, int | str | None]:
        """This error as an entry of a response's `errors` list."""
        return {"row": self.row, "field": self.field, "message": self.message}


class RowFault(Exception):
    """One row breaks a rule. `field` says where, such as `responses[1].text`; `syntax` that it is no valid JSON."""

    def __init__(self, field: str, message: str, *, syntax: bool = False) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.syntax = syntax


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refused row as receipts list it."""

    row: int
    field: str
    message: str

    def as_error(self) -> dict[str, int | str]:
        """This row as an entry of a receipt's `rejected` list."""
        return {"row": self.row, "field": self.field, "message": self.message}
