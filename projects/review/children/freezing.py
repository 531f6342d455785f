"""Freezing answers into items of a child project: what annotators saw, and the answer in words. No names, no votes.

The conversation and the responses are those of the item, without the names of models. The responses stand in the order
in which the annotator saw them: then A in the answer and in what is said of it is A for whoever judges it, because a
child project's leases show the stored order. What is judged is put into the item's context, from which pages show it.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db import connection

from projects.items import imports, uploads
from projects.items.imports import Receipt, Upload
from projects.items.models import Batch
from projects.kinds import form as kinds
from projects.work.models import Annotation

ANSWER = "The answer"


def frozen(
    row: Annotation, questions: list[dict[str, Any]], about: Mapping[str, str]
) -> dict[str, Any]:
    """Return an item that shows the answer, as a row of an import, with `about` in its context."""
    item, order = row.item, row.lease.shown
    lines = kinds.summary_of(questions, row.answer, order)
    return {
        "prompt": item.prompt,
        "responses": [{"messages": item.responses[index]["messages"]} for index in order],
        "context": {**item.context, ANSWER: "\n".join(lines), **about},
    }


def load(
    *, batch: Batch, rows: Iterable[tuple[uuid.UUID, dict[str, Any]]], actor_id: uuid.UUID | None
) -> Receipt:
    """Import frozen answers, each with the id of its annotation, into a child project's draft batch.

    Those that are too large for an item with their answer are left out. Workspace plane, inside a transaction.

    Raises: Refused if there are none.
    """
    with uploads.folder() as folder, uploads.format_errors_refused():
        path = folder / "frozen"
        digest = _write(path, batch, rows)
        upload = Upload(path, digest, on_error="skip")
        return imports.load(batch=batch, upload=upload, actor_id=actor_id, frozen=True)


def _write(path: Path, batch: Batch, rows: Iterable[tuple[uuid.UUID, dict[str, Any]]]) -> str:
    """Write the rows as NDJSON. The same answer may be frozen again for a later batch, under another external id."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for annotation_id, row in rows:
            external_id = f"{annotation_id}/{batch.number}"
            line = json.dumps({"external_id": external_id, **row}).encode() + b"\n"
            digest.update(line)
            file.write(line)
    return digest.hexdigest()


_REMEMBER = """
    INSERT INTO projects_review_source (id, workspace_id, item_id, purpose, source_workspace_id, source_item_id,
        annotation_id, annotator_id, revised_at, frozen_at)
    SELECT rlhfhub_uuid7(), i.workspace_id, i.id, 'review', a.workspace_id, a.item_id, a.id, a.annotator_id,
        a.revised_at, clock_timestamp()
    FROM projects_items_item i JOIN projects_work_annotation a ON a.id = split_part(i.external_id, '/', 1)::uuid
    WHERE i.batch_id = %s
"""


def remember_sources(batch: Batch) -> int:
    """Record for each item of a review's batch which answer it was frozen from. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, [batch.pk])
        return int(cursor.rowcount)
