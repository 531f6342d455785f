"""An annotation changes state only as declared, by decisions and returns; its first answer is kept (W11, W15)."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError

from projects.items.models import Batch
from projects.work.models import Annotation, AnnotationHistory
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.people import Annotator
from tests.revisions import as_owner, revise, send_back


@pytest.fixture
def given(batch: Batch, annotators: list[Annotator]) -> uuid.UUID:
    """An undecided answer."""
    lease: Any = annotators[0].lease()
    return uuid.UUID(annotators[0].submit(lease).json()["id"])


_DECIDE = """
    WITH d AS (INSERT INTO projects_review_decision
        (id, workspace_id, annotation_id, annotator_id, stage, verdict, by, reviewer_id, reason, rule, note,
         decided_at, appeal_by)
        SELECT gen_random_uuid(), a.workspace_id, a.id, a.annotator_id, %s, w.verdict, 'person', gen_random_uuid(),
            CASE w.verdict WHEN 'rejected' THEN 'rule' ELSE '' END,
            CASE w.verdict WHEN 'rejected' THEN v.rules -> 0 ->> 'id' ELSE '' END, 'See the rule.', clock_timestamp(),
            CASE w.verdict WHEN 'rejected' THEN clock_timestamp() + interval '8 days' END
        FROM projects_work_annotation a JOIN projects_plan_guidelineversion v ON v.id = a.guideline_version_id,
            (SELECT %s AS verdict) w
        WHERE a.id = %s RETURNING annotation_id)
    UPDATE projects_work_annotation a SET state = %s FROM d WHERE a.id = d.annotation_id
"""
_APPEAL = """
    INSERT INTO projects_review_appeal
        (id, workspace_id, annotation_id, annotator_id, statement, appealed_at, decide_by)
    SELECT gen_random_uuid(), workspace_id, id, annotator_id, 'I did.', clock_timestamp(),
        clock_timestamp() + interval '1 day' FROM projects_work_annotation WHERE id = %s
"""


def decide(annotation: uuid.UUID, stage: int, verdict: str, state: str) -> None:
    as_owner(_DECIDE, stage, verdict, annotation, state)


def test_rejected_work_is_accepted_by_a_second_decision_alone(given: uuid.UUID) -> None:
    decide(given, 1, "rejected", "rejected")
    with pytest.raises(DatabaseError, match="only with a decision"):
        as_owner("UPDATE projects_work_annotation SET state = 'accepted' WHERE id = %s", given)
    with pytest.raises(DatabaseError, match="decision_once"):
        decide(given, 1, "accepted", "accepted")
    with pytest.raises(DatabaseError, match="ends by an appeal"):
        decide(given, 2, "overturned", "accepted")
    as_owner(_APPEAL, given)
    decide(given, 2, "overturned", "accepted")
    with pytest.raises(DatabaseError, match="annotation changes only by declared transitions"):
        as_owner("UPDATE projects_work_annotation SET state = 'rejected' WHERE id = %s", given)


@pytest.mark.parametrize(
    ("stage", "verdict", "state"),
    [(2, "upheld", "submitted"), (2, "overturned", "accepted"), (1, "upheld", "rejected")],
)
def test_the_second_stage_follows_a_rejection(
    given: uuid.UUID, stage: int, verdict: str, state: str
) -> None:
    with pytest.raises(DatabaseError):
        decide(given, stage, verdict, state)


def test_a_revised_answer_keeps_the_first_in_its_history(
    workspace_a: Tenant, given: uuid.UUID
) -> None:
    with planes.in_workspace(workspace_a.pk):
        first = Annotation.objects.get(pk=given)
    send_back(given)
    revise(given, {"preference": {"choice": "tie"}}, [0])
    with pytest.raises(DatabaseError, match="return_once"):
        send_back(given)
    with planes.in_workspace(workspace_a.pk):
        now = Annotation.objects.get(pk=given)
        kept = AnnotationHistory.objects.filter(annotation=given).order_by("number")
        assert [(h.number, h.answer, h.judged) for h in kept] == [
            (1, first.answer, first.judged),
        ]
    assert (now.state, now.judged, now.submitted_at) == ("submitted", [0], first.submitted_at)
    with pytest.raises(DatabaseError, match="append"):
        as_owner("UPDATE projects_work_annotationhistory SET judged = '{0}'")


def test_an_answer_changes_only_when_it_was_returned(given: uuid.UUID) -> None:
    for change in ("answer = '{}'", "judged = '{0}'", "seconds = 1", "decide_by = now()"):
        with pytest.raises(DatabaseError, match="annotation changes only by declared transitions"):
            as_owner(f"UPDATE projects_work_annotation SET {change} WHERE id = %s", given)


def test_nothing_is_returned_without_its_note_nor_answered_without_it(given: uuid.UUID) -> None:
    with pytest.raises(DatabaseError, match="exactly while its return is open"):
        as_owner("UPDATE projects_work_annotation SET state = 'returned' WHERE id = %s", given)
    send_back(given)
    with pytest.raises(DatabaseError, match="exactly while its return is open"):
        as_owner(
            "UPDATE projects_work_annotation SET state = 'submitted', revised_at = now() WHERE id = %s",
            given,
        )
