"""Verbs on batches: create, open, close."""

import uuid

from django.db.models import Max

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.events import outbox
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit, clock

BATCH_CLOSED = "items.batch_closed"


def create_batch(
    *, project: Project, name: str = "", model_tag: str = "", actor_id: uuid.UUID | None
) -> Batch:
    """The project's next batch, empty."""
    Project.objects.select_for_update().get(pk=project.pk)
    last = Batch.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    batch = Batch.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        number=last + 1,
        name=name,
        model_tag=model_tag,
    )
    audit.note("batch.create", batch.pk, actor_id=actor_id)
    return batch


def open_batch(*, batch: Batch, actor_id: uuid.UUID | None) -> Batch:
    """Annotators may lease from now on. Needs items with slots, and guidelines in force. Twice does nothing."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.status == Batch.Status.OPEN:
        return batch
    if batch.status != Batch.Status.DRAFT:
        raise Refused("closed", "A closed batch stays closed; create another.", status=409)
    if batch.funding != Batch.Funding.FUNDED:
        raise Refused(
            "not_funded",
            "Fund the batch first: that makes the slots its items are judged in.",
            status=409,
        )
    if batch.project.guideline_version_id is None:
        raise Refused(
            "no_guidelines",
            "Publish guidelines first: annotators accept them before they work.",
            status=409,
        )
    batch.status, batch.opened_at = Batch.Status.OPEN, clock.now()
    batch.save(update_fields=["status", "opened_at"])
    audit.note("batch.open", batch.pk, actor_id=actor_id)
    return batch


def close_batch(*, batch: Batch, actor_id: uuid.UUID | None) -> Batch:
    """No new leases; live ones may still be submitted. Unfilled slots are released. Closing twice does nothing."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.status == Batch.Status.CLOSED:
        return batch
    if batch.funding == Batch.Funding.RUNNING:
        raise Refused(
            "funding", "Funding is still running; close the batch when it is done.", status=409
        )
    batch.status, batch.closed_at = Batch.Status.CLOSED, clock.now()
    batch.save(update_fields=["status", "closed_at"])
    outbox.emit(kind=BATCH_CLOSED, workspace_id=batch.workspace_id, subject_id=batch.pk)
    audit.note("batch.close", batch.pk, actor_id=actor_id)
    return batch
