"""Asks Stripe how an account is, and writes down what it says. Events, returns from Stripe and the clock all end here.

Any order of events leads to the same state, because each fetches the account as it is now; of two answers, the one that
was asked for later counts.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import connection

from billing.recipients import notices
from billing.recipients.models import Recipient
from billing.stripe.calls import accounts, external_accounts
from billing.stripe.calls.accounts import RecipientAccount
from billing.stripe.calls.external_accounts import ExternalAccount
from billing.stripe.errors import Busy, Refused, Unknown
from rlhfhub.tenancy import clock, planes

#: Hours until an account is looked at again by itself: one that lacks something, and one that lacks nothing.
HOURS, HOURS_IF_WELL = 1, 24
#: The codes with which Stripe refuses what is not ours any more.
GONE = ("account_invalid", "resource_missing", "not_found")

_CLAIM = """
    UPDATE billing_recipients_recipient SET look_at = clock_timestamp() + make_interval(hours => %s)
    WHERE id = (SELECT id FROM billing_recipients_recipient
                WHERE look_at <= statement_timestamp() AND account <> ''
                ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING account
"""


def seen() -> Iterator[int]:
    """Look at the accounts that are due, one after the other, until none is left or Stripe does not respond."""
    while account := _claim():
        try:
            see(account)
        except (Busy, Unknown):
            yield 1
            return
        yield 1


def _claim() -> str:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [HOURS])
        row = cursor.fetchone()
    return row[0] if row else ""


def see(account: str) -> None:
    """Write down how an account is now; nothing for one that is nobody's here. Raises: Busy, Unknown."""
    with planes.as_system():
        asked_at = clock.now()
        if not Recipient.objects.filter(account=account).exists():
            return
    try:
        found = accounts.retrieve(account)
        bank = _bank(account)
    except Refused as error:
        if error.code not in GONE:
            raise Unknown(str(error)) from error
        found, bank = None, None
    with planes.as_system():
        _write(account, asked_at, found, bank)


def _bank(account: str) -> ExternalAccount | None:
    """Return the bank account or card that the person is paid out to."""
    known = list(external_accounts.of_account(account))
    return next((one for one in known if one.is_default), known[0] if known else None)


def _write(
    account: str,
    asked_at: datetime,
    found: RecipientAccount | None,
    bank: ExternalAccount | None,
) -> None:
    row = Recipient.objects.select_for_update().get(account=account)
    if row.looked_at and row.looked_at >= asked_at:
        return
    before = notices.Standing.of(row)
    if found is None:
        row.is_closed, row.can_be_paid = True, False
    else:
        row.transfers, row.reasons = found.transfers, list(found.reasons)
        row.requirements = [asdict(one) for one in found.requirements]
        row.is_closed, row.can_be_paid = found.is_closed, found.can_be_paid
    row.bank_name = bank.name[:255] if bank else ""
    row.bank_last4 = bank.last4[:8] if bank else ""
    row.bank_status = bank.status[:40] if bank else ""
    is_first, row.looked_at = row.looked_at is None, asked_at
    row.look_at = None if row.is_closed else asked_at + _until_next(row)
    row.save(update_fields=[*_SEEN])
    if not is_first:
        notices.tell_change(row, before)


_SEEN = (
    *("transfers", "reasons", "requirements", "is_closed", "can_be_paid"),
    *("bank_name", "bank_last4", "bank_status", "looked_at", "look_at"),
)


def _until_next(row: Recipient) -> timedelta:
    return timedelta(hours=HOURS_IF_WELL if row.can_be_paid and not row.due else HOURS)
