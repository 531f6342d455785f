"""What can be wrong with an upload: a fault of one row, or of the file as a whole."""

from __future__ import annotations

from dataclasses import dataclass

ROW = "item"
"""The `field` of a fault that concerns the whole row."""


class FormatError(Exception):
    """The file cannot be read (on). `code` is for programs, `message` for people."""

    def __init__(
        self, code: str, message: str, row: int | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row = row
        self.field = field

    def as_error(self) -> dict[str, int | str | None]:
        """The entry for the `errors` list of an answer."""
        return {"row": self.row, "field": self.field, "message": self.message}


class RowFault(Exception):
    """One row breaks a rule: `field` says where in it, like `responses[1].text`."""

    def __init__(self, field: str, message: str, *, syntax: bool = False) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.syntax = syntax


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was refused, as receipts list it."""

    row: int
    field: str
    message: str

    def as_error(self) -> dict[str, int | str]:
        """The entry for the `rejected` list of a receipt."""
        return {"row": self.row, "field": self.field, "message": self.message}
