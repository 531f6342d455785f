"""What people and the clock do to answers. Over REST each returns the status and the code of the refusal, if any."""

import uuid
from typing import Any

from projects.review.models import Decision
from projects.review.services import appeals
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests import databases
from tests.concurrency.conftest import Race
from tests.people import Annotator, client_for
from tests.rejections import NOTE

DONE = (200, "")
DECIDED = (409, "decided")
Reply = tuple[int, str]


def reply(response: Any) -> Reply:
    """Return the status of a response, and the code of its refusal."""
    return response.status_code, response.json().get("code", "") if response.content else ""


def reject(secret: str, answer: uuid.UUID, key: str = "") -> Reply:
    """Reject an answer with a member's API key, and with `key` as the Idempotency-Key."""
    body = {"reason": "rule", "rule": "R1", "note": NOTE}
    more = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    path = f"/api/v1/annotations/{answer}/reject/"
    return reply(client_for(secret).post(path, body, **more))


def accept(secret: str, answer: uuid.UUID) -> Reply:
    """Accept an answer with a member's API key."""
    return reply(client_for(secret).post(f"/api/v1/annotations/{answer}/accept/"))


def appeal(annotator: Annotator, answer: uuid.UUID) -> Reply:
    """Appeal against a rejection as the annotator."""
    path = f"/api/v1/desk/annotations/{answer}/appeal/"
    return reply(annotator.client.post(path, {"statement": "I followed the rule, see line 2."}))


def leave(annotator: Annotator) -> Reply:
    """Leave the annotator's project."""
    path = f"/api/v1/desk/enrollments/{annotator.enrollment.pk}/leave/"
    return reply(annotator.client.post(path))


def submit(annotator: Annotator, lease: dict[str, Any]) -> Reply:
    """Submit the lease's first response."""
    return reply(annotator.submit(lease))


def decide(answer: uuid.UUID, staff_id: uuid.UUID, *, broken: bool) -> str:
    """Decide an appeal as one of the staff. Returns the verdict. Raises: Refused."""
    with planes.entered(Plane.STAFF, person=staff_id):
        made = appeals.decide(
            annotation_id=answer, broken=broken, note="The rule says so.", decider_id=staff_id
        )
    return str(made.verdict)


def verdicts(race: Race, answer: uuid.UUID) -> list[tuple[str, str]]:
    """Return the decisions on an answer, the first stage first, each with who made it."""
    with planes.in_workspace(race.tenant.pk):
        rows = Decision.objects.filter(annotation=answer).order_by("stage")
        return list(rows.values_list("verdict", "by"))


def state_of(race: Race, answer: uuid.UUID) -> str:
    """Return the state of an answer."""
    with planes.in_workspace(race.tenant.pk):
        return str(Annotation.objects.get(pk=answer).state)


_TIMES = {
    "decision": ("projects_work_annotation", "decide_by = {at}", "id"),
    # Its rejection is at least seven days old: see `pass_days`.
    "appeal": (
        "projects_review_decision",
        "appeal_by = {at}",
        "appeal_by IS NOT NULL AND annotation_id",
    ),
    "end of appeal": (
        "projects_review_appeal",
        "appealed_at = {at} - interval '1 day', decide_by = {at}",
        "annotation_id",
    ),
}


def let_pass(race: Race, answer: uuid.UUID, what: str, seconds: float = -1) -> float:
    """Let the time for what may be done about the answer be over in so many seconds; by default it is over.

    Returns: when that is, in seconds since 1970.
    """
    table, change, key = _TIMES[what]
    at = f"clock_timestamp() + interval '{seconds} s'"
    with databases.connected(**race.login) as owner, owner.transaction():
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute(f"UPDATE {table} SET {change.format(at=at)} WHERE {key} = %s", [answer])
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        row = owner.execute("SELECT EXTRACT(epoch FROM clock_timestamp())::float8").fetchone()
    assert row
    return float(row[0]) + seconds
