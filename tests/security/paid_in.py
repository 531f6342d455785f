"""What the workspace of a side paid in by Stripe, and a payment that fits no deposit."""

from tests.deposits.made import make_lost, make_paid, make_stray
from tests.security.side import Side


def pay_in(side: Side) -> None:
    """A deposit is paid, disputed and lost, and a payment of nobody's came."""
    deposit = make_paid(side.tenant, mark=side.mark, batch=side.batch)
    side.deposit = deposit.pk
    make_lost(deposit)
    make_stray(side.mark)
