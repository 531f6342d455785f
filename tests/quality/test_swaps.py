"""Alerts that replace main work by a recalibration in real rounds, and what lifting them gives back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from projects.calibration.models import Attempt
from projects.plan import services as plan
from projects.plan.models import Project
from projects.quality.alerts import actions, opening, services
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from rlhfhub.tenancy import clock, planes
from tests.calibration import made
from tests.calibration.acts import a_day_passes, accept, answer_until_decided, passed, retake
from tests.calibration.conftest import asking as asking
from tests.factories import Tenant, make_batch, publish_guidelines
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


@pytest.mark.slow
def test_lifting_gives_main_work_back_after_the_recalibration_was_failed(
    asking: Project, deliver: Callable[[], int]
) -> None:
    """Without the alert nobody would have asked for it, and no rule keeps anybody from work."""
    made.open_round(asking)
    annotator = passed(asking, deliver)
    make_batch(asking, 2)
    alert = swapped(annotator, "agreement")
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    assert made.state_of(annotator) == "calibrating"
    undo(alert)
    assert made.state_of(annotator) == "active"
    assert made.attempt_of(annotator).state == "failed", "what was found stays"
    lease: Any = annotator.lease()
    assert lease["prompt"][0]["content"].startswith("Question")


@pytest.mark.slow
def test_lifting_ends_the_second_attempt_too(asking: Project, deliver: Callable[[], int]) -> None:
    made.open_round(asking, wait_hours=1)
    annotator = passed(asking, deliver)
    made.make_pool(asking, 2 * made.ITEMS, first=1000)
    made.open_round(asking, wait_hours=1)
    alert = swapped(annotator, "agreement")
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    a_day_passes()
    retake(annotator)
    assert made.attempt_of(annotator).state == "running"
    undo(alert)
    assert made.attempt_of(annotator).state == "left"
    assert made.state_of(annotator) == "active"


@pytest.mark.slow
def test_lifting_gives_nothing_back_that_a_new_major_version_asks_for(
    asking: Project, deliver: Callable[[], int]
) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    alert = swapped(annotator, "agreement")
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    publish_guidelines(asking, "All new.", "major")
    accept(annotator)
    undo(alert)
    assert made.state_of(annotator) == "calibrating"


@pytest.mark.slow
def test_lifting_by_the_clock_does_the_same(asking: Project, deliver: Callable[[], int]) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    alert = swapped(annotator, "gold")
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_quality_alert DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_quality_alert SET opened_at = now() - interval '2 days', "
            "lifts_at = now() - interval '1 minute'"
        )
        cursor.execute("ALTER TABLE projects_quality_alert ENABLE TRIGGER USER")
    with planes.in_workspace(asking.workspace_id):
        assert services.lift_due(alert_id=alert.pk)
    assert made.state_of(annotator) == "active"


@pytest.mark.slow
def test_upholding_leaves_who_failed_without_main_work(
    asking: Project, deliver: Callable[[], int], workspace_a: Tenant
) -> None:
    """A person has decided it then."""
    made.open_round(asking)
    annotator = passed(asking, deliver)
    alert = swapped(annotator, "gold")
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    with planes.in_workspace(asking.workspace_id):
        services.uphold(alert=alert, note="So it is.", actor_id=workspace_a.owner.pk)
    assert made.state_of(annotator) == "calibrating"


@pytest.mark.slow
def test_who_failed_is_active_when_the_project_asks_no_more(
    asking: Project, deliver: Callable[[], int], workspace_a: Tenant
) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    make_batch(asking, 2)
    swapped(annotator, "agreement")
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    with planes.in_workspace(asking.workspace_id):
        plan.change_calibration(
            project=asking,
            calibration="none",
            recalibrate_days=None,
            actor_id=workspace_a.owner.pk,
        )
    assert made.state_of(annotator) == "active"
    assert annotator.lease() is not None
