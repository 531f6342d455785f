"""Imports a spooled upload in one transaction: either all of its rows become items or none.

Rows are read, checked and copied into a temporary table (`incoming`). The server stores one block while this process
checks the next.
"""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.db import connection
from django.db.models import F

from projects.formats.errors import ROW
from projects.formats.reading.intake import Intake, OnError, copy_items
from projects.formats.reading.item_rules import ItemRules
from projects.items import incoming, metadata
from projects.items.incoming import Clash, Clashes
from projects.items.models import Batch, Import
from projects.items.rules import rules_of
from projects.items.warnings import ItemWarning
from rlhfhub.events import outbox
from rlhfhub.ground import locks
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit

OnSame = Literal["keep", "skip", "refuse"]

IMPORTED = "items.imported"
# A million rows take longer than the minute that other requests may use.
_LOAD_TIMEOUT = "SET LOCAL statement_timeout = '20min'"
# Two imports that insert the same ids in different orders would deadlock.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


@dataclass(frozen=True, slots=True)
class Upload:
    """A spooled file, and what to do with wrong rows and with rows of the same content.

    `on_error`: a wrong row makes the whole upload fail (`abort`) or is left out (`skip`). `on_same`: a row with the
    content of another row or item, under another external id, is imported with a warning (`keep`), left out as a
    duplicate (`skip`) or treated as a wrong row (`refuse`).
    """

    path: Path
    sha256: str
    on_error: OnError
    on_same: OnSame = "keep"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of an upload, in numbers of rows: `received` = `created` + `duplicates` + `rejected_count`.

    `rejected` lists the first of the wrong rows that were left out, each as `{"row", "field", "message"}`.
    """

    received: int
    created: int
    duplicates: int
    rejected: list[dict[str, Any]]
    rejected_count: int
    warnings: list[ItemWarning]

    def as_json(self) -> dict[str, Any]:
        """Return the receipt as REST shows it."""
        return {
            "received": self.received,
            "created": self.created,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "rejected_count": self.rejected_count,
            "warnings": [warning.as_json() for warning in self.warnings],
        }


def check_importable(batch: Batch) -> None:
    """Raises: Refused (`not_draft`) if the batch is no longer a draft or its funding has begun."""
    if batch.status != Batch.Status.DRAFT or batch.funding != Batch.Funding.NONE:
        raise Refused(
            "not_draft",
            "Items can be imported only before the batch is funded or closed. Create another batch for them.",
            status=409,
        )


def load(*, batch: Batch, upload: Upload, actor_id: uuid.UUID | None) -> Receipt:
    """Import the upload's items into the batch. Returns the receipt. Workspace plane, inside a transaction.

    A row is wrong if it breaks a rule of the form, or if an item with its external id has other content.

    Raises: Refused for a batch that takes no items, an empty upload, and wrong rows unless they are to be skipped;
    FormatError if the file cannot be read. The caller must then roll back the transaction.
    """
    check_importable(batch)
    rules = _rules(batch)
    with connection.cursor() as cursor:
        cursor.execute(_LOAD_TIMEOUT)
        cursor.execute(incoming.CREATE)
        intake = _copy_rows(upload, rules)
        # Lock only now, so that other imports do not wait while this file is read.
        cursor.execute(_ONE_AT_A_TIME, [str(batch.project_id), locks.IMPORTS_OF_A_PROJECT])
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        check_importable(batch)
        receipt = _RowSorter(cursor, batch, upload, intake).receipt()
        cursor.execute(incoming.DROP)
    Batch.objects.filter(pk=batch.pk).update(items_count=F("items_count") + receipt.created)
    metadata.store_values(batch=batch, newest=receipt.created)
    _store_receipt(batch, receipt, upload.sha256, actor_id)
    return receipt


def _rules(batch: Batch) -> ItemRules:
    form = batch.project.form
    if form is None:
        raise RuntimeError("every project is created with a form")
    return rules_of(form.questions)


def _copy_rows(upload: Upload, rules: ItemRules) -> Intake:
    """Copy the upload's valid rows into the temporary table."""
    with connection.connection.cursor() as cursor, cursor.copy(incoming.COPY) as copy:
        intake = copy_items(upload.path, copy.write, rules, on_error=upload.on_error)
        if not intake.received:
            raise Refused("empty", "This upload has no items. Check that you sent the right file.")
        if upload.on_error == "abort" and not intake.clean:
            raise _refused([each.as_error() for each in intake.rejections], intake.rejected)
    return intake


