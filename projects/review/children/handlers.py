"""The handlers that accept what all paid reviewers accept, and have appeals decided by annotators of the platform."""

import uuid
from collections.abc import Sequence

from projects.plan.models import Project
from projects.review.children import appeals, questions
from projects.review.services import accepting
from projects.review.services.appeals import APPEALED, ENDED
from projects.review.services.returning import REVISED
from projects.work.services import checks
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane


def on_submitted(facts: Sequence[Fact]) -> None:
    """Do what follows from the verdicts of reviewers and deciders. Items of other projects have no source."""
    _follow([uuid.UUID(fact.data["item_id"]) for fact in facts])


def on_revised(facts: Sequence[Fact]) -> None:
    """Do what follows from revised verdicts."""
    _follow([uuid.UUID(item_id) for fact in facts for item_id in fact.data["item_ids"]])


def _follow(item_ids: list[uuid.UUID]) -> None:
    accepting.accept_reviewed(item_ids=item_ids)
    with planes.as_system():  # an appeal is of another workspace than its item
        appeals.decide(item_ids=item_ids)


def on_appealed(facts: Sequence[Fact]) -> None:
    """Ask an annotator of the platform to decide the appeals."""
    with planes.as_system():
        appeals.freeze(annotation_ids=_annotations(facts))


def on_ended(facts: Sequence[Fact]) -> None:
    """Ask nobody any more to decide appeals that have ended."""
    with planes.as_system():
        appeals.withdraw(annotation_ids=_annotations(facts))


def _annotations(facts: Sequence[Fact]) -> list[uuid.UUID]:
    return [uuid.UUID(i) for fact in facts for i in fact.data["annotation_ids"]]


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

_UNFROZEN = """
    SELECT p.workspace_id, a.project_id AS subject_id,
           jsonb_build_object('annotation_ids', jsonb_agg(a.id), 'item_ids', jsonb_agg(a.item_id)) AS data
    FROM projects_review_appeal p JOIN projects_work_annotation a ON a.id = p.annotation_id
    WHERE p.id > %(after)s AND p.id <= %(end)s AND a.state = 'rejected' AND p.left_to_staff = ''
      AND EXISTS (SELECT 1 FROM projects_plan_project WHERE purpose = 'appeal' AND status = 'active')
      AND NOT EXISTS (SELECT 1 FROM projects_review_source s WHERE s.annotation_id = a.id AND s.purpose = 'appeal')
      AND NOT EXISTS (SELECT 1 FROM projects_review_decision d WHERE d.annotation_id = a.id AND d.stage = 2)
    GROUP BY p.workspace_id, a.project_id
"""
FREEZING_OWED = Debt(
    "an appeal that waits is an item, or left to staff",
    APPEALED,
    "projects_review_appeal",
    _UNFROZEN,
)
_UNDECIDED = """
    SELECT v.workspace_id, v.id AS subject_id,
           jsonb_build_object('item_id', v.item_id, 'project_id', v.project_id) AS data
    FROM projects_work_annotation v JOIN projects_review_source s ON s.item_id = v.item_id
    JOIN projects_review_appeal p ON p.annotation_id = s.annotation_id AND p.left_to_staff = ''
    WHERE v.id > %(after)s AND v.id <= %(end)s AND s.purpose = 'appeal' AND v.state IN ('submitted', 'accepted')
      AND NOT EXISTS (SELECT 1 FROM projects_review_decision d WHERE d.annotation_id = s.annotation_id AND d.stage = 2)
"""
DECISION_OWED = Debt(
    "an appeal that an annotator judged is decided",
    SUBMITTED,
    "projects_work_annotation",
    _UNDECIDED,
)


def register() -> None:
    """Subscribe the handlers, and register the check for lost events and that of reviewers' answers.

    Called when the apps are ready.
    """
    checks.register(Project.Purpose.REVIEW, questions.problems_in)
    for debt in (ACCEPTANCE_OWED, FREEZING_OWED, DECISION_OWED):
        debts.register(debt)
    outbox.subscribe(SUBMITTED, on_submitted, plane=Plane.SYSTEM)
    outbox.subscribe(REVISED, on_revised, plane=Plane.SYSTEM)
    outbox.subscribe(APPEALED, on_appealed, plane=Plane.SYSTEM)
    outbox.subscribe(ENDED, on_ended, plane=Plane.SYSTEM)
