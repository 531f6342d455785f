"""Reversals of payouts: one member of staff asks for one and says why, another one approves or declines it.

Staff plane. A worker then takes the money back (billing.payouts.reversing).
"""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from billing.payouts.models import MOST_REASON_CHARS, Payout, Reversal
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.raw import constraint_of

_REFUSALS = {
    "payout_reversal_open_once": ("conflict", "Another reversal of this payout is not finished."),
    "payout_reversal_of_sent": ("not_now", "Only a payout that Stripe has sent can be reversed."),
    "payout_reversal_within": (
        "too_much",
        "This is more than the payout has left after its earlier reversals.",
    ),
}


def ask(*, payout_id: uuid.UUID, amount_minor: int, reason: str, actor_id: uuid.UUID) -> Reversal:
    """Ask for a part of a payout, or for all of it, to be taken back.

    Raises: Refused without a reason, for more than is left of the payout, while another one is open, and for a payout
    that Stripe has not sent.
    """
    reason = reason.strip()
    if not reason or len(reason) > MOST_REASON_CHARS:
        words = f"Say why, for the person and for whoever decides: at most {MOST_REASON_CHARS} characters."
        raise invalid("reason", words)
    if amount_minor <= 0:
        raise invalid("amount", "Give an amount above zero.")
    try:
        with transaction.atomic():
            made = Reversal.objects.create(
                payout_id=payout_id, amount_minor=amount_minor, reason=reason, asked_by_id=actor_id
            )
    except IntegrityError as error:
        if found := _REFUSALS.get(constraint_of(error)):
            raise Refused(*found, status=409) from error
        raise
    _note("ask", made, actor_id, {"amount_minor": amount_minor, "reason": reason})
    return made


def decide(*, reversal_id: uuid.UUID, approve: bool, actor_id: uuid.UUID) -> None:
    """Approve a reversal, which a worker then sends, or decline it.

    Raises: Refused for whoever asked for it and would approve it, and if it is decided.
    """
    row = Reversal.objects.select_for_update().get(pk=reversal_id)
    if row.state != Reversal.State.ASKED:
        raise Refused("not_now", "It was decided before. Nothing was changed.", status=409)
    if approve and row.asked_by_id == actor_id:
        words = "You asked for this reversal. Another member of staff has to approve it."
        raise Refused("forbidden", words, status=403)
    fields: dict[str, Any] = {"state": Reversal.State.READY, "next_at": Now()}
    if not approve:
        fields = {"state": Reversal.State.DECLINED, "ended_at": Now()}
    Reversal.objects.filter(pk=row.pk).update(decided_by_id=actor_id, **fields)
    _note("approve" if approve else "decline", row, actor_id, {})


def waiting() -> QuerySet[Reversal]:
    """Return the reversals that nobody has approved or declined yet."""
    return Reversal.objects.filter(state=Reversal.State.ASKED)


def left(payout: Payout) -> int:
    """Return how much of a payout is not taken back, nor about to be, in minor units."""
    over = (Reversal.State.FAILED, Reversal.State.DECLINED)
    rows = Reversal.objects.filter(payout=payout).exclude(state__in=over)
    return payout.amount_minor - sum(rows.values_list("amount_minor", flat=True))


def _note(verb: str, row: Reversal, actor_id: uuid.UUID, data: dict[str, Any]) -> None:
    audit.note(f"reversal.{verb}", row.pk, actor_id=actor_id, data=data)
