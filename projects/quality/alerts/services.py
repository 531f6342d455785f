"""Decisions on alerts: a member upholds or lifts one; one that nobody decided on lifts itself."""

import uuid

from projects.quality.alerts import actions, affected
from projects.quality.alerts.models import Alert
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit, clock

MAX_CHARS = 2000


def uphold(
    *,
    alert: Alert,
    note: str,
    actor_id: uuid.UUID,
    recalibrate: bool = False,
    flag_answers: bool = False,
) -> Alert:
    """Uphold an alert as a member, with a note that its annotator may read. Workspace plane.

    `recalibrate` replaces the annotator's main work by a paid recalibration; `flag_answers` puts the affected answers
    first in the reviews.

    Raises: Refused without a note, for an alert that is decided, and where there is nothing to recalibrate with.
    """
    found = _locked(alert, note, actor_id)
    if recalibrate:
        actions.recalibrate(alert=found)
    if flag_answers:
        affected.flag(found)
    return _decide(found, Alert.State.UPHELD, note, actor_id)


def lift(*, alert: Alert, note: str, actor_id: uuid.UUID) -> Alert:
    """Lift an alert as a member: the work is fine. Workspace plane.

    Its monitor has taken the present level for the usual one at the alarm, so it says nothing again while that lasts.

    Raises: Refused without a note, and for an alert that is decided.
    """
    found = _locked(alert, note, actor_id)
    actions.undo(alert=found)
    return _decide(found, Alert.State.LIFTED, note, actor_id)


def lift_due(*, alert_id: uuid.UUID) -> bool:
    """Lift an alert that nobody decided on in time, and undo what it did. Workspace plane.

    Returns: whether it was due.
    """
    found = Alert.objects.select_for_update().filter(pk=alert_id, state=Alert.State.OPEN).first()
    now = clock.now()
    if found is None or found.lifts_at > now:
        return False
    actions.undo(alert=found)
    found.state, found.by, found.decided_at = Alert.State.LIFTED, Alert.By.CLOCK, now
    found.save(update_fields=["state", "by", "decided_at"])
    return True


def reply(*, alert_id: uuid.UUID, enrollment_id: uuid.UUID, text: str) -> None:
    """Store what the annotator answers to an open alert about them; a later answer replaces it. Annotator plane.

    Raises: Refused for an empty or too long text, for an alert that is decided (409) or not theirs (404).
    """
    words = written("reply", text, most=MAX_CHARS)
    mine = Alert.objects.filter(pk=alert_id, enrollment_id=enrollment_id)
    if not mine.values_list("pk").exists():
        raise Refused("not_found", "Not found.", status=404)
    if not mine.filter(state=Alert.State.OPEN).update(reply=words, replied_at=clock.now()):
        raise Refused("decided", "This alert is decided; your answer was not saved.", status=409)


def _locked(alert: Alert, note: str, actor_id: uuid.UUID) -> Alert:
    written("note", note, most=MAX_CHARS)
    found = Alert.objects.select_for_update(of=("self",)).select_related("enrollment", "project")
    alert = found.get(pk=alert.pk)
    if alert.state != Alert.State.OPEN:
        raise Refused(
            "decided",
            f"This alert is {alert.state} already: your decision was not saved.",
            status=409,
        )
    if alert.enrollment is not None and alert.enrollment.annotator_id == actor_id:
        words = "This alert is about your own work: another member decides on it."
        raise Refused("own_work", words, status=409)
    return alert


def _decide(alert: Alert, state: str, note: str, actor_id: uuid.UUID) -> Alert:
    alert.state, alert.by, alert.note = state, Alert.By.PERSON, note.strip()
    alert.decided_by_id, alert.decided_at = actor_id, clock.now()
    alert.save(update_fields=["state", "by", "note", "decided_by_id", "decided_at"])
    audit.note(f"alert.{state}", alert.pk, actor_id=actor_id, data={"kind": alert.kind})
    return alert
