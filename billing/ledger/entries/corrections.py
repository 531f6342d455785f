"""The journal that reverses another one."""

import uuid

from billing.ledger.entries.base import Entry, Purse


def reversal(
    *,
    journal_id: uuid.UUID,
    workspace_id: uuid.UUID | None,
    lines: tuple[tuple[Purse, int], ...],
    reason: str,
    actor_id: uuid.UUID,
) -> Entry:
    """Build the journal that moves back what another one moved in these lines."""
    return Entry(
        "reverse",
        f"reverse:{journal_id}",
        workspace_id,
        tuple((purse, -amount) for purse, amount in lines),
        reason,
        actor_id,
        journal_id,
    )
