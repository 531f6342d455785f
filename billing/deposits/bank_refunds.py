"""Refunds by bank transfer: one member of staff enters the transfer's reference, and another one confirms it.

Instead, one alone may refuse it, for then no money leaves. A reference that was entered in error is taken back by two.
"""

import uuid
from typing import Any

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

    Raises: Refused if none was entered, or by the same person, or if somebody has asked to take it back.
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
    if refund.is_to_be_taken_back:
        words = "Somebody has asked to take this transfer back. Decide that first."
        raise Refused("to_be_taken_back", words, status=409)
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


def ask_to_take_back(*, refund_id: uuid.UUID, reason: str, actor_id: uuid.UUID) -> None:
    """Ask to take back the reference of a transfer, which was entered in error. Staff plane.

    Raises: Refused unless a transfer waits to be confirmed, and if somebody has asked already.
    """
    rows = waiting().filter(pk=refund_id).exclude(reference="")
    undecided = rows.filter(take_back_by_id=None) | rows.exclude(take_back_agreed_by_id=None)
    if not undecided.update(
        take_back_reason=reason, take_back_by_id=actor_id, take_back_agreed_by_id=None
    ):
        words = "No transfer of this refund waits to be confirmed, or somebody has asked already."
        raise Refused("not_waiting", words, status=409)
    audit.note("refund.ask_to_take_back", refund_id, actor_id=actor_id, data={"reason": reason})


def decide_take_back(*, refund_id: uuid.UUID, approve: bool, actor_id: uuid.UUID) -> None:
    """Take back the reference of a transfer, as another member of staff has asked, or leave it. Staff plane.

    The refund then waits for a transfer again. Raises: Refused if nobody has asked, and for whoever asked and approves.
    """
    refund = waiting().select_for_update(of=("self",)).filter(pk=refund_id).first()
    if refund is None or not refund.is_to_be_taken_back:
        words = "Nobody asks to take back a transfer of this refund any more."
        raise Refused("not_waiting", words, status=409)
    if approve and refund.take_back_by_id == actor_id:
        words = "You asked to take this transfer back. Another member of staff has to approve it."
        raise Refused("own", words, status=409)
    Refund.objects.filter(pk=refund.pk).update(**(_taken_back(actor_id) if approve else _LEFT))
    done = "take_back" if approve else "leave"
    data = {"reference": refund.reference, "reason": refund.take_back_reason}
    audit.note(f"refund.{done}", refund_id, actor_id=actor_id, data=data)


_LEFT: dict[str, Any] = {"take_back_reason": "", "take_back_by_id": None}


def _taken_back(actor_id: uuid.UUID) -> dict[str, Any]:
    return {"reference": "", "entered_by_id": None, "take_back_agreed_by_id": actor_id}
