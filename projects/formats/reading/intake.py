"""From a spooled upload to COPY's rows and the receipt's figures, in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from ..errors import Rejection, RowFault
from ..limits import ItemLimits
from .copy_file import CopyFile
from .item_rules import ItemRules
from .items import read_items
from .seen import SeenIds, Sight

OnError = Literal["abort", "skip"]

LISTED_REJECTIONS = 1000
"""So many refused rows are listed; all are counted."""


@dataclass(slots=True)
class Intake:
    """What was found in a file. `written` rows were written; `duplicates` repeat an
    earlier row of the same file; `warnings` are the bits of all written rows. With `stopped` the rest
    of the file was not looked at."""

    received: int = 0
    written: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    warnings: int = 0
    stopped: bool = False

    @property
    def clean(self) -> bool:
        """Whether no row was refused."""
        return self.rejected == 0

    def reject(self, row: int, fault: RowFault) -> None:
        """Count a refused row, and list it while the list is short."""
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
    """Read the items of `source`, and hand the valid ones to `write` in COPY's binary format.

    With `abort` the whole file is for nothing once a row is refused: nothing more is written, and
    reading stops when the list of refused rows is full. Raises FormatError where the file itself
    cannot be read on.
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
            sight = seen.see(found.external_id, found.sha256)
            if sight is Sight.SAME:
                intake.duplicates += 1
                continue
            if sight is Sight.NEW:
                if on_error == "skip" or intake.clean:
                    out.add(row, found)
                    intake.written += 1
                    intake.warnings |= found.warnings
                continue
            found = RowFault("external_id", "stands in an earlier row with other content")
        intake.reject(row, found)
        if on_error == "abort" and intake.rejected >= LISTED_REJECTIONS:
            intake.stopped = True
            break
    out.close()
    return intake
