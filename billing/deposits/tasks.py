"""Celery tasks of deposits."""

from collections import deque

from billing.deposits import debts, looking, opening, payments, refunding
from rlhfhub.queues import LONG, STRIPE, in_a_turn


@STRIPE.task("deposits.open")
def open_pages() -> None:
    """Make the pages and invoices at Stripe of the deposits that members asked for."""
    deque(in_a_turn(opening.opened()), maxlen=0)


@STRIPE.task("deposits.look")
def look() -> None:
    """Look whether open deposits were paid, of which perhaps no webhook told, and void the canceled ones."""
    deque(in_a_turn(looking.looked()), maxlen=0)


@STRIPE.task("deposits.refund")
def refund() -> None:
    """Give money back, and look at the refunds under way."""
    deque(in_a_turn(refunding.refunded()), maxlen=0)


@STRIPE.task("deposits.clear")
def clear() -> None:
    """Look whether the money of paid deposits is available."""
    deque(in_a_turn(payments.cleared()), maxlen=0)


@LONG.task("deposits.repay")
def repay() -> None:
    """Repay what workspaces owe from what came to their free balance."""
    deque(in_a_turn(debts.repaid()), maxlen=0)
