"""Handlers that tell reviewers of appeals, and both sides how a rejection ended."""

import uuid
from collections.abc import Sequence

from projects.review import notices
from projects.review.services.appeals import APPEALED, ENDED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact


def on_appealed(facts: Sequence[Fact]) -> None:
    """Tell the reviewers whose rejections are appealed."""
    notices.tell_of_appeals(_annotations(facts))


def on_ended(facts: Sequence[Fact]) -> None:
    """Tell annotators and reviewers how the rejections ended."""
    notices.tell_of_ends(_annotations(facts))


def _annotations(facts: Sequence[Fact]) -> list[uuid.UUID]:
    return [uuid.UUID(i) for fact in facts for i in fact.data["annotation_ids"]]


_MISSING = """
    SELECT d.workspace_id, a.project_id AS subject_id,
           jsonb_build_object('annotation_ids', jsonb_agg(a.id), 'item_ids', jsonb_agg(a.item_id)) AS data
    FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
    WHERE d.id > %(after)s AND d.id <= %(end)s AND d.stage = 2
      AND NOT EXISTS (SELECT FROM rlhfhub_notices_notice n
                      WHERE n.person_id = a.annotator_id AND n.cause = 'review.ended:' || a.id)
    GROUP BY d.workspace_id, a.project_id
"""
END_OWED = Debt(
    "an annotator was told how a rejection ended", ENDED, "projects_review_decision", _MISSING
)


def register() -> None:
    """Subscribe the handlers and register the check for lost events. Called when the apps are ready."""
    debts.register(END_OWED)
    outbox.subscribe(APPEALED, on_appealed)
    outbox.subscribe(ENDED, on_ended)
