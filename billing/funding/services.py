"""Funding: move money into a batch's budget, make slots for its items, and give back the money of unused slots.

All the money moves first, in the transaction that records the run. Slots follow in chunks, each in its own
transaction; any worker may continue an unfinished run.
"""

import secrets
import uuid

from django.db import connection, transaction
from django.db.models import F, Max
from django.db.models.functions import Now

from billing.deposits import freezing
from billing.funding import gold, round_slots, selectors
from billing.funding.costs import Cost, cost_of
from billing.funding.models import Funding
from billing.ledger import entries
from billing.ledger.services import post
from billing.readings import services as readings
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.kinds import form as forms
from projects.work.services import slots
from rlhfhub.events import broker, outbox
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit, planes

FUNDED = "funding.funded"
CHUNK_ITEMS = 10_000
SMALL = 2_000
TASK_EXPIRES_SECONDS = 30


def start(*, batch: Batch, actor_id: uuid.UUID | None, agreed_minor: int | None = None) -> Funding:
    """Move price and fee of every slot into the batch's budget and reserve, and record the run. Workspace plane.

    `agreed_minor` is the cost that the caller was shown and agreed to, if any.

    Returns: the run; the existing one where the batch is already funded or being funded.
    Raises: Refused when the batch is not a draft or has no items, asks for more gold than there are keyed items, or
    now costs something else than was agreed to; Overdrawn when the balance does not cover it.
    """
    batch = Batch.objects.select_for_update().select_related("project").get(pk=batch.pk)
    if batch.funding != Batch.Funding.NONE:
        return Funding.objects.get(batch=batch, purpose=Funding.Purpose.PLAN)
    if batch.status != Batch.Status.DRAFT:
        raise Refused("not_draft", "Only a draft batch can be funded.", status=409)
    freezing.check(batch.workspace_id)
    if not batch.items_count:
        raise Refused("no_items", "The batch has no items to fund. Import items first.", status=409)
    cost = cost_of(batch)
    _check_agreed(cost, agreed_minor)
    gold.check(batch, cost.gold_items)
    run = _run(batch, cost, actor_id)
    # Move the money first: the database refuses a run that has not been paid for.
    _pay(run, cost)
    run.save(force_insert=True)
    readings.set_aside_for_batch(batch, cost.readers, actor_id)
    batches.begin_funding(batch=batch, fee_minor=cost.fee_minor, slots=run.slots_paid)
    data = {"cost_minor": cost.total_minor}
    audit.note("batch.fund", batch.pk, actor_id=actor_id, data=data)
    if batch.items_count <= SMALL:
        _chunk(run)
        run.refresh_from_db()
    else:
        transaction.on_commit(enqueue_resume)
    return run


def _check_agreed(cost: Cost, agreed_minor: int | None) -> None:
    if agreed_minor is None or agreed_minor == cost.total_minor:
        return
    total = format_minor(cost.total_minor, cost.currency)
    words = f"Items or the plan have changed: the batch now costs {total}. Nothing was moved; check the cost."
    raise Refused("cost_changed", words, status=409)


def _run(batch: Batch, cost: Cost, actor_id: uuid.UUID | None) -> Funding:
    seed = secrets.randbits(62)
    return Funding(
        workspace_id=batch.workspace_id,
        batch=batch,
        overlap=cost.plan.overlap,
        share_overlap=cost.plan.share_overlap,
        shared_items=cost.shared_items,
        seed=seed,
        share_up_to=_drawn(batch, seed, cost.shared_items),
        gold_items=cost.gold_items,
        slots_paid=cost.slots + cost.gold_slots,
        reserve_slots=cost.reserve_slots + cost.repeat_slots,
        repeat_slots=cost.repeat_slots,
        price_minor=cost.price_minor,
        fee_minor=cost.fee_minor,
        currency=cost.currency,
        next_seq=1,
        last_seq=_last_seq(batch),
        items=batch.items_count,
        created_by_id=actor_id,
    )


def _last_seq(batch: Batch) -> int:
    """Return the last seq of the batch's items; of a calibration batch, whose items are drawn, the last position."""
    if batch.phase == Batch.Phase.CALIBRATION:
        return batch.items_count
    return int(Item.objects.filter(batch=batch).aggregate(last=Max("seq"))["last"])


