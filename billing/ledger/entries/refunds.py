"""Journals of money that goes back to a workspace."""

import uuid

from billing.ledger.entries.base import Entry, available, owed, platform, without_zeros


def refund_ask(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    refund: uuid.UUID,
    owed_minor: int = 0,
) -> Entry:
    """Build the journal by which money leaves the free balance, before anybody is asked to send it.

    If it was sent already, the workspace owes what the free balance does not cover: `owed_minor`.
    """
    return Entry(
        "refundask",
        f"refundask:{refund}",
        workspace_id,
        without_zeros(
            (available(workspace_id, currency), owed_minor - amount_minor),
            (owed(workspace_id, currency), -owed_minor),
            (platform("refund_clearing", currency), amount_minor),
        ),
    )


def refund(*, workspace_id: uuid.UUID, currency: str, amount_minor: int, refund_id: str) -> Entry:
    """Build the journal of a refund that Stripe took from its balance."""
    return Entry(
        "refund",
        f"refund:{refund_id}",
        workspace_id,
        (
            (platform("refund_clearing", currency), -amount_minor),
            (platform("stripe_available", currency), amount_minor),
        ),
    )


def refund_fail(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    refund: uuid.UUID,
    was_taken: bool,
) -> Entry:
    """Build the journal of a refund that failed: `was_taken` says that Stripe had taken the money and put it back."""
    source = "stripe_available" if was_taken else "refund_clearing"
    return Entry(
        "refundfail",
        f"refundfail:{refund}",
        workspace_id,
        (
            (platform(source, currency), -amount_minor),
            (available(workspace_id, currency), amount_minor),
        ),
    )


def refund_bank(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    refund: uuid.UUID,
    reference: str,
    actor_id: uuid.UUID,
) -> Entry:
    """Build the journal of a refund by bank transfer, as a second member of staff confirmed."""
    return Entry(
        "refundbank",
        f"refundbank:{refund}",
        workspace_id,
        (
            (platform("refund_clearing", currency), -amount_minor),
            (platform("platform_cash", currency), amount_minor),
        ),
        reference,
        actor_id,
    )
