"""Writes down what became of a payout, each in one transaction with its journal."""

import logging
import uuid
from datetime import timedelta

from django.db.models.functions import Now

from billing.ledger import entries
from billing.ledger.services import post
from billing.payouts import notices
from billing.payouts.models import Payout
from billing.recipients import services as recipients
from billing.stripe.calls.transfers import Transfer
from billing.stripe.errors import Refused, Unknown
from rlhfhub.tenancy import planes

log = logging.getLogger(__name__)
#: Stripe pays on to a bank some days after a transfer. Its events say so sooner.
BANK_LOOK_AFTER = timedelta(days=1)


def paid(payout_id: uuid.UUID, transfer: Transfer) -> None:
    """Book the transfer that pays this payout; again and again it changes nothing.

    Raises: Unknown for a transfer that is not this payout's: staff must look.
    """
    with planes.as_system():
        row = Payout.objects.select_for_update().get(pk=payout_id)
        if row.state == Payout.State.PAID and row.transfer == transfer.id:
            return
        _check(row, transfer)
        Payout.objects.filter(pk=row.pk).update(
            state=Payout.State.PAID,
            transfer=transfer.id,
            error_code="",
            error_words="",
            ended_at=Now(),
            bank_look_at=Now() + BANK_LOOK_AFTER,
        )
        post(_booked(row, transfer))
        notices.tell_paid(row)


def _check(row: Payout, transfer: Transfer) -> None:
    wanted = (row.destination, row.currency, row.amount_minor)
    found = (transfer.destination, transfer.currency, transfer.amount_minor)
    if row.state == Payout.State.SENDING and wanted == found:
        return
    log.error(
        "a transfer does not fit its payout", extra={"payout": row.pk, "transfer": transfer.id}
    )
    raise Unknown(f"the transfer {transfer.id} does not fit the payout {row.pk} ({row.state})")


def _booked(row: Payout, transfer: Transfer) -> list[entries.Entry]:
    currency, amount = row.currency, row.amount_minor
    found = [
        entries.transfer(
            transfer_id=transfer.id,
            person_id=row.person_id,
            currency=currency,
            amount_minor=amount,
        )
    ]
    if transfer.transaction:
        found.append(
            entries.transferred(
                transaction_id=transfer.transaction, currency=currency, amount_minor=amount
            )
        )
    return found


def refused(payout_id: uuid.UUID, attempt: int, error: Refused) -> None:
    """Give the money of this attempt back to what is owed, and tell the person; again it changes nothing."""
    with planes.as_system():
        row = Payout.objects.select_for_update().get(pk=payout_id)
        if row.state != Payout.State.SENDING or row.attempt != attempt:
            return
        Payout.objects.filter(pk=row.pk).update(
            state=Payout.State.FAILED,
            error_code=error.code[:120],
            error_words=error.message,
            ended_at=Now(),
        )
        post(
            [
                entries.payout_failed(
                    payout_id=row.pk,
                    person_id=row.person_id,
                    currency=row.currency,
                    amount_minor=row.amount_minor,
                )
            ]
        )
        notices.tell_failed(row)
    # By itself: who makes payouts locks the recipient first, and the payout then.
    with planes.as_system():
        recipients.look_soon(person_id=row.person_id)