# The shared items are those with the lowest hashes of their ids, so the draw can be repeated from the seed.
_DRAW = """
    SELECT uuid_hash_extended(id, %(seed)s) AS drawn FROM projects_items_item WHERE batch_id = %(batch)s
    ORDER BY drawn LIMIT 1 OFFSET %(shared)s - 1
"""


def _drawn(batch: Batch, seed: int, shared: int) -> int | None:
    """Return the highest hash of a shared item, or None when no item is shared."""
    if not shared:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, {"seed": seed, "batch": batch.pk, "shared": shared})
        return int(cursor.fetchone()[0])


def _pay(run: Funding, cost: Cost) -> None:
    if not cost.budget_minor + cost.reserve_minor:
        return
    entry = entries.fund(
        workspace_id=run.workspace_id,
        batch_id=run.batch_id,
        currency=cost.currency,
        budget_minor=cost.budget_minor,
        reserve_minor=cost.reserve_minor,
        funding_id=run.pk,
    )
    post([entry])


def enqueue_resume() -> None:
    """Enqueue the task that continues unfinished runs."""
    broker.enqueue("funding.resume", expires=TASK_EXPIRES_SECONDS)


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
    # Lock the batch's row, so that positions in the queue are committed in their order.
    rows = Batch.objects.select_for_update(of=("self",)).select_related("form")
    batch = rows.get(pk=run.batch_id)
    end = min(run.next_seq + CHUNK_ITEMS, run.last_seq + 1)
    terms = terms_of(run, batch)
    if batch.phase == Batch.Phase.CALIBRATION:
        done = round_slots.create(batch=batch, first=run.next_seq, end=end, terms=terms)
    else:
        done = _create_slots(run, batch, end, terms)
    finished = end > run.last_seq
    Funding.objects.filter(pk=run.pk).update(
        next_seq=end,
        items_done=F("items_done") + done,
        state=Funding.State.DONE if finished else Funding.State.RUNNING,
        finished_at=Now() if finished else None,
    )
    if finished:
        batches.end_funding(batch=batch)
        outbox.emit(kind=FUNDED, workspace_id=batch.workspace_id, subject_id=batch.pk)
    return not finished


def _create_slots(run: Funding, batch: Batch, end: int, terms: slots.Terms) -> int:
    """Make the slots of the next items, before seq `end`, and of the gold among them. Returns how many items."""
    items = Item.objects.filter(batch=batch, seq__gte=run.next_seq, seq__lt=end).count()
    slots.create_funded(
        workspace_id=batch.workspace_id,
        project_id=batch.project_id,
        batch_id=batch.pk,
        first_seq=run.next_seq,
        end_seq=end,
        terms=terms,
        among=gold.drawn(run, batch, items),
    )
    return items


def terms_of(run: Funding, batch: Batch) -> slots.Terms:
    """Return what the run pays for, under the batch's frozen form, which the caller has loaded."""
    least, most = forms.responses_of(batch.form.questions)
    return slots.Terms(
        funding_id=run.pk,
        overlap=run.overlap,
        share_overlap=run.share_overlap,
        seed=run.seed,
        share_up_to=run.share_up_to,
        responses=least if least == most else None,
        price_minor=run.price_minor,
        fee_minor=run.fee_minor,
        currency=run.currency,
    )


def release_unused(*, batch_id: uuid.UUID, limit: int = 20_000) -> int:
    """Cancel open slots of a closed batch; give back their money and the reserve. Workspace plane.

    Returns: how many slots were cancelled.
    """
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.status != Batch.Status.CLOSED:
        return 0
    count, cost = slots.cancel_open(batch_id=batch.pk, limit=limit)
    reserve = selectors.reserve_balance(batch)
    if cost or reserve:
        entry = entries.release(
            workspace_id=batch.workspace_id,
            batch_id=batch.pk,
            currency=str(batch.currency),
            budget_minor=cost,
            reserve_minor=reserve,
            cause_id=uuid7(),
        )
        post([entry])
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
    """Book money that came in, for a member of staff. Staff plane.

    Returns: False when `reference` was booked before.
    Raises: Refused for an amount of zero or less.
    """
    if amount_minor <= 0:
        raise Refused("invalid", "amount_minor: must be more than 0")
    entry = entries.deposit(
        workspace_id=workspace_id,
        currency=currency,
        amount_minor=amount_minor,
        reference=reference,
        actor_id=actor_id,
        note=note,
    )
    return post([entry]) == 1
