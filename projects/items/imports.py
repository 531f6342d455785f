"""Imports: a spooled upload becomes items, whole or not at all, in one transaction.

What is read and checked goes by COPY into a temporary table (`incoming`). The server takes in one block while we check
the next.
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
# A million rows take their time; every other request has a minute.
_LOAD_TIMEOUT = "SET LOCAL statement_timeout = '20min'"
# Of two that insert the same ids in another order, each would wait for the other.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


@dataclass(frozen=True, slots=True)
class Upload:
    """What lies on disk, and what to do with rows that are wrong or ask the same as others.

    A wrong row refuses the whole upload (`abort`) or is left out (`skip`). A row with the content of another row or
    item, under another external id, comes in with a warning (`keep`), is left out as a duplicate (`skip`) or is a
    wrong row (`refuse`).
    """

    path: Path
    sha256: str
    on_error: OnError
    on_same: OnSame = "keep"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of an upload: `received` rows are `created`, `duplicates` or `rejected_count` together.

    `rejected` lists the first of the rows that were left out as wrong, each `{"row", "field", "message"}`.
    """

    received: int
    created: int
    duplicates: int
    rejected: list[dict[str, Any]]
    rejected_count: int
    warnings: list[ItemWarning]

    def as_json(self) -> dict[str, Any]:
        """As REST answers it."""
        return {
            "received": self.received,
            "created": self.created,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "rejected_count": self.rejected_count,
            "warnings": [warning.as_json() for warning in self.warnings],
        }


def check_importable(batch: Batch) -> None:
    """Items come into a batch until it is funded. Raises Refused."""
    if batch.status != Batch.Status.DRAFT or batch.funding != Batch.Funding.NONE:
        raise Refused(
            "not_draft",
            "Items come in before the batch is funded; create another batch.",
            status=409,
        )


def load(*, batch: Batch, upload: Upload, actor_id: uuid.UUID | None) -> Receipt:
    """Put the upload's items into the batch. Workspace plane, inside a transaction. Returns the receipt.

    Raises Refused, and FormatError when the file cannot be read on; the transaction is of no use then. Refused
    are rows that are wrong or clash with other content under the same external id, unless they are to be skipped.
    """
    check_importable(batch)
    rules = _rules(batch)
    with connection.cursor() as cursor:
        cursor.execute(_LOAD_TIMEOUT)
        cursor.execute(incoming.CREATE)
        intake = _read_in(upload, rules)
        # Not before: nobody has to wait while the file is read.
        cursor.execute(_ONE_AT_A_TIME, [str(batch.project_id), locks.IMPORTS_OF_A_PROJECT])
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        check_importable(batch)
        receipt = _Sorting(cursor, batch, upload, intake).receipt()
        cursor.execute(incoming.DROP)
    Batch.objects.filter(pk=batch.pk).update(items_count=F("items_count") + receipt.created)
    metadata.keep_values(batch=batch, newest=receipt.created)
    _keep(batch, receipt, upload.sha256, actor_id)
    return receipt


def _rules(batch: Batch) -> ItemRules:
    form = batch.project.form
    if form is None:
        raise RuntimeError("a project has its form from the beginning")
    return rules_of(form.questions)


def _read_in(upload: Upload, rules: ItemRules) -> Intake:
    """The upload's good rows into the temporary table."""
    with connection.connection.cursor() as cursor, cursor.copy(incoming.COPY) as copy:
        intake = copy_items(upload.path, copy.write, rules, on_error=upload.on_error)
        if not intake.received:
            raise Refused("empty", "There is no item in this upload.")
        if upload.on_error == "abort" and not intake.clean:
            raise _refused([each.as_error() for each in intake.rejections], intake.rejected)
    return intake


class _Sorting:
    """Sorts the rows that were read in into duplicates, rejections and new items, and makes these."""

    def __init__(self, cursor: Any, batch: Batch, upload: Upload, intake: Intake) -> None:
        self.cursor, self.batch, self.upload, self.intake = cursor, batch, upload, intake
        self.duplicates = intake.duplicates
        self.rejected = [each.as_error() for each in intake.rejections]
        self.rejected_count = intake.rejected
        self.warnings: list[ItemWarning] = []

    def receipt(self) -> Receipt:
        """Do all of it. Raises Refused for wrong rows that are not to be skipped."""
        has_items = incoming.has_items(self.cursor, self.batch.project_id)
        if has_items:
            incoming.analyze(self.cursor)
            self._known_ids()
        self._same_content(self.batch.project_id if has_items else None)
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

    def _known_ids(self) -> None:
        project_id = self.batch.project_id
        if not incoming.has_known_ids(self.cursor, project_id):
            return
        self.duplicates += incoming.remove_duplicates(self.cursor, project_id)
        clashes = incoming.clashes(self.cursor, project_id)
        if clashes.count:
            self._reject(clashes, [_clash_error(each) for each in clashes.listed])
            incoming.remove_clashes(self.cursor, project_id)

    def _same_content(self, project_id: uuid.UUID | None) -> None:
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
        f"{count} of the rows cannot be taken, so none was. Row {first['row']}, {first['field']}: {first['message']}",
        errors=errors,
    )


def _clash_error(clash: Clash) -> dict[str, Any]:
    message = "is in the project already, with other content"
    return {"row": clash.row, "field": "external_id", "message": message}


def _same_error(clash: Clash) -> dict[str, Any]:
    like = "an item of the project" if clash.like is None else f"row {clash.like}"
    message = f"has the prompt, context and responses of {like}, under another external_id"
    return {"row": clash.row, "field": ROW, "message": message}


def _keep(batch: Batch, receipt: Receipt, sha256: str, actor_id: uuid.UUID | None) -> None:
    kept = Import.objects.create(
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
        data={"import_id": str(kept.pk), "created": receipt.created},
    )
    audit.note("items.import", batch.pk, actor_id=actor_id, data={"created": receipt.created})
