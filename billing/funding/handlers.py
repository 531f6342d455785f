"""Handlers that give back the money of closed batches, and ask for replacements of rejected answers."""

import uuid
from collections.abc import Sequence

from billing.funding import replacements, services
from projects.items.services import BATCH_CLOSED
from projects.review.services.accepting import ACCEPTED
from projects.review.services.rejecting import REJECTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact


def on_batch_closed(facts: Sequence[Fact]) -> None:
    """Give back the first chunk at once; the scheduled task gives back the rest."""
    for fact in facts:
        services.release_unused(batch_id=fact.subject_id)


def on_rejected(facts: Sequence[Fact]) -> None:
    """Ask for new slots for the rejected answers; a task makes them as the reserve pays for them."""
    replacements.want(annotation_ids=_annotations(facts))


def on_accepted(facts: Sequence[Fact]) -> None:
    """Drop replacements that wait for answers whose rejection was overturned."""
    replacements.drop(annotation_ids=_annotations(facts))


def _annotations(facts: Sequence[Fact]) -> list[uuid.UUID]:
    return [uuid.UUID(i) for fact in facts for i in fact.data["annotation_ids"]]


_MISSING = """
    SELECT d.workspace_id, a.project_id AS subject_id,
           jsonb_build_object('annotation_ids', jsonb_agg(a.id), 'item_ids', jsonb_agg(a.item_id)) AS data
    FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
    WHERE d.id > %(after)s AND d.id <= %(end)s AND d.verdict = 'rejected' AND a.state = 'rejected'
      AND NOT EXISTS (SELECT FROM billing_funding_replacement r WHERE r.annotation_id = a.id)
    GROUP BY d.workspace_id, a.project_id
"""
REPLACEMENT_OWED = Debt(
    "a rejected annotation has its replacement, or waits for it",
    REJECTED,
    "projects_review_decision",
    _MISSING,
)


def register() -> None:
    """Register the handlers and the check for lost events. Called when the apps are ready."""
    debts.register(REPLACEMENT_OWED)
    outbox.subscribe(BATCH_CLOSED, on_batch_closed)
    outbox.subscribe(REJECTED, on_rejected)
    outbox.subscribe(ACCEPTED, on_accepted)
