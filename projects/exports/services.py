"""Exports: asked for, and finished. Between the two a worker freezes and writes them (`engine`)."""

import uuid

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from projects.exports import asked
from projects.exports.models import Export
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.events import broker, outbox
from rlhfhub.ground.refusals import invalid
from rlhfhub.tenancy import audit

FINISHED = "exports.finished"
TASK_EXPIRES_SECONDS = 30


def request(
    *,
    project: Project,
    dataset: str | None = None,
    batch: Batch | None = None,
    include_undecided: bool = False,
    actor_id: uuid.UUID | None,
) -> Export:
    """Queue an export of the project, or of one batch; of the first dataset its forms can make, unless one is named.

    Workspace plane.

    Raises:
        Refused: `invalid` for a dataset that none of the project's forms can make.
    """
    possible = [each.NAME for each in asked.datasets_of(project)]
    if dataset is not None and dataset not in possible:
        raise invalid("dataset", "this project's form can make: " + ", ".join(possible))
    Project.objects.select_for_update().get(pk=project.pk)
    last = Export.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    export = Export.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        batch=batch,
        number=last + 1,
        dataset=dataset or possible[0],
        include_undecided=include_undecided,
        requested_by_id=actor_id,
    )
    audit.note("export.request", export.pk, actor_id=actor_id)
    transaction.on_commit(enqueue_next)
    return export


def enqueue_next() -> None:
    """Enqueue the task that runs the next waiting export."""
    broker.enqueue("exports.run_next", expires=TASK_EXPIRES_SECONDS)


def loaded(export_id: uuid.UUID) -> Export:
    """The export with all that its writer needs. Workspace plane."""
    return Export.objects.select_related("project", "batch", "workspace").get(pk=export_id)


def finish(*, export_id: uuid.UUID, folder: str, manifest: dict[str, object], sha256: str) -> bool:
    """The files stand in `folder` of storage: the export never changes from here on. Workspace plane.

    False when another attempt was first, or it was given up: then nobody will ask for these files.
    """
    export = Export.objects.select_for_update().get(pk=export_id)
    if export.state != Export.State.STREAMING:
        return False
    Export.objects.filter(pk=export_id).update(
        state=Export.State.FINISHED,
        folder=folder,
        manifest=manifest,
        sha256=sha256,
        rows_written=export.rows,
        finished_at=Now(),
        error="",
    )
    outbox.emit(kind=FINISHED, workspace_id=export.workspace_id, subject_id=export.pk)
    return True
