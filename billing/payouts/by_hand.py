"""Payouts by bank transfer: one member of staff sends it and enters the bank's reference, another one confirms it.

Staff plane. Nothing is booked before the second one has looked at the bank's statement.
"""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from billing.ledger import entries
from billing.ledger.services import post
from billing.payouts.models import OPEN, Payout
from billing.recipients.models import BY_HAND
from rlhfhub.ground.refusals import Refused, invalid

MOST_REFERENCE_CHARS = 120


def enter(*, payout_id: uuid.UUID, reference: str, actor_id: uuid.UUID) -> None:
    """Record that money was sent under this reference of the bank.

    Raises: Refused without a reference, and unless the payout waits to be sent by hand.
    """
    reference = reference.strip()
    if not reference or len(reference) > MOST_REFERENCE_CHARS:
        raise invalid("reference", "Give the bank's reference of the transfer.")
    _change(
        payout_id,
        Payout.State.READY,
        state=Payout.State.SENDING,
        sent_at=Now(),
        reference=reference,
        entered_by_id=actor_id,
    )


def confirm(*, payout_id: uuid.UUID, actor_id: uuid.UUID) -> None:
    """Confirm that the money has left our bank, and book it.

    Raises: Refused for whoever entered it, and unless it was entered.
    """
    row = Payout.objects.select_for_update().get(pk=payout_id)
    if row.entered_by_id == actor_id:
        words = "You entered this transfer. Somebody else has to confirm it."
        raise Refused("forbidden", words, status=403)
    _change(
        payout_id,
        Payout.State.SENDING,
        state=Payout.State.PAID,
        ended_at=Now(),
        confirmed_by_id=actor_id,
    )
    post(
        [
            entries.by_hand(
                payout_id=row.pk,
                person_id=row.person_id,
                currency=row.currency,
                amount_minor=row.amount_minor,
                reference=row.reference,
                actor_id=actor_id,
            )
        ]
    )


def take_back(*, payout_id: uuid.UUID) -> None:
    """Undo an entry that was wrong: the payout waits again. Raises: Refused unless it was entered."""
    row = Payout.objects.select_for_update().get(pk=payout_id)
    _change(
        payout_id,
        Payout.State.SENDING,
        state=Payout.State.READY,
        attempt=row.attempt + 1,
        sent_at=None,
        reference="",
        entered_by_id=None,
    )


def _change(payout_id: uuid.UUID, before: str, **fields: Any) -> None:
    rows = Payout.objects.filter(pk=payout_id, rail=BY_HAND, state=before)
    if not rows.update(**fields):
        words = "This payout is not in that state any more, or it is sent by Stripe. Nothing was changed."
        raise Refused("not_now", words, status=409)


def waiting() -> QuerySet[Payout]:
    """Return the payouts that wait for staff."""
    return Payout.objects.filter(rail=BY_HAND, state__in=OPEN)
