"""Finds what does not agree, and keeps it for staff as long as it does not. Nothing is booked because of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models.functions import Now

from billing.ledger.models import Account
from billing.ledger.selectors import balance_of
from billing.reconciliation.matching import AT_STRIPE, CAUSES
from billing.reconciliation.models import Difference
from billing.stripe.calls.balance import Balance
from rlhfhub.tenancy import clock, planes

#: The most entries or journals that one run lists.
MOST = 1_000
#: A room may book an entry so much later than it happened, and Stripe may list it so much later than it was booked.
SETTLED = timedelta(minutes=30)

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What does not agree: the amounts that Stripe and the ledger say, in minor units."""

    kind: str
    subject: str
    currency: str
    stripe_minor: int
    ledger_minor: int


@dataclass(frozen=True, slots=True)
class Held:
    """What is pending and available at Stripe in one currency, as Stripe and as the ledger say it."""

    currency: str
    stripe_pending: int
    stripe_available: int
    ledger_pending: int
    ledger_available: int


def held(of_stripe: Balance) -> list[Held]:
    """Return the balances of both sides, by currency. System plane."""
    ours = {
        (row.kind, row.currency): -balance_of(row)
        for row in Account.objects.filter(kind__in=("stripe_pending", "stripe_available"))
    }
    currencies = {c for _, c in ours} | of_stripe.pending.keys() | of_stripe.available.keys()
    return [
        Held(
            currency,
            of_stripe.pending.get(currency, 0),
            of_stripe.available.get(currency, 0),
            ours.get(("stripe_pending", currency), 0),
            ours.get(("stripe_available", currency), 0),
        )
        for currency in sorted(currencies)
    ]


def of_balances(balances: Iterable[Held]) -> Iterator[Found]:
    """Yield the currencies in which Stripe holds another sum than the ledger says.

    Whether it is pending or available is not compared: Stripe moves it by itself, and it is booked a moment later.
    """
    for one in balances:
        there = one.stripe_pending + one.stripe_available
        here = one.ledger_pending + one.ledger_available
        if there != here:
            yield Found(Difference.Kind.BALANCE, "balance", one.currency, there, here)


def of_suspense() -> Iterator[Found]:
    """Yield the currencies in which money is set aside as not matched. System plane."""
    for account in Account.objects.filter(kind="suspense"):
        if amount := balance_of(account):
            kind = Difference.Kind.SUSPENSE
            yield Found(kind, "suspense", account.currency, 0, amount)


_UNMATCHED = f"""
    WITH chosen AS MATERIALIZED (
        SELECT * FROM billing_reconciliation_balanceentry
        WHERE matched_at IS NULL AND read_at < %(settled)s ORDER BY id LIMIT %(most)s),
    causes AS ({CAUSES})
    SELECT e.transaction, e.currency, e.net_minor, COALESCE(b.amount, 0), b.amount IS NOT NULL
    FROM chosen e LEFT JOIN (
        SELECT c.id, -sum(p.amount_minor)::bigint AS amount FROM causes c
        JOIN billing_ledger_journal j ON j.cause = c.cause JOIN billing_ledger_posting p ON p.journal_id = j.id
        JOIN billing_ledger_account a ON a.id = p.account_id AND a.kind IN {AT_STRIPE} GROUP BY c.id) b ON b.id = e.id
    WHERE COALESCE(b.amount, 0) <> e.net_minor ORDER BY e.id
"""  # noqa: S608  of constants only


def of_entries() -> Iterator[Found]:
    """Yield the balance entries that nothing booked, or that were booked with another amount. System plane."""
    with connection.cursor() as cursor:
        cursor.execute(_UNMATCHED, {"settled": clock.now() - SETTLED, "most": MOST})
        for transaction, currency, there, here, is_booked in cursor.fetchall():
            kind = Difference.Kind.OTHER_AMOUNT if is_booked else Difference.Kind.NOT_BOOKED
            yield Found(kind, transaction, currency, int(there), int(here))


_UNKNOWN = f"""
    SELECT j.cause, min(p.currency), -sum(p.amount_minor)::bigint
    FROM billing_ledger_journal j JOIN billing_ledger_posting p ON p.journal_id = j.id
    JOIN billing_ledger_account a ON a.id = p.account_id AND a.kind IN {AT_STRIPE}
    WHERE j.at >= %(since)s AND j.at < %(settled)s AND j.kind <> 'clearing'
      AND NOT EXISTS (SELECT 1 FROM billing_reconciliation_match m WHERE m.cause = j.cause)
      AND NOT EXISTS (SELECT 1 FROM billing_ledger_journal r WHERE r.reverses_id = j.id) AND j.reverses_id IS NULL
    GROUP BY j.id, j.cause HAVING sum(p.amount_minor) <> 0 ORDER BY j.id LIMIT %(most)s
"""  # noqa: S608  of constants only


def of_journals(since: datetime) -> Iterator[Found]:
    """Yield the journals of what is at Stripe that no balance entry says. System plane."""
    settled = clock.now() - SETTLED
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, {"since": since, "settled": settled, "most": MOST})
        for cause, currency, amount in cursor.fetchall():
            yield Found(Difference.Kind.NOT_AT_STRIPE, cause, currency, 0, int(amount))


def keep(found: Iterable[Found], looked_for: Iterable[str]) -> int:
    """Note these differences, and end the open ones of the kinds that were looked for and are found no more.

    Returns: how many are open now, of all kinds.
    """
    with planes.as_system():
        rows = Difference.objects.select_for_update().filter(ended_at=None)
        known: dict[Key, Difference] = {
            (row.kind, row.subject, row.currency): row for row in rows.order_by("id")
        }
        for one in found:
            _keep(one, known.pop((one.kind, one.subject, one.currency), None))
        over = [row.pk for key, row in known.items() if key[0] in set(looked_for)]
        Difference.objects.filter(pk__in=over).update(ended_at=Now())
        return Difference.objects.filter(ended_at=None).count()


def _keep(found: Found, row: Difference | None) -> None:
    amounts = {"stripe_minor": found.stripe_minor, "ledger_minor": found.ledger_minor}
    if row:
        Difference.objects.filter(pk=row.pk).update(last_seen_at=Now(), **amounts)
    else:
        Difference.objects.create(
            kind=found.kind, subject=found.subject, currency=found.currency, **amounts
        )
