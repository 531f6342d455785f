"""Journals of money that a workspace pays in by Stripe."""

import uuid

from billing.ledger.entries.base import Entry, available, owed, platform


def payment(
    *, workspace_id: uuid.UUID, currency: str, amount_minor: int, payment_intent: str
) -> Entry:
    """Build the journal of a payment that succeeded: it is on the workspace's free balance at once."""
    return Entry(
        "payment",
        f"payment:{payment_intent}",
        workspace_id,
        (
            (platform("stripe_pending", currency), -amount_minor),
            (available(workspace_id, currency), amount_minor),
        ),
    )


def repayment(*, workspace_id: uuid.UUID, currency: str, amount_minor: int, source: str) -> Entry:
    """Build the journal by which money on the free balance repays what the workspace owes.

    `source` is the id of what brought the money, a payment or a refund that failed; else a new id.
    """
    return Entry(
        "repay",
        f"repay:{source}",
        workspace_id,
        (
            (available(workspace_id, currency), -amount_minor),
            (owed(workspace_id, currency), amount_minor),
        ),
    )


def stripe_fee(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    transaction: str,
    is_available: bool = False,
) -> Entry:
    """Build the journal of a fee that Stripe took of money that is available or pending; the platform bears it."""
    held = "stripe_available" if is_available else "stripe_pending"
    return Entry(
        "stripefee",
        f"stripefee:{transaction}",
        workspace_id,
        (
            (platform("stripe_fees", currency), -amount_minor),
            (platform(held, currency), amount_minor),
        ),
    )


def clearing(*, workspace_id: uuid.UUID, currency: str, net_minor: int, transaction: str) -> Entry:
    """Build the journal of a payment, less its fee, that has become available at Stripe."""
    return Entry(
        "clearing",
        f"clearing:{transaction}",
        workspace_id,
        (
            (platform("stripe_pending", currency), net_minor),
            (platform("stripe_available", currency), -net_minor),
        ),
    )
