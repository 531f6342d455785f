"""Writes down what became of a payout, each in one transaction with its journal."""

import logging
import uuid
from datetime import timedelta
from typing import Any

from django.db import connection
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
#: Our balance at Stripe does not cover it yet: the payout waits, and is no fault of the person.
NO_MONEY = "balance_insufficient"
NO_MONEY_PAUSE_SECONDS = 3600
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5, 1800
LOOK_PAUSE_SECONDS = 660
#: Stripe pays on to a bank some days after a transfer. Its events say so sooner.
BANK_LOOK_AFTER = timedelta(days=1)

_AGAIN = """
    UPDATE billing_payouts_payout SET state = 'ready', attempt = attempt + 1, tries = 0, sent_at = NULL, looks = 0,
           looked_at = NULL, error_code = %s, error_words = %s,
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND attempt = %s AND state = 'sending'
"""
_PUT_OFF = """
    UPDATE billing_payouts_payout SET error_words = %s, next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND attempt = %s AND state = 'sending'
"""
_LOOKED = """
    UPDATE billing_payouts_payout SET looks = LEAST(looks + 1, 1000),
           looked_at = COALESCE(looked_at, clock_timestamp()),
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND attempt = %s AND state = 'sending'
"""


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
    """Wait for money if our balance lacks it; else give the money back to what is owed, and tell the person."""
    if error.code == NO_MONEY:
        _again(payout_id, attempt, error.code, error.message, NO_MONEY_PAUSE_SECONDS)
        return
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


def begin_anew(payout_id: uuid.UUID, attempt: int) -> None:
    """Begin a new attempt, with a new key, because Stripe has no transfer of the one before."""
    _again(payout_id, attempt, "", "", 0)


def _again(payout_id: uuid.UUID, attempt: int, code: str, words: str, pause: int) -> None:
    _execute(_AGAIN, [code, words[:1000], pause, payout_id, attempt])


def looked(payout_id: uuid.UUID, attempt: int) -> None:
    """Note that a look found no transfer, and look again some minutes later."""
    _execute(_LOOKED, [LOOK_PAUSE_SECONDS, payout_id, attempt])


def put_off(payout_id: uuid.UUID, attempt: int, tries: int, words: str) -> None:
    """Try again later: nobody knows yet whether it happened."""
    pause = min(FIRST_PAUSE_SECONDS * 3 ** min(tries - 1, 10), LONGEST_PAUSE_SECONDS)
    _execute(_PUT_OFF, [words[:1000], pause, payout_id, attempt])


def _execute(statement: str, values: list[Any]) -> None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(statement, values)
