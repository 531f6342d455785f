"""Imports: a spooled upload becomes items, whole or not at all, in one transaction.

What is read and checked goes by COPY into a temporary table, and from there by INSERT … SELECT under the policies:
COPY itself knows none. The server takes in one block while we check the next.
"""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import F

from projects.formats.copy_file import copy_sql, create_table_sql
from projects.formats.intake import Intake, OnError, copy_items
from projects.items import metadata
from projects.items.models import Batch, Import
from projects.kinds.form import responses_of
from rlhfhub.events import outbox
from rlhfhub.ground import locks
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit

IMPORTED = "items.imported"
LISTED = 1000
# A million rows take their time; every other request has a minute.
_LOAD_TIMEOUT = "SET LOCAL statement_timeout = '20min'"
_TABLE = "incoming_items"
# Of two that insert the same ids in another order, each would wait for the other.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


@dataclass(frozen=True, slots=True)
class Upload:
    """What lies on disk, and whether one bad row refuses all of it (`abort`) or is left out (`skip`)."""

    path: Path
    sha256: str
    on_error: OnError


def _rejected(errors: list[dict[str, Any]], count: int) -> Refused:
    first = errors[0]
    return Refused(
        "rejected",
        f"{count} of the rows cannot be taken, so none was. Row {first['row']}, {first['field']}: {first['message']}",
        errors=errors,
    )


def check_importable(batch: Batch) -> None:
    """Items come into a batch until it is funded. Raises Refused."""
    if batch.status != Batch.Status.DRAFT or batch.funding != Batch.Funding.NONE:
        raise Refused(
            "not_draft",
            "Items come in before the batch is funded; create another batch.",
            status=409,
        )


_CLASHES = f"""
    SELECT t.row FROM {_TABLE} t
    JOIN projects_items_item i ON i.project_id = %s AND i.external_id = t.external_id
    WHERE i.sha256 <> t.sha256 ORDER BY t.row
"""  # noqa: S608  a constant name

_INSERT = f"""
    INSERT INTO projects_items_item
        (id, workspace_id, project_id, batch_id, seq, external_id, prompt, responses, context, metadata, sha256,
         created_at)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, %(batch)s, last.seq + row, external_id, prompt, responses,
           context, metadata, sha256, clock_timestamp()
    FROM {_TABLE}, (SELECT COALESCE(max(seq), 0) AS seq FROM projects_items_item WHERE batch_id = %(batch)s) last
    ON CONFLICT (project_id, external_id) DO NOTHING
"""  # noqa: S608  a constant name


def load(*, batch: Batch, upload: Upload, actor_id: uuid.UUID | None) -> dict[str, Any]:
    """Put the upload's items into the batch. Workspace plane, inside a transaction. Returns the receipt.

    Raises Refused, and FormatError when the file cannot be read on; the transaction is of no use then. Refused
    are rows that are wrong or clash with other content under the same external id, unless they are to be skipped.
    """
    check_importable(batch)
    with connection.cursor() as cursor:
        cursor.execute(_LOAD_TIMEOUT)
        cursor.execute(create_table_sql(_TABLE))
        intake = _read_in(upload, _exact_responses(batch))
        # Not before: nobody has to wait while the file is read.
        cursor.execute(_ONE_AT_A_TIME, [str(batch.project_id), locks.IMPORTS_OF_A_PROJECT])
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        check_importable(batch)
        ids = {"workspace": batch.workspace_id, "project": batch.project_id, "batch": batch.pk}
        cursor.execute(_INSERT, ids)
        created = cursor.rowcount
        clashes = _clashes(cursor, batch) if created < intake.written else []
        if clashes and upload.on_error == "abort":
            raise _rejected([_clash(row) for row in clashes[:LISTED]], len(clashes))
        cursor.execute(f"DROP TABLE {_TABLE}")
    Batch.objects.filter(pk=batch.pk).update(items_count=F("items_count") + created)
    metadata.keep_values(batch=batch, newest=created)
    rejections = [r.as_error() for r in intake.rejections] + [_clash(row) for row in clashes]
    receipt = {
        "received": intake.received,
        "created": created,
        "duplicates": intake.duplicates + intake.written - created - len(clashes),
        "rejected": rejections[:LISTED],
        "rejected_count": intake.rejected + len(clashes),
    }
    _keep(batch, receipt, upload.sha256, actor_id)
    return receipt


def _exact_responses(batch: Batch) -> int | None:
    """How many responses every item must bring, where the project's form leaves no choice."""
    form = batch.project.form
    assert form, "every project is made with its first form"
    least, most = responses_of(form.questions)
    return most if least == most else None


def _read_in(upload: Upload, responses: int | None) -> Intake:
    """The upload's good rows into the temporary table."""
    with connection.connection.cursor() as cursor, cursor.copy(copy_sql(_TABLE)) as copy:
        intake = copy_items(
            upload.path, copy.write, on_error=upload.on_error, exact_responses=responses
        )
        if not intake.received:
            raise Refused("empty", "There is no item in this upload.")
        if upload.on_error == "abort" and not intake.clean:
            raise _rejected([r.as_error() for r in intake.rejections], intake.rejected)
    return intake


def _clashes(cursor: Any, batch: Batch) -> list[int]:
    """Rows that were not inserted, for the project has other content under their external id.

    Asked after the INSERT, for which whoever else puts items into the project has waited, or we for them.
    """
    cursor.execute(f"ANALYZE {_TABLE}")
    cursor.execute(_CLASHES, [batch.project_id])
    return [row for (row,) in cursor.fetchall()]


def _clash(row: int) -> dict[str, Any]:
    message = "is in the project already, with other content"
    return {"row": row, "field": "external_id", "message": message}


def _keep(batch: Batch, receipt: dict[str, Any], sha256: str, actor_id: uuid.UUID | None) -> None:
    kept = Import.objects.create(
        workspace_id=batch.workspace_id,
        batch=batch,
        received=receipt["received"],
        created=receipt["created"],
        duplicates=receipt["duplicates"],
        rejected=receipt["rejected_count"],
        rejections=receipt["rejected"],
        sha256=sha256,
        created_by_id=actor_id,
    )
    outbox.emit(
        kind=IMPORTED,
        workspace_id=batch.workspace_id,
        subject_id=batch.pk,
        data={"import_id": str(kept.pk), "created": receipt["created"]},
    )
    audit.note("items.import", batch.pk, actor_id=actor_id, data={"created": receipt["created"]})
