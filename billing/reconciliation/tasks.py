"""Celery tasks of reconciliation."""

from billing.reconciliation import running
from rlhfhub.queues import STRIPE


@STRIPE.task("reconciliation.light")
def light() -> None:
    """Hold what Stripe did lately against the ledger."""
    running.reconcile(is_full=False)


@STRIPE.task("reconciliation.full")
def full() -> None:
    """Hold all that Stripe did against the ledger, and the ledger against Stripe."""
    running.reconcile(is_full=True)
