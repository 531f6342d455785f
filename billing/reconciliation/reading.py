"""Reads the platform's balance transactions at Stripe, from where the last run ended."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from billing.reconciliation.models import BalanceEntry
from billing.stripe.calls import balance_transactions
from billing.stripe.calls.balance_transactions import BalanceTransaction
from rlhfhub.tenancy import clock, planes

#: Entries stored in one transaction.
BATCH = 100
#: A full run reads the entries of so long before once more: a list may not show at once what has just happened.
AGAIN = timedelta(days=3)


def read(*, again: bool) -> Iterator[int]:
    """Store entries that are not here yet. Called outside transactions. Yields how many were new, batch by batch.

    Raises: CallFailed; what was stored stays.
    """
    found: Iterable[BalanceTransaction] = balance_transactions.after(_last(again=again))
    some = iter(found)
    while batch := list(islice(some, BATCH)):
        yield _store(batch)


def _last(*, again: bool) -> str:
    """Return the entry after which to read: the newest one here, or the newest one of some days ago."""
    with planes.as_system():
        rows = BalanceEntry.objects.order_by("-id")
        if again:
            rows = rows.filter(happened_at__lt=clock.now() - AGAIN)
        return str(rows.values_list("transaction", flat=True).first() or "")


def _store(batch: list[BalanceTransaction]) -> int:
    with planes.as_system():
        ids = [one.id for one in batch]
        rows = BalanceEntry.objects.filter(transaction__in=ids)
        known = set(rows.values_list("transaction", flat=True))
        new = [_entry(one) for one in batch if one.id not in known]
        BalanceEntry.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _entry(found: BalanceTransaction) -> BalanceEntry:
    return BalanceEntry(
        transaction=found.id,
        type=found.type[:60],
        category=found.category[:60],
        source=found.source,
        currency=found.currency,
        amount_minor=found.amount_minor,
        fee_minor=found.fee_minor,
        net_minor=found.net_minor,
        happened_at=found.created_at,
        available_at=found.available_at,
    )
