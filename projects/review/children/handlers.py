"""The handler that accepts answers once all of their paid reviewers have accepted them."""

import uuid
from collections.abc import Sequence

from projects.review.services import accepting
from projects.review.services.returning import REVISED
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy.planes import Plane


def on_submitted(facts: Sequence[Fact]) -> None:
    """Accept the answers whose review this completes. Items of other projects have no source, so nothing follows."""
    accepting.accept_reviewed(item_ids=[uuid.UUID(fact.data["item_id"]) for fact in facts])


def on_revised(facts: Sequence[Fact]) -> None:
    """Accept the answers whose review a revised verdict completes."""
    items = [uuid.UUID(item_id) for fact in facts for item_id in fact.data["item_ids"]]
    accepting.accept_reviewed(item_ids=items)


_MISSING = """
    SELECT v.workspace_id, v.id AS subject_id,
           jsonb_build_object('item_id', v.item_id, 'project_id', v.project_id) AS data
    FROM projects_work_annotation v JOIN projects_review_source s ON s.item_id = v.item_id
    JOIN projects_work_annotation a ON a.id = s.annotation_id
    WHERE v.id > %(after)s AND v.id <= %(end)s AND s.purpose = 'review' AND a.state = 'submitted'
      AND a.revised_at IS NOT DISTINCT FROM s.revised_at AND review_is_unanimous(v.item_id)
"""
ACCEPTANCE_OWED = Debt(
    "an answer that all its paid reviewers accept is decided",
    SUBMITTED,
    "projects_work_annotation",
    _MISSING,
)


def register() -> None:
    """Subscribe the handlers and register the check for lost events. Called when the apps are ready."""
    debts.register(ACCEPTANCE_OWED)
    outbox.subscribe(SUBMITTED, on_submitted, plane=Plane.SYSTEM)
    outbox.subscribe(REVISED, on_revised, plane=Plane.SYSTEM)
