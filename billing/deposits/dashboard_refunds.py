"""Refunds that somebody made in Stripe's dashboard: the money is gone, and two members of staff agree to book it.

One asks to book a refund, and another one confirms. A worker then takes it from the workspace's free balance; the
workspace owes what that does not cover.
"""

import logging
import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from billing.deposits import strays
from billing.deposits.models import Deposit, Refund
from billing.deposits.services import TASK_EXPIRES_SECONDS
from billing.stripe.calls import refunds
from rlhfhub.events import broker
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit

log = logging.getLogger(__name__)
_ENDED = ("failed", "canceled")
_CONVERTED = "It refunds deposit {}, which Stripe converted to {}. Agree with the workspace how that is settled."


def known(found: refunds.Refund) -> Refund | None:
    """Return the row of a refund that was not asked for here, locked, and make it if there is none. System plane.

    Returns: None if it is of no deposit, or failed before it was known. Also if Stripe converted the deposit's money,
    and then staff find the refund among the stray payments.
    """
    if row := Refund.objects.select_for_update().filter(refund_id=found.id).first():
        return _ended(row, found)
    rows = Deposit.objects.select_related("customer")
    deposit = rows.filter(payment_intent=found.payment_intent or None).first()
    if deposit is None or found.status in _ENDED:
        log.warning("a refund made at Stripe is of no deposit", extra={"refund": found.id})
        return None
    if deposit.settled_in:
        strays.keep_refund(found, deposit, _CONVERTED.format(deposit.pk, deposit.settled_in))
        return None
    Refund.objects.bulk_create(
        [
            Refund(
                workspace_id=deposit.workspace_id,
                deposit=deposit,
                way=Refund.Way.DASHBOARD,
                amount_minor=found.amount_minor,
                currency=found.currency,
                refund_id=found.id,
            )
        ],
        ignore_conflicts=True,
    )
    made: Refund = Refund.objects.select_for_update().get(refund_id=found.id)
    return made


def _ended(row: Refund, found: refunds.Refund) -> Refund:
    """End a refund that failed before it was booked: nothing was taken from the workspace."""
    if row.state == Refund.State.ASKED and found.status in _ENDED:
        rows = Refund.objects.filter(pk=row.pk)
        rows.update(state=Refund.State.FAILED, error="It failed at Stripe.", ended_at=Now())
        row.refresh_from_db()
    return row


def waiting() -> QuerySet[Refund]:
    """Return the refunds that two members of staff are to look at."""
    rows: QuerySet[Refund] = Refund.objects.filter(
        way=Refund.Way.DASHBOARD, state=Refund.State.ASKED, confirmed_by_id=None
    )
    return rows


def enter(*, refund_id: uuid.UUID, actor_id: uuid.UUID) -> None:
    """Ask to book a refund. Staff plane. Raises: Refused if somebody has asked already."""
    rows = waiting().filter(pk=refund_id, entered_by_id=None)
    if not rows.update(entered_by_id=actor_id):
        raise Refused("not_waiting", "This refund does not wait to be booked.", status=409)
    audit.note("refund.enter", refund_id, actor_id=actor_id)


def confirm(*, refund_id: uuid.UUID, actor_id: uuid.UUID) -> None:
    """Confirm that a refund is to be booked, as another member of staff has asked. Staff plane.

    Raises: Refused if nobody has asked, or the same person.
    """
    refund = waiting().select_for_update(of=("self",)).filter(pk=refund_id).first()
    if refund is None or refund.entered_by_id is None:
        raise Refused("not_waiting", "This refund does not wait to be confirmed.", status=409)
    if refund.entered_by_id == actor_id:
        raise Refused(
            "own", "You asked to book this refund. Another member of staff confirms it.", status=409
        )
    Refund.objects.filter(pk=refund.pk).update(confirmed_by_id=actor_id, next_at=Now())
    audit.note("refund.confirm", refund_id, actor_id=actor_id)
    transaction.on_commit(lambda: broker.enqueue("deposits.refund", expires=TASK_EXPIRES_SECONDS))
