"""Imports a spooled upload in one transaction: either all of its rows become items or none.

Rows are read, checked and copied into a temporary table (`incoming`). The server stores one block while this process
checks the next.
"""

import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from django.db import connection
from django.db.models import F

from projects.formats.errors import ROW
from projects.formats.limits import ItemLimits
from projects.formats.reading.intake import Intake, OnError, copy_items
from projects.formats.reading.item_rules import ItemRules
from projects.items import incoming, metadata, pools
from projects.items.incoming import Clash, Clashes, Target
from projects.items.keys import imported
from projects.items.models import Batch, Import
from projects.items.refused_rows import rows_refused
from projects.items.rules import rules_of
from projects.items.warnings import ItemWarning
from projects.plan.models import Project
from rlhfhub.events import outbox
from rlhfhub.ground import locks
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit

OnSame = Literal["keep", "skip", "refuse"]
# Their right answers are kept in memory until the items are stored.
MOST_KEYED = 20_000

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

    `rejected` lists the first of the wrong rows that were left out, each as `{"row", "field", "message"}`. `keys` is
    the number of new right answers, if the rows were keyed items.
    """

    received: int
    created: int
    duplicates: int
    rejected: list[dict[str, Any]]
    rejected_count: int
    warnings: list[ItemWarning]
    keys: int = 0

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
    """Raises: Refused (`not_draft`) if the batch is no longer a draft or its funding has begun, and (`calibration`) for
    a calibration batch, whose items are those of its round.
    """
    if batch.phase == Batch.Phase.CALIBRATION:
        words = "A calibration batch takes no items: its round has drawn them from the keyed items."
        raise Refused("calibration", words, status=409)
    if batch.status != Batch.Status.DRAFT or batch.funding != Batch.Funding.NONE:
        raise Refused(
            "not_draft",
            "Items can be imported only before the batch is funded or closed. Create another batch for them.",
            status=409,
        )


def load(
    *, batch: Batch, upload: Upload, actor_id: uuid.UUID | None, frozen: bool = False
) -> Receipt:
    """Import the upload's items into the batch. Returns the receipt. Workspace plane, inside a transaction.

    `frozen` is whether the items are answers of other projects: a child project takes only such items.

    A row is wrong if it breaks a rule of the form, or if an item with its external id has other content. Each row of a
    pool has a right answer under `key`; if the pool has the item already, the answer is added to it.

    Raises: Refused for a batch that takes no items, an empty upload, and wrong rows unless they are to be skipped;
    FormatError if the file cannot be read. The caller must then roll back the transaction.
    """
    check_importable(batch)
    _check_frozen(batch.project, frozen)
    rules = _rules(batch)
    with connection.cursor() as cursor:
        cursor.execute(_LOAD_TIMEOUT)
        cursor.execute(incoming.CREATE)
        intake = _copy_rows(upload, rules)
        # Lock only now, so that other imports do not wait while this file is read.
        cursor.execute(_ONE_AT_A_TIME, [str(batch.project_id), locks.IMPORTS_OF_A_PROJECT])
        batch = Batch.every.select_for_update().get(pk=batch.pk)
        check_importable(batch)
        if batch.is_pool:
            incoming.name_keyed(cursor, pools.KEYED)
        receipt = _RowSorter(cursor, batch, upload, intake).receipt()
        cursor.execute(incoming.DROP)
    Batch.every.filter(pk=batch.pk).update(items_count=F("items_count") + receipt.created)
    metadata.store_values(batch=batch, newest=receipt.created)
    if batch.is_pool:
        made = imported.store(pool=batch, sent=intake.keys, actor_id=actor_id)
        warnings = [*receipt.warnings, *imported.unknown_rules(batch.project, intake.keys)]
        receipt = replace(receipt, keys=made, warnings=warnings)
    _store_receipt(batch, receipt, upload.sha256, actor_id)
    return receipt


def _check_frozen(project: Project, frozen: bool) -> None:
    if (project.purpose == Project.Purpose.WORK) == frozen:
        words = "The items of this project are answers of others. Ask for their review on the page of their project."
        raise Refused("frozen_items", words, status=409)


def _rules(batch: Batch) -> ItemRules:
    form = batch.project.form
    if form is None:
        raise RuntimeError("every project is created with a form")
    return rules_of(form.questions, keyed=batch.is_pool)


def _copy_rows(upload: Upload, rules: ItemRules) -> Intake:
    """Copy the upload's valid rows into the temporary table."""
    with connection.connection.cursor() as cursor, cursor.copy(incoming.COPY) as copy:
        limits = ItemLimits(rows=MOST_KEYED) if rules.check_key else None
        intake = copy_items(upload.path, copy.write, rules, on_error=upload.on_error, limits=limits)
        if not intake.received:
            raise Refused("empty", "This upload has no items. Check that you sent the right file.")
        if upload.on_error == "abort" and not intake.clean:
            errors = [each.as_error() for each in intake.rejections]
            raise rows_refused(errors, intake.rejected, keyed=bool(rules.check_key))
    return intake


class _RowSorter:
    """Sorts the copied rows into duplicates, wrong rows and new items, and inserts the new items."""

    def __init__(self, cursor: Any, batch: Batch, upload: Upload, intake: Intake) -> None:
        self.cursor, self.batch, self.upload, self.intake = cursor, batch, upload, intake
        pool = pools.id_of(batch.project_id)
        self.target = Target(batch.project_id, pool, batch.is_pool)
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
        self._treat_same_content(self.target if has_items else None)
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
        if not incoming.has_known_ids(self.cursor, self.target):
            return
        self.duplicates += incoming.remove_duplicates(self.cursor, self.target)
        clashes = incoming.clashes(self.cursor, self.target)
        if clashes.count:
            self._reject(clashes, [_clash_error(each) for each in clashes.listed])
            incoming.remove_clashes(self.cursor, self.target)

    def _treat_same_content(self, target: Target | None) -> None:
        on_same = self.upload.on_same
        same = incoming.same_content(self.cursor, target)
        if not same.count:
            return
        if on_same == "keep":
            self.warnings.append(incoming.same_content_warning(same))
            return
        if on_same == "skip":
            self.duplicates += same.count
        else:
            self._reject(same, [_same_error(each) for each in same.listed])
        incoming.remove_same_content(self.cursor, target)

    def _reject(self, found: Clashes, errors: list[dict[str, Any]]) -> None:
        if self.upload.on_error == "abort":
            raise rows_refused(errors, found.count, keyed=self.batch.is_pool)
        self.rejected += errors
        self.rejected_count += found.count


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
