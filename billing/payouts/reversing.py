"""Takes transfers back by Stripe, as two members of staff agreed. The money is then owed to the person as before."""

import logging

from django.db.models.functions import Now

from billing.ledger import entries
from billing.ledger.services import post
from billing.payouts import notices
from billing.payouts.models import Payout, Reversal
from billing.stripe.calls import transfers
from billing.stripe.calls.transfers import Reversal as Made
from billing.stripe.errors import Refused, Unknown
from billing.stripe.outbox import Outbox
from rlhfhub.tenancy import planes

log = logging.getLogger(__name__)


def _create(row: Reversal) -> Made:
    return transfers.reverse(
        key=f"reversal:{row.pk}:{row.attempt}",
        transfer=_payout_of(row).transfer,
        amount_minor=row.amount_minor,
        metadata={"reversal": str(row.pk), "attempt": str(row.attempt)},
    )


def _find(row: Reversal) -> Made | None:
    made = transfers.reversals_of(_payout_of(row).transfer)
    return next((one for one in made if one.metadata.get("reversal") == str(row.pk)), None)


def _payout_of(row: Reversal) -> Payout:
    with planes.as_system():
        return Payout.objects.get(pk=row.payout_id)


def done(row: Reversal, made: Made) -> None:
    """Book that the money is back, and tell the person; again and again it changes nothing.

    Raises: Unknown for a reversal that is not this one: staff must look.
    """
    with planes.as_system():
        row = Reversal.objects.select_for_update().get(pk=row.pk)
        payout = Payout.objects.get(pk=row.payout_id)
        if row.state == Reversal.State.DONE and row.reversal == made.id:
            return
        _check(row, payout, made)
        Reversal.objects.filter(pk=row.pk).update(
            state=Reversal.State.DONE,
            reversal=made.id,
            transaction=made.transaction,
            error_code="",
            error_words="",
            ended_at=Now(),
        )
        post(
            [
                entries.taken_back(
                    transaction_id=made.transaction,
                    person_id=payout.person_id,
                    currency=payout.currency,
                    amount_minor=row.amount_minor,
                    reason=row.reason,
                )
            ]
        )
        notices.tell_taken_back(row, payout)


def _check(row: Reversal, payout: Payout, made: Made) -> None:
    wanted = (payout.transfer, payout.currency, row.amount_minor)
    found = (made.transfer, made.currency, made.amount_minor)
    if row.state == Reversal.State.SENDING and wanted == found and made.transaction:
        return
    log.error("a reversal at Stripe does not fit", extra={"reversal": row.pk, "at_stripe": made.id})
    raise Unknown(f"the reversal {made.id} does not fit {row.pk} ({row.state})")


def refused(row: Reversal, error: Refused) -> None:
    """Note that Stripe refused it for good, mostly because the account does not hold as much."""
    with planes.as_system():
        rows = Reversal.objects.filter(pk=row.pk, attempt=row.attempt, state=Reversal.State.SENDING)
        rows.update(
            state=Reversal.State.FAILED,
            error_code=error.code[:120],
            error_words=error.message,
            ended_at=Now(),
        )


OUTBOX = Outbox(Reversal, where="true", make=_create, find=_find, done=done, refused=refused)
