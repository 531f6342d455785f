"""Alerts that replace main work by a recalibration in real rounds, and what lifting them gives back."""

from collections.abc import Callable

import pytest

from projects.calibration.models import Attempt
from projects.plan.models import Project
from projects.quality.alerts import actions, opening
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from rlhfhub.tenancy import clock, planes
from tests.calibration import made
from tests.calibration.acts import passed
from tests.calibration.conftest import asking as asking
from tests.people import Annotator


def swapped(annotator: Annotator, kind: str) -> Alert:
    """An alert that has replaced the annotator's main work."""
    row = annotator.enrollment
    with planes.in_workspace(row.workspace_id):
        alert = opening.add(
            workspace_id=row.workspace_id,
            project_id=row.project_id,
            enrollment_id=row.pk,
            kind=kind,
            evidence=Evidence(at=2),
            now=clock.now(),
        )
        actions.recalibrate(alert=alert)
        return alert


def undo(alert: Alert) -> None:
    with planes.in_workspace(alert.workspace_id):
        actions.undo(alert=alert)


@pytest.mark.slow
def test_lifting_gives_main_work_back(asking: Project, deliver: Callable[[], int]) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    alert = swapped(annotator, "agreement")
    assert made.state_of(annotator) == "calibrating"
    undo(alert)
    assert made.state_of(annotator) == "active"


@pytest.mark.slow
def test_lifting_one_alert_leaves_the_recalibration_of_a_later_one(
    asking: Project, deliver: Callable[[], int]
) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    first = swapped(annotator, "agreement")
    undo(first)
    made.make_pool(asking, 2 * made.ITEMS, first=1000)
    made.open_round(asking)
    later = swapped(annotator, "gold")
    undo(first)
    assert made.attempt_of(annotator).state == Attempt.State.RUNNING
    undo(later)
    assert made.state_of(annotator) == "active"
