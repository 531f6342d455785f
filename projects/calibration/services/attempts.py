"""Services of attempts: begin, retake and resume them at the desk, begin those of annotators who wait, recalibrate.

The database's function `calibration_begin` decides what begins, one at a time for each project; here its answer is put
into words.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from projects.calibration import notices
from projects.calibration.models import Attempt, Round
from projects.enrollment import clearing
from projects.work import pauses
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.planes import standing

#: With so many unmarked answers an annotator waits until some of them are marked.
MOST_UNMARKED = 3

RECALIBRATES = (Attempt.Cause.ALERT, Attempt.Cause.SCHEDULE)

_REFUSALS = {
    "not_asked": "This project asks for no calibration.",
    "not_active": "Your work in this project is paused or ended.",
    "not_accepted": "Read and accept the guidelines in force first.",
    "too_early": "You can try again when the waiting time after your last attempt is over.",
    "waits": "No round is open to you now, or none has an attempt left for you.",
    "cleared": "You have passed, and need no second attempt.",
    "running": "Your attempt has begun already.",
}

# What keeps somebody from a recalibration, for the members who ask for it.
_OBSTACLES = {
    "not_asked": "This project asks for no calibration.",
    "not_active": "Only an active annotator can be recalibrated.",
    "not_accepted": "This annotator has not accepted the guidelines in force yet, and calibrates when they do.",
    "no_round": "No round is open whose items are all new to this annotator. Add keyed items, then make, fund and open "
    "another round.",
    "too_early": "This annotator failed an attempt, and the waiting time after it is not over.",
    "running": "This annotator calibrates already.",
}


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Whether an annotator can be recalibrated now; otherwise `words` say why not.

    `follows` says that they calibrate in any case, as soon as they accept the guidelines in force.
    """

    is_possible: bool
    follows: bool
    words: str


def recalibration_of(enrollment_id: uuid.UUID) -> Recalibration:
    """Return whether an annotator can be recalibrated now. Workspace plane."""
    obstacle = _call("SELECT door_calibration_obstacle(%s)", enrollment_id)
    return Recalibration(not obstacle, obstacle == "not_accepted", _OBSTACLES.get(obstacle, ""))


def begin_attempt(enrollment_id: uuid.UUID) -> None:
    """Begin an attempt of an annotator who has accepted the guidelines, or let them wait for a round. Annotator plane.

    If one is running, or none is needed, nothing changes.
    """
    _call("SELECT door_calibration_begin(%s, false)", enrollment_id)


def retake(*, enrollment_id: uuid.UUID) -> None:
    """Begin the second attempt, on other items, after the wait; or go on with an attempt that was left idle.

    If an attempt runs already, nothing changes. Who was idle goes on while the round is open and a seat is free, and
    begins another attempt if another round is open to them. Annotator plane.

    Raises: Refused (409) before the wait is over, and if no round is open to this annotator.
    """
    outcome = _call("SELECT door_calibration_begin(%s, true)", enrollment_id)
    if outcome not in ("begun", "running"):
        raise _refused(outcome)


def waits_for_marks(enrollment_id: uuid.UUID) -> bool:
    """Return whether so many answers of a running attempt are unmarked that its annotator gets no further item.

    The verdict may be in those answers, and each further item would be paid and measure nothing. Annotator plane.
    """
    return bool(_call("SELECT door_calibration_unmarked(%s)", enrollment_id) >= MOST_UNMARKED)


def begin_waiting(*, most: int, of: Round | None = None) -> int:
    """Begin the attempts of up to `most` people who wait and can begin now, those who joined first.

    With `of`, which has just been opened, they are of its project, and those who failed before are among them. Without
    it they are of the whole workspace, and who failed, or was idle, asks for the next attempt. Workspace plane, or
    system plane of one workspace.

    Returns: how many began.
    """
    with connection.cursor() as cursor:
        only = of.project_id if of else None
        cursor.execute(
            "SELECT id FROM door_calibration_waiting(%s, %s, %s)", [only, of is not None, most]
        )
        waiting = [row[0] for row in cursor.fetchall()]
    return sum(_begun(enrollment_id) for enrollment_id in waiting)


def _begun(enrollment_id: uuid.UUID) -> bool:
    with transaction.atomic():
        has_begun = bool(_call("SELECT door_calibrate(%s, 'joined')", enrollment_id) == "begun")
        if has_begun:
            notices.tell_of_beginning(enrollment_id)
    return has_begun


def recalibrate(
    *, enrollment_id: uuid.UUID, why: str, cause: str = Attempt.Cause.ALERT
) -> uuid.UUID:
    """Let an active annotator calibrate again, instead of main work, in the newest round with items new to them.

    Workspace plane, or the system plane of one workspace. `why` is kept in the audit trail.

    Returns: the id of the attempt.
    Raises: Refused (409) if the annotator is not active or has not accepted the guidelines in force, the project asks
        for no calibration, or no round is open.
    """
    if cause not in RECALIBRATES:
        raise ValueError(f"not a cause of recalibration: {cause}")
    outcome = _call("SELECT door_calibrate(%s, %s)", enrollment_id, str(cause))
    if outcome != "begun":
        raise Refused(outcome, _OBSTACLES[outcome], status=409)
    _note("calibration.recalibrate", enrollment_id, why)
    notices.tell_of_beginning(enrollment_id)
    running: uuid.UUID = Attempt.objects.values_list("pk", flat=True).get(
        enrollment=enrollment_id, state=Attempt.State.RUNNING
    )
    return running


def reinstate(*, enrollment_id: uuid.UUID, why: str, alert_at: datetime | None = None) -> bool:
    """Undo a recalibration that is not decided yet: the annotator is active again, and the attempt counts as left.

    With `alert_at`, when an alert asked for it, a recalibration that was failed is undone too, with the attempts to
    retake it: the alert was the only reason for it, and no rule keeps somebody from work. One that began later, for
    another reason, is not undone. Workspace plane, or the system plane of one workspace. `why` is shown to the
    annotator.

    Returns: whether there was one to undo.
    """
    undone = _call("SELECT door_uncalibrate(%s, %s, %s)", enrollment_id, why[:1000], alert_at)
    if undone:
        _note("calibration.reinstate", enrollment_id, why)
    return bool(undone)


def _note(verb: str, enrollment_id: uuid.UUID, why: str) -> None:
    audit.note(verb, enrollment_id, actor_id=standing().person, data={"why": why})


def _call(query: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise Refused("not_found", "Not found.", status=404)
    return row[0]


def _refused(outcome: str) -> Refused:
    return Refused(outcome, _REFUSALS[outcome], status=409)


def register() -> None:
    """Register how accepting the guidelines begins calibration, and when it pauses. Called from ready()."""
    clearing.register(begin_attempt)
    pauses.register(waits_for_marks)
