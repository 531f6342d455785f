"""Books changes of the platform's balance at Stripe that no other room knows of: they only mirror what happened.

These are Stripe's own fees, and money that went to the platform's bank or came from it. Nothing else is booked here,
but that money of a category that nobody knows is set aside as not matched.
"""

from datetime import timedelta

from billing.ledger import entries
from billing.ledger.entries import Entry
from billing.ledger.services import post
from billing.reconciliation.models import BalanceEntry
from rlhfhub.tenancy import clock, planes

FEES = ("fee",)
BANK = ("payout", "payout_reversal", "topup", "topup_reversal")
#: Other rooms book these, or nobody: then they are listed as differences.
OF_ROOMS = (
    "charge",
    "charge_failure",
    "refund",
    "refund_failure",
    "dispute",
    "dispute_reversal",
    "transfer",
    "transfer_reversal",
)
MOST = 1_000
#: Money of an unknown category is set aside only after this time, because its room may be about to book it.
SETTLED = timedelta(hours=1)


def mirror() -> int:
    """Book the entries that are not matched and that this room books. Returns how many journals are new."""
    with planes.as_system():
        rows = BalanceEntry.objects.filter(matched_at=None).exclude(category__in=OF_ROOMS)
        old = clock.now() - SETTLED
        found = [
            entry
            for entry in rows.order_by("id")[:MOST]
            if entry.category in (*FEES, *BANK) or entry.read_at < old
        ]
        return post([journal for entry in found for journal in _journals(entry)])


def _journals(entry: BalanceEntry) -> list[Entry]:
    if entry.category in FEES and entry.net_minor < 0:
        return [entries.own_fee(entry.transaction, entry.currency, -entry.net_minor)]
    journals = []
    if entry.amount_minor:
        build = entries.bank_move if entry.category in BANK else entries.unmatched
        journals.append(build(entry.transaction, entry.currency, entry.amount_minor))
    if entry.fee_minor:
        journals.append(entries.own_fee(entry.transaction, entry.currency, entry.fee_minor))
    return journals
