"""Turn a spooled upload into a COPY file and the figures of its receipt, in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

from ..errors import Rejection, RowFault
from ..limits import ItemLimits
from .copy_file import CopyFile
from .item_rules import ItemRules
from .items import read_items
from .seen import IdStatus, SeenIds

OnError = Literal["abort", "skip"]

LISTED_REJECTIONS = 1000
"""At most this many refused rows are listed; all of them are counted."""


@dataclass(frozen=True, slots=True)
class SentKey:
    """The right answer that a row holds, and the external id of its item."""

    row: int
    external_id: str
    key: Any


@dataclass(slots=True)
class Intake:
    """What was found in a file.

    `received` rows were read and `written` of them were written; `duplicates` repeat an earlier row of the same file,
    with the same content. `warnings` are the bits of `item_warnings` that any written row has. If `stopped`, the rest
    of the file was not read. `keys` are the right answers of valid rows, if rows have any.
    """

    received: int = 0
    written: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    warnings: int = 0
    stopped: bool = False
    keys: list[SentKey] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether no row was refused."""
        return self.rejected == 0

    def reject(self, row: int, fault: RowFault) -> None:
        """Count a refused row, and list it unless the list is full."""
        self.rejected += 1
        if len(self.rejections) < LISTED_REJECTIONS:
            self.rejections.append(Rejection(row, fault.field, fault.message))


def copy_items(
    source: Path,
    write: Callable[[bytes], object],
    rules: ItemRules,
    *,
    on_error: OnError = "abort",
    limits: ItemLimits | None = None,
) -> Intake:
    """Read the items of `source` and pass the valid ones to `write` in binary COPY format.

    With `abort`, nothing more is written once a row is refused, because the whole import fails then; reading goes on
    until the list of refused rows is full, so that they can be reported together.

    Raises:
        FormatError: if the file as a whole cannot be read, or cannot be read any further.
    """
    with source.open("rb") as rows:
        return _run(rows, CopyFile(write), rules, on_error, limits)


def _run(
    source: BinaryIO,
    out: CopyFile,
    rules: ItemRules,
    on_error: OnError,
    limits: ItemLimits | None,
) -> Intake:
    intake = Intake()
    seen = SeenIds()
    for row, found in read_items(source, rules, limits=limits):
        intake.received += 1
        if not isinstance(found, RowFault):
            status = seen.record(found.external_id, found.sha256)
            if rules.check_key and status is not IdStatus.OTHER_CONTENT:
                intake.keys.append(SentKey(row, found.external_id, found.key))
            if status is IdStatus.SAME_CONTENT:
                intake.duplicates += 1
                continue
            if status is IdStatus.NEW:
                if on_error == "skip" or intake.clean:
                    out.add(row, found)
                    intake.written += 1
                    intake.warnings |= found.warnings
                continue
            found = RowFault("external_id", "was used in an earlier row with different content")
        intake.reject(row, found)
        if on_error == "abort" and intake.rejected >= LISTED_REJECTIONS:
            intake.stopped = True
            break
    out.close()
    return intake
