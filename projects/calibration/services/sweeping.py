"""Decides attempts in which nothing more can be answered, and begins attempts of annotators who wait or are due.

System plane.
"""

import uuid

from django.db import connection, transaction

from projects.calibration.models import Attempt
from projects.calibration.services import attempts, verdicts
from rlhfhub.ground.refusals import Refused

MOST_AT_ONCE = 200


def decide_over() -> int:
    """Decide the running attempts of this workspace in which no item is left to answer. Returns how many.

    One call looks at the 200 that began first.
    """
    running = Attempt.objects.filter(state=Attempt.State.RUNNING)
    ids = list(running.order_by("began_at").values_list("enrollment_id", flat=True)[:MOST_AT_ONCE])
    return sum(_decide(enrollment_id) for enrollment_id in sorted(ids))


def _decide(enrollment_id: uuid.UUID) -> bool:
    with transaction.atomic():
        mine = verdicts.locked(enrollment_id)
        attempt = mine.filter(state=Attempt.State.RUNNING).first()
        return attempt is not None and verdicts.decide(attempt=attempt)


def begin_waiting() -> int:
    """Begin attempts of annotators of this workspace who wait and for whom a round is open. Returns how many began."""
    return attempts.begin_waiting(most=MOST_AT_ONCE)


# Running attempts in open batches whose annotator has answered nothing for longer than the round allows.
_IDLE = """
    SELECT a.enrollment_id FROM projects_calibration_attempt a JOIN projects_calibration_round r ON r.id = a.round_id
    JOIN projects_items_batch b ON b.id = a.batch_id AND b.status = 'open'
    WHERE a.state = 'running'
      AND COALESCE(a.resumed_at, a.began_at) < clock_timestamp() - r.idle_days * interval '1 day'
      AND NOT EXISTS (
          SELECT 1 FROM projects_work_annotation n WHERE n.enrollment_id = a.enrollment_id AND n.batch_id = a.batch_id
            AND n.submitted_at >= clock_timestamp() - r.idle_days * interval '1 day')
    ORDER BY a.began_at LIMIT %s
"""


def leave_idle() -> int:
    """Leave the attempts of this workspace that nobody has answered in for too long. Returns how many.

    Others can take their seats. Their annotators can ask to go on with them, or to begin another one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IDLE, [MOST_AT_ONCE])
        ids = [row[0] for row in cursor.fetchall()]
    return sum(_left(enrollment_id) for enrollment_id in sorted(ids))


def _left(enrollment_id: uuid.UUID) -> bool:
    with transaction.atomic():
        attempt = verdicts.locked(enrollment_id).filter(state=Attempt.State.RUNNING).first()
        return attempt is not None and verdicts.leave_idle(attempt=attempt)


# Whose last pass is longer ago than the project allows. The limit keeps the batch of one run small.
_DUE = """
    SELECT e.id, p.recalibrate_days FROM projects_plan_project p
    JOIN projects_enrollment_enrollment e ON e.project_id = p.id AND e.state = 'active'
    CROSS JOIN LATERAL (
        SELECT max(a.decided_at) AS at FROM projects_calibration_attempt a
        WHERE a.enrollment_id = e.id AND a.state = 'passed') last
    WHERE p.status = 'active' AND p.calibration = 'required'
      AND last.at < clock_timestamp() - p.recalibrate_days * interval '1 day'
      AND EXISTS (SELECT 1 FROM projects_calibration_round r WHERE r.project_id = p.id AND r.state = 'open')
    ORDER BY last.at LIMIT %s
"""


def recalibrate_due() -> int:
    """Recalibrate annotators who passed too long ago, in projects of this workspace that ask for it. Returns how many.

    An annotator who has had items of every open round goes on working.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [MOST_AT_ONCE])
        due = cursor.fetchall()
    return sum(_recalibrated(enrollment_id, days) for enrollment_id, days in due)


def _recalibrated(enrollment_id: uuid.UUID, days: int) -> bool:
    why = f"The last pass is more than {days} days ago."
    try:
        with transaction.atomic():
            attempts.recalibrate(enrollment_id=enrollment_id, why=why, cause=Attempt.Cause.SCHEDULE)
    except Refused:
        return False
    return True
