"""A batch's reserve: more money for it, more answers to chosen items from it, and the runs that spend what is in it."""

import uuid
from collections.abc import Sequence

from django.db.models.functions import Now

from billing.deposits import freezing
from billing.funding import selectors, services
from billing.funding.models import Funding
from billing.ledger import entries
from billing.ledger.services import post
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.items.services import MAX_OVERLAP
from projects.quality.alerts.models import Alert
from projects.work.models import Slot
from projects.work.services import slots
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit

MAX_ITEMS = 1000
MAX_ANSWERS = 10

MAX_TOP_UP = 100_000

OPEN_STATUSES = {Batch.Status.FUNDED, Batch.Status.OPEN, Batch.Status.PAUSED}


def ask_for_more(
    *,
    batch: Batch,
    item_ids: Sequence[uuid.UUID],
    answers: int,
    actor_id: uuid.UUID | None,
    alert: Alert | None = None,
) -> Funding:
    """Make `answers` more slots for each of these items, perhaps because of an alert. Workspace plane.

    The people who answered an item before do not get it again, so the answers come from others.

    Returns: the finished funding run.
    Raises: Refused when the batch is not funded or closed, when an item is not one of the batch's, when an item would
    get more than 50 answers, and when the reserve does not pay for so many.
    """
    if not 1 <= answers <= MAX_ANSWERS:
        raise invalid("answers", f"This must be a whole number from 1 to {MAX_ANSWERS}.")
    batch = Batch.objects.select_for_update(of=("self",)).select_related("form").get(pk=batch.pk)
    if batch.funding != Batch.Funding.FUNDED or batch.status not in OPEN_STATUSES:
        words = "No more answers can be asked for: the batch is closed, or not funded yet."
        raise Refused("not_funded", words, status=409)
    freezing.check(batch.workspace_id)
    chosen = _items_of(batch, item_ids)
    _check_overlap(chosen, answers)
    _check_reserve(batch, len(chosen) * answers)
    run = begun(batch=batch, items=len(chosen), answers=answers, actor_id=actor_id, alert=alert)
    slots.add_funded(
        workspace_id=batch.workspace_id,
        project_id=batch.project_id,
        batch_id=batch.pk,
        item_ids=chosen,
        terms=services.terms_of(run, batch),
    )
    finish(run)
    data = {"items": len(chosen), "answers": answers}
    audit.note("batch.more_answers", batch.pk, actor_id=actor_id, data=data)
    run.refresh_from_db()
    return run


def top_up(*, batch: Batch, slots: int, actor_id: uuid.UUID | None) -> Funding:
    """Move price and fee of so many slots from the free balance into the batch's reserve. Workspace plane.

    Returns: the finished funding run, which made no slots.
    Raises: Refused when the batch is not funded or is closed; Overdrawn when the balance does not cover it.
    """
    if not 1 <= slots <= MAX_TOP_UP:
        raise invalid("slots", f"This must be a whole number from 1 to {MAX_TOP_UP}.")
    batch = Batch.objects.select_for_update(of=("self",)).select_related("form").get(pk=batch.pk)
    if batch.funding != Batch.Funding.FUNDED or batch.status not in OPEN_STATUSES:
        words = "The reserve cannot be topped up: the batch is closed, or not funded yet."
        raise Refused("not_funded", words, status=409)
    freezing.check(batch.workspace_id)
    run = _run(batch, 0, 1, Funding.Purpose.TOP_UP, actor_id)
    run.reserve_slots = slots
    amount = slots * (run.price_minor + run.fee_minor)
    if amount:
        entry = entries.fund(
            workspace_id=run.workspace_id,
            batch_id=run.batch_id,
            currency=run.currency,
            budget_minor=0,
            reserve_minor=amount,
            funding_id=run.pk,
        )
        post([entry])
    run.save(force_insert=True)
    Funding.objects.filter(pk=run.pk).update(state=Funding.State.DONE, finished_at=Now())
    audit.note("batch.top_up", batch.pk, actor_id=actor_id, data={"slots": slots})
    run.refresh_from_db()
    return run


def begun(
    *,
    batch: Batch,
    items: int,
    answers: int = 1,
    purpose: Funding.Purpose = Funding.Purpose.RESERVE,
    actor_id: uuid.UUID | None = None,
    alert: Alert | None = None,
) -> Funding:
    """Pay from the reserve for `answers` slots on each of so many items, and record the run. Workspace plane.

    The caller holds the batch's row, makes the slots in the same transaction, and then calls `finish`.
    """
    run = _run(batch, items, answers, purpose, actor_id)
    run.alert = alert
    # Move the money first: the database refuses a run that has not been paid for.
    _pay(run)
    run.save(force_insert=True)
    return run


def finish(run: Funding) -> None:
    """Record that all slots of the run are made, and count them in its batch."""
    Funding.objects.filter(pk=run.pk).update(state=Funding.State.DONE, finished_at=Now())
    batches.count_more_slots(batch=run.batch, slots=run.slots_paid)


def _items_of(batch: Batch, item_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    wanted = list(dict.fromkeys(item_ids))
    if not 1 <= len(wanted) <= MAX_ITEMS:
        raise invalid("items", f"Name 1 to {MAX_ITEMS} items.")
    known = set(Item.objects.filter(batch=batch, pk__in=wanted).values_list("pk", flat=True))
    missing = [str(item_id) for item_id in wanted if item_id not in known]
    if missing:
        raise invalid("items", f"These are not items of this batch: {', '.join(missing[:3])}")
    return wanted


def _check_overlap(item_ids: Sequence[uuid.UUID], answers: int) -> None:
    rows = Slot.objects.filter(item__in=item_ids, number__gt=MAX_OVERLAP - answers)
    full = rows.order_by().values("item").distinct().count()
    if full:
        words = (
            f"An item gets at most {MAX_OVERLAP} answers, and {full} of these items would get more."
        )
        raise invalid("answers", words)


def _check_reserve(batch: Batch, wanted: int) -> None:
    left = selectors.reserve_slots_left(batch)
    if wanted > left:
        words = f"Asked for: {wanted}. The reserve of this batch still pays for {left}."
        raise Refused("reserve_too_small", words, status=409)


def _run(
    batch: Batch,
    items: int,
    answers: int,
    purpose: Funding.Purpose,
    actor_id: uuid.UUID | None,
) -> Funding:
    price_minor, fee_minor, currency = batch.price_minor, batch.fee_minor, batch.currency
    assert price_minor is not None
    assert fee_minor is not None
    assert currency is not None
    return Funding(
        workspace_id=batch.workspace_id,
        batch=batch,
        purpose=purpose,
        overlap=answers,
        share_overlap=batch.share_overlap,
        shared_items=0,
        seed=0,
        price_minor=price_minor,
        fee_minor=fee_minor,
        currency=currency,
        last_seq=0,
        items=items,
        items_done=items,
        slots_paid=items * answers,
        created_by_id=actor_id,
    )


def _pay(run: Funding) -> None:
    amount = run.slots_paid * (run.price_minor + run.fee_minor)
    if not amount:
        return
    entry = entries.draw(
        workspace_id=run.workspace_id,
        batch_id=run.batch_id,
        currency=run.currency,
        amount_minor=amount,
        funding_id=run.pk,
    )
    post([entry])
