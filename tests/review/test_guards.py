"""Each trigger of decisions refuses what no plane may do, and without it the same statement is taken."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.factories import Tenant, make_batch
from tests.people import Annotator, make_user
from tests.rejections import appealed, pass_days, rejected
from tests.revisions import send_back

DECISION, RETURN = "projects_review_decision", "projects_review_return"
APPEAL = "projects_review_appeal"

_DECIDE = """
    WITH decided AS (
        INSERT INTO projects_review_decision (id, workspace_id, annotation_id, annotator_id, stage, verdict, "by",
            reviewer_id, reason, rule, note, decided_at, appeal_by)
        SELECT gen_random_uuid(), workspace_id, id, annotator_id, %(stage)s, %(verdict)s, %(by)s, %(reviewer)s,
            %(reason)s, %(rule)s, 'See the rule.', clock_timestamp(),
            CASE WHEN %(verdict)s = 'rejected' THEN clock_timestamp() + interval '8 days' END
        FROM projects_work_annotation WHERE id = %(answer)s RETURNING annotation_id)
    UPDATE projects_work_annotation a
    SET state = CASE %(verdict)s WHEN 'overturned' THEN 'accepted' ELSE 'rejected' END
    FROM decided d WHERE a.id = d.annotation_id
"""
_APPEAL = """
    INSERT INTO projects_review_appeal
        (id, workspace_id, annotation_id, annotator_id, statement, appealed_at, decide_by)
    SELECT gen_random_uuid(), workspace_id, id, annotator_id, 'I did.', clock_timestamp(),
        clock_timestamp() + interval '1 day' FROM projects_work_annotation WHERE id = %(answer)s
"""
_REVISE = """
    WITH answered AS (
        UPDATE projects_review_return SET answered_at = clock_timestamp() WHERE annotation_id = %(answer)s
        RETURNING annotation_id, answered_at)
    UPDATE projects_work_annotation a SET state = 'submitted', revised_at = r.answered_at,
        decide_by = r.answered_at + b.auto_accept_hours * interval '1 hour'
    FROM answered r, projects_items_batch b WHERE a.id = r.annotation_id AND b.id = a.batch_id
"""


@dataclass(frozen=True)
class Forgery:
    """A statement in a plane, after `before` and `days` later, which the trigger `guard` of `table` refuses."""

    plane: Plane
    table: str
    guard: str
    constraint: str
    before: str = ""
    days: int = 0
    statement: str = _DECIDE
    values: dict[str, Any] = field(default_factory=dict)


_REJECT = {"stage": 1, "verdict": "rejected", "by": "person", "reason": "rule", "rule": "R1"}
_END = {"stage": 2, "by": "clock", "reason": "", "rule": ""}
FORGERIES = {
    "a rejection for a rule that the guidelines lack": Forgery(
        Plane.WORKSPACE, DECISION, "cites_rule", "decision_rule", values=_REJECT | {"rule": "R99"}
    ),
    "a rejection after the time to decide": Forgery(
        Plane.WORKSPACE, DECISION, "accepts", "decision_own_name", days=4, values=_REJECT
    ),
    "an end before the time to appeal is over": Forgery(
        Plane.SYSTEM,
        DECISION,
        "finishes",
        "decision_appealed",
        "rejected",
        values=_END | {"verdict": "lapsed"},
    ),
    "an appeal that the clock decides too early": Forgery(
        Plane.SYSTEM,
        DECISION,
        "finishes",
        "decision_appealed",
        "appealed",
        values=_END | {"verdict": "overturned"},
    ),
    "an appeal that staff uphold too late": Forgery(
        Plane.STAFF,
        DECISION,
        "finishes",
        "decision_appealed",
        "appealed",
        days=6,
        values=_END | {"verdict": "upheld", "by": "person"},
    ),
    "an appeal after its time": Forgery(
        Plane.ANNOTATOR,
        APPEAL,
        "in_time",
        "appeal_in_time",
        "rejected",
        days=8,
        statement=_APPEAL,
    ),
    "an appeal without a rejection": Forgery(
        Plane.ANNOTATOR, APPEAL, "in_time", "appeal_in_time", statement=_APPEAL
    ),
    "a revision after its time": Forgery(
        Plane.ANNOTATOR, RETURN, "edge", "return_in_time", "returned", days=4, statement=_REVISE
    ),
}


@pytest.fixture
def answer(project: Project, annotators: list[Annotator]) -> uuid.UUID:
    make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    lease = annotators[0].lease()
    assert lease
    return uuid.UUID(annotators[0].submit(lease).json()["id"])


@pytest.mark.parametrize("name", FORGERIES)
def test_the_guard_alone_refuses(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    answer: uuid.UUID,
    name: str,
) -> None:
    forgery, annotator = FORGERIES[name], annotators[0].user.pk
    if forgery.before in {"rejected", "appealed"}:
        rejected(answer, workspace_a)
    if forgery.before == "appealed":
        appealed(answer, workspace_a, annotator)
    if forgery.before == "returned":
        send_back(answer)
    pass_days(forgery.days)
    person = {
        Plane.WORKSPACE: workspace_a.owner.pk,
        Plane.STAFF: make_user("Staff", is_staff=True).pk,
        Plane.ANNOTATOR: annotator,
    }.get(forgery.plane)
    values = forgery.values | {"answer": answer}
    values["reviewer"] = person if values.get("by") == "person" else None

    def forge() -> None:
        where = {"workspace": workspace_a.pk, "person": person, "project": project.pk}
        with (
            transaction.atomic(),
            planes.entered(forgery.plane, **where),
            connection.cursor() as cursor,
        ):
            cursor.execute(forgery.statement, values)
            assert cursor.rowcount == 1

    with pytest.raises(DatabaseError) as refused:
        forge()
    diagnosis: Any = refused.value.__cause__
    assert diagnosis.diag.constraint_name == forgery.constraint
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {forgery.table} DISABLE TRIGGER {forgery.guard}")
    forge()
