"""Decides attempts in which nothing more can be answered, and begins attempts of annotators who wait or are due.

System plane.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import Q

from projects.calibration.models import Attempt, Round
from projects.calibration.services import attempts, verdicts
from projects.items.models import Batch
from rlhfhub.ground.refusals import Refused

MOST_AT_ONCE = 200
#: A moment and an id, after which a page of a sweep begins.
After = tuple[datetime, uuid.UUID]
FIRST: After = (datetime.min.replace(tzinfo=UTC), uuid.UUID(int=0))


@dataclass(frozen=True, slots=True)
class Swept:
    """What one page of a sweep did: `count` attempts were changed. The next page begins after `rest`; None if last."""

    count: int
    rest: After | None


def decide_over(after: After = FIRST) -> Swept:
    """Decide running attempts of this workspace in which no item is left to answer: one page, oldest first."""
    running = Attempt.objects.filter(state=Attempt.State.RUNNING)
    page = running.filter(Q(began_at=after[0], pk__gt=after[1]) | Q(began_at__gt=after[0]))
    rows = page.order_by("began_at", "pk").values_list("began_at", "pk", "enrollment_id")
    found = list(rows[:MOST_AT_ONCE])
    return Swept(_decided([row[2] for row in found]), _rest([row[:2] for row in found]))


def decide_closed() -> int:
    """Decide the running attempts of this workspace whose round or batch is closed. Returns how many.

    A round has seats for 75 attempts at most.
    """
    is_closed = Q(round__state=Round.State.CLOSED) | Q(
        batch__status__in=[Batch.Status.CLOSED, Batch.Status.SIGNED_OFF]
    )
    running = Attempt.objects.filter(is_closed, state=Attempt.State.RUNNING)
    return _decided(list(running.values_list("enrollment_id", flat=True)))


def _decided(enrollment_ids: Sequence[uuid.UUID]) -> int:
    return sum(_decide(enrollment_id) for enrollment_id in sorted(enrollment_ids))


def _rest(page: Sequence[After]) -> After | None:
    """Return after which row the next page begins; None if this one is not full."""
    return page[-1] if len(page) == MOST_AT_ONCE else None


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


# Whose last pass is longer ago than the project allows, the longest ago first.
_DUE = """
    SELECT last.at, e.id, p.recalibrate_days FROM projects_plan_project p
    JOIN projects_enrollment_enrollment e ON e.project_id = p.id AND e.state = 'active'
    CROSS JOIN LATERAL (
        SELECT max(a.decided_at) AS at FROM projects_calibration_attempt a
        WHERE a.enrollment_id = e.id AND a.state = 'passed') last
    WHERE p.status = 'active' AND p.calibration = 'required'
      AND last.at < clock_timestamp() - p.recalibrate_days * interval '1 day'
      AND (last.at, e.id) > (%s, %s)
      AND EXISTS (SELECT 1 FROM projects_calibration_round r WHERE r.project_id = p.id AND r.state = 'open')
    ORDER BY last.at, e.id LIMIT %s
"""


def recalibrate_due(after: After = FIRST) -> Swept:
    """Recalibrate annotators who passed too long ago, in projects of this workspace that ask for it: one page.

    An annotator who has had items of every open round goes on working.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [*after, MOST_AT_ONCE])
        due = cursor.fetchall()
    done = sum(_recalibrated(enrollment_id, days) for _, enrollment_id, days in due)
    return Swept(done, _rest([row[:2] for row in due]))


def _recalibrated(enrollment_id: uuid.UUID, days: int) -> bool:
    why = f"The last pass is more than {days} days ago."
    try:
        with transaction.atomic():
            attempts.recalibrate(enrollment_id=enrollment_id, why=why, cause=Attempt.Cause.SCHEDULE)
    except Refused:
        return False
    return True
