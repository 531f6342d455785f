"""New slots for rejected answers, paid from the batch's reserve; they wait while it is empty."""

import uuid
from collections.abc import Sequence

from django.db import connection, transaction

from billing.deposits import freezing
from billing.funding import reserve, selectors, services
from billing.funding.models import Replacement
from projects.items.models import Batch
from projects.items.services import MAX_OVERLAP
from projects.work.services import slots
from rlhfhub.events import broker

_WANT = """
    INSERT INTO billing_funding_replacement (id, workspace_id, batch_id, item_id, annotation_id, state)
    SELECT rlhfhub_uuid7(), a.workspace_id, a.batch_id, a.item_id, a.id, 'waiting' FROM projects_work_annotation a
    WHERE a.id = ANY(%s) AND a.state = 'rejected'
    ON CONFLICT (annotation_id) DO NOTHING
"""
# Those that can never be made: their batch is closed, or their item has as many slots as it may have.
_DROP_HOPELESS = """
    UPDATE billing_funding_replacement r SET state = 'dropped' FROM projects_items_batch b
    WHERE b.id = r.batch_id AND b.id = %(batch)s AND r.state = 'waiting' AND (
        b.status IN ('closed', 'signed_off')
        OR (SELECT max(s.number) FROM projects_work_slot s WHERE s.item_id = r.item_id) >= %(most)s)
"""
_DROP = """
    UPDATE billing_funding_replacement SET state = 'dropped' WHERE annotation_id = ANY(%s) AND state = 'waiting'
"""


def want(*, annotation_ids: Sequence[uuid.UUID]) -> None:
    """Ask for one more answer for each of these rejected ones, but not in a closed batch. Workspace plane.

    A task makes the slots. Here they would be made by a dispatcher, which holds accounts already and must not wait for
    a batch: whoever holds the batch waits for the accounts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WANT, [list(annotation_ids)])
        if cursor.rowcount:
            transaction.on_commit(lambda: broker.enqueue("funding.replace", expires=60))


def drop(*, annotation_ids: Sequence[uuid.UUID]) -> None:
    """Drop the replacements that still wait for these answers: their rejections were overturned. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP, [list(annotation_ids)])


def make(*, batch_id: uuid.UUID) -> int:
    """Make the slots of replacements that wait, oldest first, as far as the reserve pays for them. Workspace plane.

    In a closed batch, and for an item that has as many slots as it may have, replacements are dropped.

    Returns: how many slots were made.
    """
    batch = Batch.objects.select_for_update(of=("self",)).select_related("form").get(pk=batch_id)
    with connection.cursor() as cursor:
        cursor.execute(_DROP_HOPELESS, {"batch": batch_id, "most": MAX_OVERLAP})
    if batch.status not in reserve.OPEN_STATUSES or freezing.is_frozen(batch.workspace_id):
        return 0
    rows = Replacement.objects.filter(batch=batch, state=Replacement.State.WAITING)
    # Two replacements of one item make two runs: a run makes one slot for an item.
    made = 0
    while chosen := _one_an_item(list(rows.order_by("wanted_at", "pk")), _paid_for(batch)):
        _make(batch, chosen)
        made += len(chosen)
    return made


def waiting(batch: Batch) -> int:
    """Return how many rejected answers of the batch wait for the reserve to pay for another one."""
    return Replacement.objects.filter(batch=batch, state=Replacement.State.WAITING).count()


def _paid_for(batch: Batch) -> int | None:
    """Return for how many slots the reserve pays; None for any number, where nothing is paid."""
    if not batch.price_minor and not batch.fee_minor:
        return None
    return selectors.reserve_slots_left(batch)


def _one_an_item(rows: Sequence[Replacement], most: int | None) -> list[Replacement]:
    first = list({row.item_id: row for row in reversed(rows)}.values())
    return sorted(first, key=lambda row: (row.wanted_at, row.pk))[:most]


def _make(batch: Batch, chosen: Sequence[Replacement]) -> None:
    if not batch.price_minor and not batch.fee_minor:
        reserve.top_up(batch=batch, slots=len(chosen), actor_id=None)
    run = reserve.begun(batch=batch, items=len(chosen))
    slots.add_funded(
        workspace_id=batch.workspace_id,
        project_id=batch.project_id,
        batch_id=batch.pk,
        item_ids=[row.item_id for row in chosen],
        terms=services.terms_of(run, batch),
    )
    reserve.finish(run)
    ids = [row.pk for row in chosen]
    Replacement.objects.filter(pk__in=ids).update(state=Replacement.State.MADE, funding=run)
