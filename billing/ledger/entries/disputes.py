"""Journals of disputes: a bank takes a payment back until it is decided whose the money is."""

import uuid

from billing.ledger.entries.base import (
    Entry,
    Purse,
    available,
    owed,
    platform,
    without_zeros,
)


def _frozen(workspace_id: uuid.UUID, currency: str) -> Purse:
    return Purse("workspace_disputed", currency, workspace_id)


def dispute(
    *, workspace_id: uuid.UUID, currency: str, free_minor: int, owed_minor: int, dispute_id: str
) -> Entry:
    """Build the journal that freezes a disputed amount: what is free of it, and the rest as owed by the workspace."""
    return Entry(
        "dispute",
        f"dispute:{dispute_id}",
        workspace_id,
        without_zeros(
            (available(workspace_id, currency), -free_minor),
            (owed(workspace_id, currency), -owed_minor),
            (_frozen(workspace_id, currency), free_minor + owed_minor),
        ),
    )


def dispute_won(
    *, workspace_id: uuid.UUID, currency: str, free_minor: int, owed_minor: int, dispute_id: str
) -> Entry:
    """Build the journal that gives a frozen amount back: `owed_minor` of it repays what the workspace owes."""
    return Entry(
        "disputewon",
        f"disputewon:{dispute_id}",
        workspace_id,
        without_zeros(
            (_frozen(workspace_id, currency), -free_minor - owed_minor),
            (available(workspace_id, currency), free_minor),
            (owed(workspace_id, currency), owed_minor),
        ),
    )


def dispute_lost(
    *, workspace_id: uuid.UUID, currency: str, amount_minor: int, dispute_id: str
) -> Entry:
    """Build the journal of a frozen amount that stays with the bank."""
    return Entry(
        "disputelost",
        f"disputelost:{dispute_id}",
        workspace_id,
        (
            (_frozen(workspace_id, currency), -amount_minor),
            (platform("dispute_clearing", currency), amount_minor),
        ),
    )


def dispute_appeal(
    *, workspace_id: uuid.UUID, currency: str, free_minor: int, owed_minor: int, dispute_id: str
) -> Entry:
    """Build the journal that gives a lost amount back, because an appeal was won: `owed_minor` of it repays a debt."""
    return Entry(
        "disputeappeal",
        f"disputeappeal:{dispute_id}",
        workspace_id,
        without_zeros(
            (platform("dispute_clearing", currency), -free_minor - owed_minor),
            (available(workspace_id, currency), free_minor),
            (owed(workspace_id, currency), owed_minor),
        ),
    )


def dispute_money(
    *, workspace_id: uuid.UUID, currency: str, amount_minor: int, transaction: str
) -> Entry:
    """Build the journal of a disputed amount that Stripe took from the balance, or (if positive) put back."""
    kind = "disputeback" if amount_minor > 0 else "disputemoney"
    return Entry(
        kind,
        f"{kind}:{transaction}",
        workspace_id,
        (
            (platform("stripe_available", currency), -amount_minor),
            (platform("dispute_clearing", currency), amount_minor),
        ),
    )
