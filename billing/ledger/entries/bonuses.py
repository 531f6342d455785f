"""Journals of what annotators get beside the price of their answers. The platform takes no fee for it."""

import uuid

from billing.ledger.entries.base import Entry, available, payable, pending, promised


def promise(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    cause_id: uuid.UUID,
    actor_id: uuid.UUID | None,
) -> Entry:
    """Build the journal that sets money of a workspace aside: for a bonus, a top-up's bonuses, or readers."""
    return Entry(
        "promise",
        f"promise:{cause_id}",
        workspace_id,
        (
            (available(workspace_id, currency), -amount_minor),
            (promised(workspace_id, currency), amount_minor),
        ),
        actor_id=actor_id,
    )


def unpromise(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    cause_id: uuid.UUID,
    actor_id: uuid.UUID | None,
) -> Entry:
    """Build the journal that gives back what a workspace set aside and promised to nobody."""
    return Entry(
        "unpromise",
        f"unpromise:{cause_id}",
        workspace_id,
        (
            (promised(workspace_id, currency), -amount_minor),
            (available(workspace_id, currency), amount_minor),
        ),
        actor_id=actor_id,
    )


def bonus(
    *,
    workspace_id: uuid.UUID,
    person_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    bonus_id: uuid.UUID,
    is_clear: bool,
) -> Entry:
    """Build the journal that gives an annotator what was promised; it can be paid once it is clear."""
    purse = payable(person_id, currency)
    if not is_clear:
        purse = pending(workspace_id, person_id, currency)
    return Entry(
        "bonus",
        f"bonus:{bonus_id}",
        workspace_id,
        (
            (promised(workspace_id, currency), -amount_minor),
            (purse, amount_minor),
        ),
    )
