"""Members are told that an alert waits; its annotator is told when the page shows it, and never before."""

from typing import Any

import pytest

from projects.plan.models import Project
from projects.quality.alerts import opening, services
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from projects.quality.alerts.tasks import follow_alerts
from rlhfhub.notices.models import Notice
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.concurrency.races import at_once
from tests.factories import Tenant, make_project, make_workspace
from tests.notices.told import notices
from tests.quality.test_alerts import age


def told(user: User) -> list[Notice]:
    """Return what the user was told about alerts, oldest first."""
    return [one for one in notices(user) if one.topic == "alerts"]


def kinds(user: User) -> list[str]:
    return [one.kind for one in told(user)]


def opened(
    project: Project, annotator: people.Annotator | None, kind: str = "agreement", **more: Any
) -> Alert:
    with planes.in_workspace(project.workspace_id):
        return opening.add(
            workspace_id=project.workspace_id,
            project_id=project.pk,
            enrollment_id=annotator.enrollment.pk if annotator else None,
            kind=kind,
            evidence=Evidence(at=2),
            now=clock.now(),
            **more,
        )


@pytest.mark.parametrize("kind", ["agreement", "moved"])
def test_who_may_decide_is_told_at_once(
    workspace_a: Tenant, project: Project, annotators: list[people.Annotator], kind: str
) -> None:
    members = {role: people.make_member(workspace_a.workspace, role) for role in Role.values}
    alert = opened(project, annotators[0] if kind == "agreement" else None, kind)
    (one,) = told(members["manager"])
    assert (one.kind, one.cause) == ("alert.waits", f"alert.waits:{alert.pk}")
    assert one.data["slug"] == workspace_a.workspace.slug
    assert {role for role, user in members.items() if told(user)} == {"owner", "manager"}
    assert kinds(workspace_a.owner) == ["alert.waits"]
    assert annotators[0].enrollment.pseudonym not in str(one.data)


def test_nobody_is_told_to_decide_about_themselves(workspace_a: Tenant) -> None:
    unpaid = make_project(workspace_a, access="members")
    manager = people.make_member(workspace_a.workspace, Role.MANAGER)
    opened(unpaid, people.make_annotator(unpaid, user=manager))
    assert kinds(manager) == []
    assert kinds(workspace_a.owner) == ["alert.waits"]


def test_the_annotator_is_told_once_and_of_the_decision(
    workspace_a: Tenant, project: Project, annotators: list[people.Annotator]
) -> None:
    ada = annotators[0].user
    alert = opened(project, annotators[0])
    follow_alerts()
    follow_alerts()
    assert kinds(ada) == ["alert.told"]
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        services.uphold(alert=alert, note="Rule R1.", actor_id=workspace_a.owner.pk)
    follow_alerts()
    follow_alerts()
    assert kinds(ada) == ["alert.told", "alert.decided"]
    assert told(ada)[1].data["state"] == "upheld"
    assert "R1" not in str(told(ada)[1].data)
    assert kinds(annotators[1].user) == []


def test_of_a_keyed_item_nothing_is_told_before_the_page_tells_it(
    workspace_a: Tenant, project: Project, annotators: list[people.Annotator]
) -> None:
    """Not even the decision: its moment would tell which item was keyed."""
    ada, ben = annotators[0], annotators[1]
    first = opened(project, ada, "gold", is_of_keyed=True)
    second = opened(project, ben, "gold", is_of_keyed=True)
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        services.lift(alert=first, note="Fine.", actor_id=workspace_a.owner.pk)
    follow_alerts()
    assert kinds(ada.user) == kinds(ben.user) == []
    for alert in (first, second):
        _age(alert)
    follow_alerts()
    assert kinds(ada.user) == ["alert.decided"]
    assert kinds(ben.user) == ["alert.told"]


def _age(alert: Alert) -> None:
    """Three hours pass: longer than any wait, less than the time to decide."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_quality_alert DISABLE TRIGGER USER")
        age(alert, 3)
        cursor.execute("ALTER TABLE projects_quality_alert ENABLE TRIGGER USER")


def test_an_alert_lifted_by_the_clock_is_told(
    project: Project, annotators: list[people.Annotator]
) -> None:
    alert = opened(project, annotators[0])
    follow_alerts()
    age(alert, 25)
    follow_alerts()
    assert kinds(annotators[0].user) == ["alert.told", "alert.decided"]
    assert (told(annotators[0].user)[1].data["state"], told(annotators[0].user)[1].data["by"]) == (
        "lifted",
        "clock",
    )


@pytest.mark.concurrency
@pytest.mark.slow
def test_workers_at_once_tell_once(own_database: str) -> None:
    tenant = make_workspace("Told")
    project = make_project(tenant)
    annotator = people.make_annotator(project)
    opened(project, annotator)
    assert at_once(*[follow_alerts] * 4) == [None] * 4
    assert kinds(annotator.user) == ["alert.told"]
