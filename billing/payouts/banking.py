"""Writes down what Stripe pays on to people's banks. Events and the clock both end in a fetched object.

No money of ours moves: what is in a person's account at Stripe is theirs.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection

from billing.payouts import notices
from billing.payouts.models import BankPayout
from billing.recipients import services as recipients
from billing.recipients.models import Recipient
from billing.stripe.calls import bank_payouts
from billing.stripe.calls.bank_payouts import BankPayout as Found
from billing.stripe.errors import Busy, Refused, Unknown
from billing.stripe.events import Event
from billing.stripe.handles import handle
from rlhfhub.tenancy import clock, planes

#: Days after a payout in which its account is asked daily what went on to the bank.
DAYS = 14

_CLAIM = """
    UPDATE billing_payouts_payout SET bank_look_at = CASE
        WHEN ended_at > clock_timestamp() - make_interval(days => %s) THEN clock_timestamp() + interval '1 day' END
    WHERE id = (SELECT id FROM billing_payouts_payout WHERE bank_look_at <= statement_timestamp()
                ORDER BY bank_look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING destination, ended_at
"""
_EVENTS = ("payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled")


def on_bank_payout(event: Event) -> None:
    """Look at the payout that happened to a connected account. Our own payouts have no account."""
    if event.account:
        see(event.account, event.object_id)


def register() -> None:
    """Register the handler. Called from the AppConfig's ready()."""
    for type in _EVENTS:
        handle(type, on_bank_payout)


def see(account: str, payout: str) -> None:
    """Write down how one payout to a bank is now; nothing for an account that is nobody's here."""
    with planes.as_system():
        asked_at = clock.now()
        if not Recipient.objects.filter(account=account).exists():
            return
    _write(account, asked_at, [bank_payouts.retrieve(payout, account=account)])


def seen() -> Iterator[int]:
    """Look at the accounts that were paid lately, one after the other, until Stripe does not respond."""
    while row := _claim():
        account, ended_at = row
        try:
            with planes.as_system():
                asked_at = clock.now()
            found = list(bank_payouts.of_account(account, since=ended_at - timedelta(days=1)))
        except (Busy, Unknown):
            yield 1
            return
        except Refused:  # the account is gone, which a look at the recipient says
            found = []
        _write(account, asked_at, found)
        yield 1


def _claim() -> tuple[str, datetime] | None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [DAYS])
        row: tuple[str, datetime] | None = cursor.fetchone()
    return row


def _write(account: str, asked_at: datetime, found: list[Found]) -> None:
    with planes.as_system():
        recipient = Recipient.objects.select_for_update().get(account=account)
        for one in found:
            _write_one(recipient, asked_at, one)


def _write_one(recipient: Recipient, asked_at: datetime, found: Found) -> None:
    row = BankPayout.objects.filter(stripe_id=found.id).first()
    if row and row.looked_at >= asked_at:
        return
    changing = {
        "status": found.status,
        "amount_minor": found.amount_minor,
        "arrives_at": found.arrives_at,
        "failure_code": found.failure_code[:120],
        "looked_at": asked_at,
    }
    if row is None:
        row = BankPayout.objects.create(
            person_id=recipient.person_id,
            stripe_id=found.id,
            currency=found.currency,
            created_at=found.created_at,
            **changing,
        )
    else:
        BankPayout.objects.filter(pk=row.pk).update(**changing)
    if found.status == "failed":
        notices.tell_bank_failed(row)
        recipients.look_soon(person_id=recipient.person_id)
