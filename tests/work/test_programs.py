"""Answers by program: off in paid projects unless the owner allows it, whatever way the program takes."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from projects.plan.models import Project
from projects.work.models import Annotation, Lease
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of, keys_of, lease_of
from tests.people import Annotator, make_annotator


@pytest.fixture
def closed(workspace_a: Tenant) -> Project:
    """A paid project that takes no answers by program."""
    project = make_project(workspace_a, programs=None)
    make_batch(project, 3)
    return project


def ask(annotator: Annotator) -> Any:
    project = str(annotator.enrollment.project_id)
    return annotator.client.post("/api/v1/desk/lease/", {"project": project})


def set_programs(tenant: Tenant, project: Project, *, allowed: bool) -> None:
    client = browser_of(tenant.owner)
    body = {"on_alarm": "suggest", "machine_text": "on"} | ({"programs": "on"} if allowed else {})
    path = reverse("project_watch", args=[tenant.workspace.slug, project.pk])
    assert client.post(path, body).status_code == 303


def test_a_token_gets_no_work_and_the_page_does(closed: Project) -> None:
    ada = make_annotator(closed)
    refused = ask(ada)
    assert (refused.status_code, refused.json()["code"]) == (403, "programs_off")
    assert "Work on its page in a browser" in refused.json()["detail"]
    desk = browser_of(ada.user).get(f"/work/{ada.enrollment.pk}/")
    assert desk.status_code == 200 and lease_of(desk.content.decode())
    # Nor the lease that the page has made.
    assert ask(ada).status_code == 403


def test_a_lease_of_the_page_is_not_submitted_by_program(closed: Project) -> None:
    ada = make_annotator(closed)
    browser_of(ada.user).get(f"/work/{ada.enrollment.pk}/")
    with planes.in_workspace(closed.workspace_id):
        lease = Lease.objects.get(enrollment=ada.enrollment)
    answer = {"preference": {"choice": lease.keys[0]}, "reason": ""}
    path = f"/api/v1/desk/leases/{lease.pk}/submit/"
    refused = ada.client.post(path, {"answer": answer})
    assert (refused.status_code, refused.json()["code"]) == (403, "programs_off")
    with planes.in_workspace(closed.workspace_id):
        assert not Annotation.objects.exists()


def test_a_draft_is_not_saved_by_program(closed: Project) -> None:
    ada = make_annotator(closed)
    browser, desk = browser_of(ada.user), f"/work/{ada.enrollment.pk}/"
    page = browser.get(desk).content.decode()
    key, lease = keys_of(page)[0], lease_of(page)
    saved = browser.post(f"{desk}leases/{lease}/draft/", {"preference": key})
    assert saved.status_code == 204
    body = {"answer": {"preference": {"choice": "tie"}}}
    refused = ada.client.put(f"/api/v1/desk/leases/{lease}/draft/", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "programs_off")
    assert "Work on its page in a browser" in refused.json()["detail"]


def test_the_owner_may_allow_it_and_take_it_back(workspace_a: Tenant, closed: Project) -> None:
    ada = make_annotator(closed)
    set_programs(workspace_a, closed, allowed=True)
    lease = ask(ada)
    assert lease.status_code == 200
    set_programs(workspace_a, closed, allowed=False)
    assert ada.submit(lease.json()).status_code == 403
    set_programs(workspace_a, closed, allowed=True)
    assert ada.submit(lease.json()).status_code == 201


def test_only_a_programs_time_counts_as_that_of_a_person(
    workspace_a: Tenant, settings: Any
) -> None:
    """In development simulated annotators are faster than people; who answers in a browser is not."""
    settings.PROGRAM_SPEED = 1_000_000.0
    project = make_project(workspace_a)
    make_batch(project, 2)
    ada, ben = make_annotator(project, "Ada"), make_annotator(project, "Ben")
    browser, desk = browser_of(ben.user), f"/work/{ben.enrollment.pk}/"
    page = browser.get(desk).content.decode()
    form = {"preference": keys_of(page)[0]}
    assert browser.post(f"{desk}leases/{lease_of(page)}/submit/", form).status_code == 303
    assert ada.submit(ask(ada).json()).status_code == 201
    with planes.in_workspace(project.workspace_id):
        seconds = dict(Annotation.objects.values_list("annotator_id", "seconds"))
    assert seconds[ada.user.pk] > 1000 > seconds[ben.user.pk] > 0


def test_unpaid_projects_take_them(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, access="members", programs=None)
    make_batch(project, 1)
    assert ask(make_annotator(project)).status_code == 200


def test_the_database_refuses_it_whatever_the_code_forgets(
    closed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from projects.work.services import queue

    ada = make_annotator(closed)
    desk = queue.Desk
    monkeypatch.setattr(
        "projects.work.services.leasing.Desk",
        lambda *row: desk(*row[:7], True, *row[8:]),  # type: ignore[call-arg]
    )
    refused = ask(ada)
    assert (refused.status_code, refused.json()["code"]) == (403, "programs_off")


def test_rest_and_page_change_the_rules_of_a_project(workspace_a: Tenant, closed: Project) -> None:
    path = f"/api/v1/projects/{closed.pk}/"
    assert workspace_a.client.get(path).json()["programs"] is False
    changed = workspace_a.client.patch(path, {"programs": True, "on_alarm": "off"})
    assert changed.status_code == 200
    assert (changed.json()["programs"], changed.json()["on_alarm"]) == (True, "off")
    assert workspace_a.client.patch(path, {"on_alarm": "suspend"}).status_code == 400
    page = browser_of(workspace_a.owner).get(
        reverse("project", args=[workspace_a.workspace.slug, closed.pk])
    )
    assert "Annotators may answer by program" in page.content.decode()
    with (
        planes.in_workspace(workspace_a.pk),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE projects_plan_project SET on_alarm = 'suspend'")
