"""What Stripe says of the deposits of the world, held against the ledger: entries that match, and one that does not."""

from billing.deposits.models import Deposit
from billing.reconciliation import differing, matching
from billing.reconciliation.differing import Found
from billing.reconciliation.models import BalanceEntry, Difference, Run
from rlhfhub.tenancy import clock, planes


def compare() -> None:
    """The payments of all deposits stand at Stripe, and a transfer that nobody booked. One run found that."""
    with planes.as_system():
        now = clock.now()
        for one in Deposit.objects.filter(state="paid"):
            _entry(one.transaction, "charge", one.charge, one.received_minor, one.fee_minor)
        _entry("txn_nobody", "transfer", "tr_nobody", -5, 0)
        Run.objects.create(is_full=True, ended_at=now, differences=1)
    list(matching.match())
    kind = Difference.Kind.NOT_BOOKED
    differing.keep([Found(kind, "txn_nobody", "USD", -5, 0)], Difference.Kind.values)


def _entry(name: str, category: str, source: str, amount: int, fee: int) -> None:
    BalanceEntry.objects.create(
        transaction=name,
        type=category,
        category=category,
        source=source,
        currency="USD",
        amount_minor=amount,
        fee_minor=fee,
        net_minor=amount - fee,
        happened_at=clock.now(),
        available_at=clock.now(),
    )
