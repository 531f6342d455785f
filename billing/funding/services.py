"""Funding: money into a batch's budget and slots for its items; and back what nobody filled.

The money moves first, whole, in the transaction that records the run; slots follow in chunks, each its own
transaction, and whoever finds a run unfinished continues it.
"""

import uuid

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Now

from billing.funding.models import Funding
from billing.ledger import entries
from billing.ledger.services import post
from projects.items.models import Batch, Item
from projects.work.services import slots
from rlhfhub.events import doorbell, outbox
from rlhfhub.ground import money
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit, planes

FUNDED = "funding.funded"
CHUNK_ITEMS = 10_000
SMALL = 2_000
FEE_BASIS_POINTS = 2_000
RING_SECONDS = 30


def start(*, batch: Batch, actor_id: uuid.UUID | None) -> Funding:
    """Move price and fee of every slot into the batch's budget and record the run. Workspace plane.

    A batch that is being funded, or is, returns its run. Raises Refused (Overdrawn among them).
    """
    batch = Batch.objects.select_for_update().select_related("project").get(pk=batch.pk)
    if batch.funding != Batch.Funding.NONE:
        return Funding.objects.filter(batch=batch).latest("created_at")
    if batch.status != Batch.Status.DRAFT:
        raise Refused("not_draft", "Only a draft batch is funded.", status=409)
    if not batch.items_count:
        raise Refused("no_items", "Import items first: there is nothing to fund.", status=409)
    project = batch.project
    fee_minor = money.fee(project.price_minor, FEE_BASIS_POINTS)
    last = Item.objects.filter(batch=batch).aggregate(last=Max("seq"))["last"]
    run = Funding(
        workspace_id=batch.workspace_id,
        batch=batch,
        overlap=project.overlap,
        price_minor=project.price_minor,
        fee_minor=fee_minor,
        currency=project.currency,
        next_seq=1,
        last_seq=last,
        items=batch.items_count,
        created_by_id=actor_id,
    )
    cost = batch.items_count * project.overlap * (project.price_minor + fee_minor)
    # The money first: the database takes no run whose money was not moved.
    if cost:
        post(
            [
                entries.fund(
                    workspace_id=batch.workspace_id,
                    batch_id=batch.pk,
                    currency=project.currency,
                    amount_minor=cost,
                    funding_id=run.pk,
                )
            ]
        )
    run.save(force_insert=True)
    Batch.objects.filter(pk=batch.pk).update(funding=Batch.Funding.RUNNING)
    audit.note("batch.fund", batch.pk, actor_id=actor_id, data={"cost_minor": cost})
    if batch.items_count <= SMALL:
        _chunk(run)
        run.refresh_from_db()
    else:
        transaction.on_commit(ring)
    return run


def ring() -> None:
    """Ask a worker for unfinished runs to be continued."""
    doorbell.ring("funding.resume", expires=RING_SECONDS)


def continue_chunk(*, workspace_id: uuid.UUID, funding_id: uuid.UUID) -> bool:
    """Make the slots of the next chunk, in a transaction of its own. Returns whether more is to be done."""
    with planes.in_workspace(workspace_id):
        run = (
            Funding.objects.select_for_update(skip_locked=True)
            .filter(pk=funding_id, state="running")
            .first()
        )
        if run is None:
            return False
        return _chunk(run)


def _chunk(run: Funding) -> bool:
    # The batch's row is held so that places in the queue are committed in their order.
    batch = Batch.objects.select_for_update().get(pk=run.batch_id)
    end = min(run.next_seq + CHUNK_ITEMS, run.last_seq + 1)
    slots.create_funded(
        workspace_id=batch.workspace_id,
        project_id=batch.project_id,
        batch_id=batch.pk,
        first_seq=run.next_seq,
        end_seq=end,
        overlap=run.overlap,
        price_minor=run.price_minor,
        fee_minor=run.fee_minor,
        currency=run.currency,
    )
    done = Item.objects.filter(batch=batch, seq__gte=run.next_seq, seq__lt=end).count()
    finished = end > run.last_seq
    Funding.objects.filter(pk=run.pk).update(
        next_seq=end,
        items_done=F("items_done") + done,
        state=Funding.State.DONE if finished else Funding.State.RUNNING,
        finished_at=Now() if finished else None,
    )
    if finished:
        Batch.objects.filter(pk=batch.pk).update(funding=Batch.Funding.FUNDED)
        outbox.emit(kind=FUNDED, workspace_id=batch.workspace_id, subject_id=batch.pk)
    return not finished


def release_unused(*, batch_id: uuid.UUID, limit: int = 20_000) -> int:
    """Cancel open slots of a closed batch and give their money back. Workspace plane. Returns how many slots."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.status != Batch.Status.CLOSED:
        return 0
    count, cost = slots.cancel_open(batch_id=batch.pk, limit=limit)
    if cost:
        run = Funding.objects.filter(batch=batch).latest("created_at")
        post(
            [
                entries.release(
                    workspace_id=batch.workspace_id,
                    batch_id=batch.pk,
                    currency=run.currency,
                    amount_minor=cost,
                    cause_id=uuid7(),
                )
            ]
        )
    return count


def deposit(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    reference: str,
    actor_id: uuid.UUID,
    note: str,
) -> bool:
    """Staff book money that came in. Returns False when `reference` was booked before. Staff plane."""
    if amount_minor <= 0:
        raise Refused("invalid", "amount_minor: more than nothing")
    entry = entries.deposit(
        workspace_id=workspace_id,
        currency=currency,
        amount_minor=amount_minor,
        reference=reference,
        actor_id=actor_id,
        note=note,
    )
    return post([entry]) == 1
