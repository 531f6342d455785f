"""Refunds by bank transfer: one member of staff enters the transfer's reference, and another one confirms it.

Instead, one alone may refuse it, for then no money leaves.
"""

import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from billing.deposits.models import Refund
from billing.deposits.services import TASK_EXPIRES_SECONDS
from billing.ledger import entries
from billing.ledger.services import post
from rlhfhub.events import broker
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit


def waiting() -> QuerySet[Refund]:
    """Return the refunds that staff are to send or to confirm."""
    rows: QuerySet[Refund] = Refund.objects.filter(
        way=Refund.Way.BANK, state=Refund.State.SENT, refused_by_id=None
    )
    return rows


def enter(*, refund_id: uuid.UUID, reference: str, actor_id: uuid.UUID) -> None:
    """Note the reference of the transfer that a member of staff has made. Staff plane.

    Raises: Refused if the refund does not wait for one.
    """
    rows = waiting().filter(pk=refund_id, reference="")
    if not rows.update(reference=reference, entered_by_id=actor_id):
        raise Refused("not_waiting", "This refund does not wait for a transfer.", status=409)
    audit.note("refund.enter", refund_id, actor_id=actor_id, data={"reference": reference})


def confirm(*, refund_id: uuid.UUID, actor_id: uuid.UUID) -> None:
    """Confirm a transfer that another member of staff has entered, and book it. Staff plane.

    Raises: Refused if none was entered, or by the same person.
    """
    refund = waiting().select_for_update(of=("self",)).filter(pk=refund_id).first()
    if refund is None or not refund.reference:
        raise Refused(
            "not_waiting", "No transfer of this refund waits to be confirmed.", status=409
        )
    if refund.entered_by_id == actor_id:
        raise Refused(
            "own", "You entered this transfer. Another member of staff confirms it.", status=409
        )
    entry = entries.refund_bank(
        workspace_id=refund.workspace_id,
        currency=refund.currency,
        amount_minor=refund.amount_minor,
        refund=refund.pk,
        reference=refund.reference,
        actor_id=actor_id,
    )
    post([entry])
    Refund.objects.filter(pk=refund.pk).update(
        state=Refund.State.DONE, confirmed_by_id=actor_id, ended_at=Now()
    )
    audit.note("refund.confirm", refund_id, actor_id=actor_id)


def refuse(*, refund_id: uuid.UUID, reason: str, actor_id: uuid.UUID) -> None:
    """Refuse a refund of which no transfer was entered. A worker gives the money back to the free balance. Staff plane.

    Raises: Refused if a transfer was entered, or if the refund does not wait for one.
    """
    rows = waiting().filter(pk=refund_id, reference="")
    if not rows.update(refusal=reason, refused_by_id=actor_id, next_at=Now()):
        raise Refused(
            "not_waiting", "This refund does not wait for a transfer any more.", status=409
        )
    audit.note("refund.refuse", refund_id, actor_id=actor_id, data={"reason": reason})
    transaction.on_commit(lambda: broker.enqueue("deposits.refund", expires=TASK_EXPIRES_SECONDS))
