"""Journals of a workspace's money: booked by hand, set aside for batches, given back."""

import uuid

from billing.ledger.entries.base import Entry, available, budget, platform, reserve, without_zeros


def deposit(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    reference: str,
    actor_id: uuid.UUID,
    note: str,
) -> Entry:
    """Build the journal of money received for a workspace, as a member of staff confirmed."""
    return Entry(
        "deposit",
        f"deposit:{reference}",
        workspace_id,
        (
            (platform("platform_cash", currency), -amount_minor),
            (available(workspace_id, currency), amount_minor),
        ),
        note,
        actor_id,
    )


def fund(
    *,
    workspace_id: uuid.UUID,
    batch_id: uuid.UUID,
    currency: str,
    budget_minor: int,
    reserve_minor: int,
    funding_id: uuid.UUID,
) -> Entry:
    """Build the journal that moves money from the workspace's free balance into a batch's budget and reserve."""
    return Entry(
        "fund",
        f"fund:{funding_id}",
        workspace_id,
        without_zeros(
            (available(workspace_id, currency), -budget_minor - reserve_minor),
            (budget(workspace_id, batch_id, currency), budget_minor),
            (reserve(workspace_id, batch_id, currency), reserve_minor),
        ),
    )


def draw(
    *,
    workspace_id: uuid.UUID,
    batch_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    funding_id: uuid.UUID,
) -> Entry:
    """Build the journal that moves money from a batch's reserve into its budget, for more slots."""
    return Entry(
        "draw",
        f"draw:{funding_id}",
        workspace_id,
        (
            (reserve(workspace_id, batch_id, currency), -amount_minor),
            (budget(workspace_id, batch_id, currency), amount_minor),
        ),
    )


def release(
    *,
    workspace_id: uuid.UUID,
    batch_id: uuid.UUID,
    currency: str,
    budget_minor: int,
    reserve_minor: int,
    cause_id: uuid.UUID,
) -> Entry:
    """Build the journal that gives the money of cancelled slots, and the unused reserve, back to the workspace."""
    return Entry(
        "release",
        f"release:{cause_id}",
        workspace_id,
        without_zeros(
            (budget(workspace_id, batch_id, currency), -budget_minor),
            (reserve(workspace_id, batch_id, currency), -reserve_minor),
            (available(workspace_id, currency), budget_minor + reserve_minor),
        ),
    )
