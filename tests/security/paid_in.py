"""What the workspace of a side paid in by Stripe, and a payment that fits no deposit."""

from tests.deposits.made import make_lost, make_paid, make_refund, make_stray
from tests.security.side import Side


def pay_in(side: Side) -> None:
    """A deposit is paid, a part of it is asked back, and it is disputed and lost, and a payment of nobody's came."""
    deposit = make_paid(side.tenant, mark=side.mark, batch=side.batch)
    side.deposit = deposit.pk
    side.refund = make_refund(deposit, 100).pk
    make_lost(deposit)
    make_stray(side.mark)
