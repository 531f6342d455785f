"""Handlers that give back the money of closed batches, ask for replacements, and pay for the deciding of appeals."""

import uuid
from collections.abc import Sequence
from contextlib import suppress

from django.db import transaction

from billing.funding import replacements, services
from projects.items import services as batches
from projects.items.models import Batch
from projects.items.services import BATCH_CLOSED
from projects.review.children.appeals import FROZEN
from projects.review.services.accepting import ACCEPTED
from projects.review.services.rejecting import REJECTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.ground.refusals import Refused


def on_batch_closed(facts: Sequence[Fact]) -> None:
    """Give back the first chunk at once; the scheduled task gives back the rest."""
    for fact in facts:
        services.release_unused(batch_id=fact.subject_id)


def on_appeal_frozen(facts: Sequence[Fact]) -> None:
    """Fund and open the batches of appeals. Without money they stay drafts, and staff decide."""
    for fact in facts:
        batch = Batch.objects.get(pk=fact.subject_id)
        with suppress(Refused), transaction.atomic():
            services.start(batch=batch, actor_id=None)
            batches.open_batch(batch=batch, actor_id=None)


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

_UNPAID = """
    SELECT b.workspace_id, b.id AS subject_id, '{}'::jsonb AS data
    FROM projects_review_source s JOIN projects_items_item i ON i.id = s.item_id
    JOIN projects_items_batch b ON b.id = i.batch_id
    WHERE s.id > %(after)s AND s.id <= %(end)s AND s.purpose = 'appeal' AND b.status IN ('draft', 'funded')
"""
APPEAL_OWED = Debt(
    "a frozen appeal is paid for, unless there is no money",
    FROZEN,
    "projects_review_source",
    _UNPAID,
)


def register() -> None:
    """Register the handlers and the check for lost events. Called when the apps are ready."""
    debts.register(REPLACEMENT_OWED)
    debts.register(APPEAL_OWED)
    outbox.subscribe(BATCH_CLOSED, on_batch_closed)
    outbox.subscribe(FROZEN, on_appeal_frozen)
    outbox.subscribe(REJECTED, on_rejected)
    outbox.subscribe(ACCEPTED, on_accepted)
