"""Tables as CSV files, safe to open in a spreadsheet, and sent after the request's transaction has ended."""

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.http import FileResponse

from rlhfhub.ground.money import amount

#: A file up to so many bytes is kept in memory, a larger one on disk.
IN_MEMORY = 1_000_000
# Spreadsheets run a cell as a formula if it begins with one of these.
_FORMULA = frozenset("=+-@\t\r\n")

Cell = str | int | None


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> FileResponse:
    """Write the rows to a temporary file, and return a response that sends it under this name."""
    spooled = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed by the response
    text = io.TextIOWrapper(spooled, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()
    spooled.seek(0)
    return FileResponse(
        spooled, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )


def safe(cell: Cell) -> Cell:
    """Return a text that a spreadsheet does not take for a formula; numbers and other texts are not changed."""
    if isinstance(cell, str) and cell[:1] in _FORMULA:
        return f"'{cell}"
    return cell


def moment(at: datetime | None) -> str:
    """Write a time in UTC, such as 2026-03-05T14:05:09Z; nothing for None."""
    return f"{at.astimezone(UTC).isoformat()[:19]}Z" if at else ""


def major(minor: int, currency: str) -> str:
    """Write minor units as an amount in the currency's own unit, with a point."""
    return amount(minor, currency)
