"""What annotators are told about calibration: an attempt has begun without their asking, and how one ended."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from projects.calibration.models import Attempt
from rlhfhub.ground.moments import moment_words
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

BEGUN, ENDED = "calibration.begun", "calibration.ended"


def tell_of_beginning(enrollment_id: uuid.UUID) -> None:
    """Tell an annotator that the attempt which runs now has begun. Workspace plane, or system plane of a workspace."""
    rows = Attempt.objects.select_related("project", "enrollment")
    attempt = rows.get(enrollment=enrollment_id, state=Attempt.State.RUNNING)
    _tell(attempt, BEGUN, {"cause": str(attempt.cause)}, str(attempt.pk))


def tell_of_end(attempt: Attempt) -> None:
    """Tell an annotator how their attempt ended, and when they may try again. System plane of a workspace.

    An attempt that was left idle and went on ends again, and each of its ends is told.
    """
    retake_at = None
    if attempt.state == Attempt.State.FAILED and attempt.number == 1 and attempt.decided_at:
        wait = timedelta(hours=attempt.round.wait_hours)
        retake_at = (attempt.decided_at + wait).isoformat()
    data = {"state": str(attempt.state), "was_idle": attempt.was_idle, "retake_at": retake_at}
    _tell(attempt, ENDED, data, f"{attempt.pk}:{attempt.decided_at}")


def _tell(attempt: Attempt, kind: str, data: dict[str, Any], cause: str) -> None:
    services.tell(
        person_id=attempt.enrollment.annotator_id,
        workspace_id=attempt.workspace_id,
        kind=kind,
        cause=cause,
        data={
            "project": attempt.project.name,
            "enrollment_id": str(attempt.enrollment_id),
            **data,
        },
    )


_WHY_BEGUN = {
    Attempt.Cause.ALERT: "An alert about your answers asked for it. Until you have passed, or the alert is lifted, you "
    "get these paid items instead of your usual work.",
    Attempt.Cause.SCHEDULE: "Your last calibration was some time ago. Until you have passed, you get these paid items "
    "instead of your usual work.",
}
_BEGUN = "A round is open now. Its items are paid; when you have passed, you get work on the project's data."


def _begun(data: dict[str, Any]) -> Words:
    path = reverse("desk", args=[data["enrollment_id"]])
    text = _WHY_BEGUN.get(data["cause"], _BEGUN)
    return Words(f"Your calibration for {data['project']} has begun", text, path)


def _ended(data: dict[str, Any]) -> Words:
    project, path = data["project"], reverse("calibration_feedback", args=[data["enrollment_id"]])
    if data["state"] == Attempt.State.PASSED:
        text = "You can work on the project's data now. The page shows your answers beside the right ones."
        return Words(f"You passed the calibration for {project}", text, path)
    if data["state"] == Attempt.State.FAILED:
        text = f"The page shows why, and your answers beside the right ones. {_again(data['retake_at'])}"
        return Words(f"You did not pass the calibration for {project}", text, path)
    if data["was_idle"]:
        text = "You gave no answer for some days, so others can have your seat. Begin again while one is free."
    else:
        text = "Too few answers could be judged, so there is no verdict. The page shows what you can do now."
    return Words(f"Your calibration for {project} ended without a verdict", text, path)


def _again(retake_at: str | None) -> str:
    if retake_at is None:
        return "All answers you gave are paid as always."
    at = datetime.fromisoformat(retake_at)
    return f"You can try again, on other items, from {moment_words(at)}."


def register() -> None:
    """Register the kinds. Called from the AppConfig's ready()."""
    kinds.register(Kind(BEGUN, Topic.ROUNDS, _begun), Kind(ENDED, Topic.ROUNDS, _ended))
