"""What an alert does to its annotator's work: main work may be replaced by a paid recalibration, and given back.

The one place where alerts touch calibration. No action rejects, pauses or suspends anybody.
"""

from projects.calibration.services import attempts
from projects.quality.alerts.models import Alert
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import clock

#: The alerts that may replace main work by a recalibration without waiting for a person.
SWAPPING = (Alert.Kind.GOLD, Alert.Kind.AGREEMENT)

_UNDONE = "The alert that asked for it was lifted, so you have your work back."


def recalibrate(*, alert: Alert) -> None:
    """Replace the annotator's main work by a paid recalibration. Workspace plane; the alert is locked.

    Nothing is changed for an annotator who has not accepted the guidelines in force: they calibrate when they do.

    Raises: Refused (409) if the alert is about no annotator, or they cannot calibrate now: the project asks for no
    calibration, or no open round has items that are new to them.
    """
    if alert.enrollment_id is None:
        raise Refused("no_annotator", "This alert is about no single annotator.", status=409)
    if alert.swapped_at is not None:
        return
    if attempts.recalibration_of(alert.enrollment_id).follows:
        return
    attempts.recalibrate(enrollment_id=alert.enrollment_id, why=f"Alert {alert.pk}")
    alert.swapped_at = clock.now()
    alert.save(update_fields=["swapped_at"])


def undo(*, alert: Alert) -> None:
    """Give the annotator their main work back, if this alert took it. Workspace plane; the alert is locked.

    So it is also if the recalibration was failed: without the alert nobody would have asked for it, and only a person
    may keep somebody from work, by upholding the alert. A recalibration that was begun later, because of another
    alert, goes on.
    """
    if alert.swapped_at is None or alert.enrollment_id is None:
        return
    attempts.reinstate(enrollment_id=alert.enrollment_id, why=_UNDONE, alert_at=alert.swapped_at)
