"""New versions of the guidelines, and recalibration by an alert or on schedule."""

from collections.abc import Callable
from typing import Any

import pytest

from projects.calibration import pool, services
from projects.calibration.models import Attempt
from projects.calibration.services import rounds, sweeping
from projects.items import services as batches
from projects.plan import services as plan
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.calibration import made
from tests.calibration.acts import a_day_passes, accept, answer_until_decided, passed
from tests.factories import Tenant, make_batch, publish_guidelines
from tests.pages.conftest import browser_of

Deliver = Callable[[], int]


def test_a_minor_version_in_the_middle_keeps_the_attempt(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    made.answer(annotator, made.right, most=4)
    deliver()
    publish_guidelines(asking, "A comma.", "minor")
    attempt = answer_until_decided(annotator, made.right, deliver)
    assert (attempt.state, attempt.seen) == ("passed", 11)
    make_batch(asking, 1)
    assert annotator.lease() is not None, "the pass holds for the minor version"


def test_a_minor_version_after_the_pass_is_carried_over(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    make_batch(asking, 1)
    publish_guidelines(asking, "A comma.", "minor")
    assert annotator.lease() is not None


@pytest.mark.slow
def test_a_major_version_asks_for_calibration_again(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    make_batch(asking, 1)
    publish_guidelines(asking, "All new.", "major")
    path, project = "/api/v1/desk/lease/", {"project": str(asking.pk)}
    assert annotator.client.post(path, project).json()["code"] == "accept_guidelines"
    assert accept(annotator).state == "calibrating"
    assert annotator.lease() is None, "the round of the old version does not count"
    with planes.in_workspace(asking.workspace_id):
        made_again = Attempt.objects.filter(enrollment=annotator.enrollment.pk)
        assert made_again.count() == 1
    made.make_pool(asking, 2 * made.ITEMS, first=1000)
    made.open_round(asking)
    attempt = answer_until_decided(annotator, made.right, deliver)
    assert (attempt.state, attempt.cause) == ("passed", "guideline")
    assert annotator.lease() is not None


def test_a_major_version_in_the_middle_ends_the_attempt(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    made.answer(annotator, made.right, most=4)
    deliver()
    publish_guidelines(asking, "All new.", "major")
    accept(annotator)
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen) == ("left", 4)
    assert "major version" in attempt.why


@pytest.mark.slow
def test_a_recalibration_stops_main_work_until_the_verdict(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    make_batch(asking, 3)
    with planes.in_workspace(asking.workspace_id):
        pk = services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")
    lease: Any = annotator.lease()
    assert lease["prompt"][0]["content"].startswith("Keyed"), "of the second set: it is new to them"
    assert made.attempt_of(annotator).pk == pk
    assert answer_until_decided(annotator, made.right, deliver).cause == "alert"
    assert made.state_of(annotator) == "active"
    lease = annotator.lease()
    if lease["prompt"][0]["content"].startswith("Keyed"):  # one that was held at the verdict
        annotator.submit(lease, 0)
        lease = annotator.lease()
    assert lease["prompt"][0]["content"].startswith("Question")


@pytest.mark.slow
def test_nobody_begins_in_a_round_whose_items_they_had(asking: Project, deliver: Deliver) -> None:
    """The pool's items are used alike after the first round: the second one's first set has some that Ada answered."""
    first = made.open_round(asking, seats=1)
    annotator = passed(asking, deliver)
    made.open_round(asking)
    with planes.in_workspace(asking.workspace_id):
        services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")
    attempt = made.attempt_of(annotator)
    assert (attempt.round_id, attempt.number) == (first.pk, 2)
    assert answer_until_decided(annotator, made.right, deliver).state == "passed"
    with (
        planes.in_workspace(asking.workspace_id),
        pytest.raises(Refused, match="open another round"),
    ):
        services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")


def test_who_has_had_the_items_waits_for_others(
    asking: Project, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.open_round(asking, seats=1)
    annotator = passed(asking, deliver)
    publish_guidelines(asking, "All new.", "major")
    with monkeypatch.context() as drawn_blindly:
        drawn_blindly.setattr(pool, "had_by", lambda *_: {})
        made.open_round(asking)
    assert accept(annotator).state == "calibrating"
    assert made.attempt_of(annotator).state == "passed", "no other attempt began"
    made.make_pool(asking, 2 * made.ITEMS, first=1000)
    fresh = made.open_round(asking)
    assert annotator.lease() is not None
    assert made.attempt_of(annotator).round_id == fresh.pk


def test_a_recalibration_is_undone(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    make_batch(asking, 3)
    row = annotator.enrollment.pk
    with planes.as_system(asking.workspace_id):
        services.recalibrate(enrollment_id=row, why="It drifts.")
        assert services.reinstate(enrollment_id=row, why="Nobody decided within a day.")
        assert not services.reinstate(enrollment_id=row, why="Again.")
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.why) == ("left", "Nobody decided within a day.")
    assert made.state_of(annotator) == "active"
    lease: Any = annotator.lease()
    assert lease["prompt"][0]["content"].startswith("Question")


def test_a_close_gives_who_is_recalibrated_their_work_back(
    asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    annotator = passed(asking, deliver)
    make_batch(asking, 3)
    with planes.in_workspace(asking.workspace_id):
        services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")
        rounds.close_round(of=opened, actor_id=None)
    deliver()
    attempt = made.attempt_of(annotator)
    assert (attempt.cause, attempt.state) == ("alert", "left")
    assert "The round was closed." in attempt.why
    assert made.state_of(annotator) == "active"
    lease: Any = annotator.lease()
    assert lease["prompt"][0]["content"].startswith("Question")


def test_reinstating_does_not_end_the_first_calibration(asking: Project) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    with planes.in_workspace(asking.workspace_id):
        assert not services.reinstate(enrollment_id=annotator.enrollment.pk, why="No.")
    assert made.state_of(annotator) == "calibrating"


def test_nobody_is_recalibrated_without_a_round(asking: Project, deliver: Deliver) -> None:
    opened = made.open_round(asking)
    annotator = passed(asking, deliver)
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=opened, actor_id=None)
        with pytest.raises(Refused, match="open another round"):
            services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")
    assert made.state_of(annotator) == "active", "main work goes on"


def test_a_pass_runs_out_on_schedule(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    with planes.in_workspace(asking.workspace_id):
        Project.objects.filter(pk=asking.pk).update(recalibrate_days=1)
    with planes.as_system(asking.workspace_id):
        assert sweeping.recalibrate_due().count == 0, "not yet"
    a_day_passes()
    with planes.as_system(asking.workspace_id):
        assert sweeping.recalibrate_due().count == 1
        assert sweeping.recalibrate_due().count == 0
    assert made.attempt_of(annotator).cause == "schedule"
    assert made.state_of(annotator) == "calibrating"


def test_who_is_recalibrated_is_active_when_the_project_asks_no_more(
    asking: Project, deliver: Deliver, workspace_a: Tenant
) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    newcomer = people.make_annotator(asking, "Ben")
    make_batch(asking, 3)
    with planes.in_workspace(asking.workspace_id):
        services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")
        switch_off(asking, workspace_a.owner)
    assert made.state_of(annotator) == "active"
    for attempt in (made.attempt_of(annotator), made.attempt_of(newcomer)):
        assert attempt.state == "left"
        assert attempt.why == "The project asks for no calibration any more."
    lease: Any = annotator.lease()
    assert lease["prompt"][0]["content"].startswith("Question")


def test_only_an_owner_switches_calibration_off(
    asking: Project, workspace_a: Tenant, client_for: Any
) -> None:
    """It goes round the gate of main batches."""
    manager = people.make_member(workspace_a.workspace, Role.MANAGER)
    with planes.in_workspace(asking.workspace_id), pytest.raises(Refused, match="Only an owner"):
        switch_off(asking, manager)
    path = f"/api/v1/projects/{asking.pk}/calibration/"
    theirs = client_for(people.make_key(workspace_a.workspace, manager))
    refused = theirs.patch(path, {"calibration": "none"})
    assert (refused.status_code, refused.json()["code"]) == (403, "owners_only")
    assert theirs.patch(path, {"recalibrate_days": 20}).status_code == 200
    page = f"/w/{workspace_a.workspace.slug}/projects/{asking.pk}/calibration/"
    settings = {"calibration": "none", "recalibrate_days": ""}
    assert browser_of(manager).post(page, settings).status_code == 403
    assert browser_of(workspace_a.owner).post(page, settings).status_code == 303


def switch_off(project: Project, by: User) -> None:
    plan.change_calibration(
        project=project, calibration="none", recalibrate_days=None, actor_id=by.pk
    )


def test_who_calibrates_works_at_once_when_the_project_asks_no_more(
    asking: Project, deliver: Deliver, workspace_a: Tenant
) -> None:
    """They read the guidelines again and accept them; nobody stays behind."""
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    batch = make_batch(asking, 1, open=False)
    with planes.in_workspace(asking.workspace_id):
        switch_off(asking, workspace_a.owner)
        batches.open_batch(batch=batch, actor_id=None)
    path, project = "/api/v1/desk/lease/", {"project": str(asking.pk)}
    assert annotator.client.post(path, project).json()["code"] == "accept_guidelines"
    mine = f"/api/v1/desk/enrollments/{annotator.enrollment.pk}/accept-guideline/"
    accepted = annotator.client.post(mine, {"guideline_version": 1})
    assert accepted.json()["state"] == "active"
    lease: Any = annotator.lease()
    assert lease["prompt"][0]["content"].startswith("Question")