class _RowSorter:
    """Sorts the copied rows into duplicates, wrong rows and new items, and inserts the new items."""

    def __init__(self, cursor: Any, batch: Batch, upload: Upload, intake: Intake) -> None:
        self.cursor, self.batch, self.upload, self.intake = cursor, batch, upload, intake
        self.duplicates = intake.duplicates
        self.rejected = [each.as_error() for each in intake.rejections]
        self.rejected_count = intake.rejected
        self.warnings: list[ItemWarning] = []

    def receipt(self) -> Receipt:
        """Sort and insert the rows. Raises: Refused for wrong rows unless they are to be skipped."""
        has_items = incoming.has_items(self.cursor, self.batch.project_id)
        if has_items:
            incoming.analyze(self.cursor)
            self._remove_known_ids()
        self._treat_same_content(self.batch.project_id if has_items else None)
        self.warnings += incoming.warnings(self.cursor, self.intake.warnings)
        created = incoming.insert(self.cursor, self.batch)
        return Receipt(
            self.intake.received,
            created,
            self.duplicates,
            self.rejected[: incoming.MOST_LISTED],
            self.rejected_count,
            self.warnings,
        )

    def _remove_known_ids(self) -> None:
        project_id = self.batch.project_id
        if not incoming.has_known_ids(self.cursor, project_id):
            return
        self.duplicates += incoming.remove_duplicates(self.cursor, project_id)
        clashes = incoming.clashes(self.cursor, project_id)
        if clashes.count:
            self._reject(clashes, [_clash_error(each) for each in clashes.listed])
            incoming.remove_clashes(self.cursor, project_id)

    def _treat_same_content(self, project_id: uuid.UUID | None) -> None:
        on_same = self.upload.on_same
        same = incoming.same_content(self.cursor, project_id)
        if not same.count:
            return
        if on_same == "keep":
            self.warnings.append(incoming.same_content_warning(same))
            return
        if on_same == "skip":
            self.duplicates += same.count
        else:
            self._reject(same, [_same_error(each) for each in same.listed])
        incoming.remove_same_content(self.cursor, project_id)

    def _reject(self, found: Clashes, errors: list[dict[str, Any]]) -> None:
        if self.upload.on_error == "abort":
            raise _refused(errors, found.count)
        self.rejected += errors
        self.rejected_count += found.count


def _refused(errors: list[dict[str, Any]], count: int) -> Refused:
    first = errors[0]
    return Refused(
        "rejected",
        f"The import failed because some rows are wrong ({count:,} in all). Correct them, or import again and leave "
        f"wrong rows out. Row {first['row']}, {first['field']}: {first['message']}",
        errors=errors,
    )


def _clash_error(clash: Clash) -> dict[str, Any]:
    message = "The project already has an item with this id and other content."
    return {"row": clash.row, "field": "external_id", "message": message}


def _same_error(clash: Clash) -> dict[str, Any]:
    other = "An item of the project" if clash.first_row is None else f"Row {clash.first_row}"
    message = f"{other} has the same prompt, context and responses, under another external_id."
    return {"row": clash.row, "field": ROW, "message": message}


def _store_receipt(batch: Batch, receipt: Receipt, sha256: str, actor_id: uuid.UUID | None) -> None:
    stored = Import.objects.create(
        workspace_id=batch.workspace_id,
        batch=batch,
        received=receipt.received,
        created=receipt.created,
        duplicates=receipt.duplicates,
        rejected=receipt.rejected_count,
        rejections=receipt.rejected,
        warnings=[warning.as_json() for warning in receipt.warnings],
        sha256=sha256,
        created_by_id=actor_id,
    )
    outbox.emit(
        kind=IMPORTED,
        workspace_id=batch.workspace_id,
        subject_id=batch.pk,
        data={"import_id": str(stored.pk), "created": receipt.created},
    )
    audit.note("items.import", batch.pk, actor_id=actor_id, data={"created": receipt.created})
