"""The pages of alerts: what members read and decide, what the annotator reads and answers, what staff see."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from projects.items.services import Plan
from projects.plan.models import Project
from projects.quality.alerts import services
from projects.quality.alerts.models import Alert
from projects.quality.own import figures
from projects.review.models import Flag
from projects.work.models import Slot
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.quality.made import open_alert
from tests.quality.planted import plant_annotator


@pytest.fixture
def alert(ada: Annotator) -> Alert:
    """Ada has answered twice, and there is an alert about her."""
    for _ in range(2):
        assert ada.submit(ada.lease() or {}).status_code == 201
    return open_alert(ada)


@pytest.fixture
def path(workspace_a: Tenant) -> Callable[..., str]:
    return lambda name, *ids: reverse(name, args=[workspace_a.workspace.slug, *ids])


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


def test_the_page_says_what_was_found_and_what_chance_gives(
    owner: Client, alert: Alert, path: Callable[..., str], ada: Annotator
) -> None:
    page = text(owner.get(path("alert", alert.pk)))
    name = ada.enrollment.pseudonym
    assert f"{name} agrees less with the others since answer 90: probably right in 61 %" in page
    assert "at most once in 5,000 answers" in page and "one false alarm in about 42 days" in page
    assert "2 answers for the project’s data since the change." in page
    assert page.count('class="chart-table"') == 2, "each chart has its table"
    assert "estimated change after answer 90" in page


def test_a_manager_upholds_and_the_answers_come_first(
    member: Callable[[str], Client], alert: Alert, path: Callable[..., str], workspace_a: Tenant
) -> None:
    manager = member("manager")
    address = path("alert_decide", alert.pk)
    empty = manager.post(address, {"verdict": "uphold", "note": " "})
    assert empty.status_code == 422 and "This field is required" in empty.content.decode()
    done = manager.post(
        address, {"verdict": "uphold", "note": "See rule R2.", "flag_answers": "on"}
    )
    assert done.status_code == 303
    page = text(manager.get(path("alert", alert.pk)))
    assert "See rule R2." in page and 'name="verdict"' not in page
    with planes.in_workspace(workspace_a.pk):
        assert Flag.objects.count() == 2
    again = manager.post(address, {"verdict": "lift", "note": "No."})
    assert again.status_code == 422 and "upheld already" in again.content.decode()


def test_who_may_not_decide_is_told_who_may(
    member: Callable[[str], Client], alert: Alert, path: Callable[..., str]
) -> None:
    for role in ("viewer", "reviewer", "billing"):
        client = member(role)
        assert "An owner or a manager decides." in text(client.get(path("alert", alert.pk)))
        body = {"verdict": "lift", "note": "Fine."}
        assert client.post(path("alert_decide", alert.pk), body).status_code == 403


def test_the_list_is_filtered_and_names_who_is_near(
    owner: Client, alert: Alert, path: Callable[..., str], project: Project, deliver: Any
) -> None:
    deliver()
    address = path("project_alerts", project.pk)
    assert "agrees less with the others" in text(owner.get(address))
    assert "agrees less" in text(owner.get(address, {"state": "open", "kind": "agreement"}))
    assert "No alert here" in text(owner.get(address, {"state": "upheld"}))
    assert owner.get(address, {"state": "lost"}).status_code == 404
    assert "place on the screen" in text(owner.get(address))


def test_the_quality_page_leads_to_the_alerts(
    owner: Client, alert: Alert, path: Callable[..., str], project: Project, ada: Annotator
) -> None:
    plant_annotator(ada, 40, 60)
    page = text(owner.get(path("project_quality", project.pk), {"sort": "alerts"}))
    assert "1 alert waits for a decision" in page and "1 open" in page
    mine = text(owner.get(path("annotator_quality", project.pk, ada.enrollment.pseudonym)))
    assert "Alerts about" in mine and path("alert", alert.pk) in mine


def test_more_answers_to_the_affected_items_come_from_the_reserve(
    owner: Client, project: Project, annotators: list[Annotator], path: Callable[..., str]
) -> None:
    batch = make_batch(project, 3, plan=Plan(1, share_percent=0, reserve_percent=100))
    ada = annotators[0]
    for _ in range(2):
        assert ada.submit(ada.lease() or {}).status_code == 201
    page = text(owner.get(path("alert", open_alert(ada).pk)))
    items = re.findall(r'name="items" value="([0-9a-f-]+)"', page)
    assert len(items) == 2 and path("batch_more_answers", batch.pk) in page
    body = {"items": items, "answers": "1"}
    assert owner.post(path("batch_more_answers", batch.pk), body).status_code == 303
    with planes.in_workspace(project.workspace_id):
        assert Slot.objects.filter(item__in=items).count() == 4
    refused = owner.post(
        path("batch_more_answers", batch.pk), {"items": ["x"], "answers": "1"}, follow=True
    )
    assert "These are not items of this batch." in refused.content.decode()


def test_the_annotator_reads_and_answers(
    browser: Client, owner: Client, alert: Alert, ada: Annotator, path: Callable[..., str]
) -> None:
    address = f"/work/{ada.enrollment.pk}/how-i-do/"
    page = text(browser.get(address))
    assert (
        "Your answers agree less with those of others" in page and "You can go on working" in page
    )
    assert "61 %" not in page and "since answer" not in page, "the evidence is the members'"
    assert address in text(browser.get("/work/"))
    reply = f"/work/{ada.enrollment.pk}/alerts/{alert.pk}/reply/"
    assert browser.post(reply, {"reply": "They were in Dutch."}).status_code == 303
    assert "They were in Dutch." in text(owner.get(path("alert", alert.pk)))
    owner.post(path("alert_decide", alert.pk), {"verdict": "lift", "note": "True, they were."})
    page = text(browser.get(address))
    assert "withdrawn" in page and "True, they were." in page and "<textarea" not in page
    late = browser.post(reply, {"reply": "And in Frisian."}, follow=True)
    assert "This alert is decided" in late.content.decode()


def test_another_persons_page_and_alert_are_missing(
    alert: Alert, ada: Annotator, annotators: list[Annotator]
) -> None:
    other = annotators[1]
    client = browser_of(other.user)
    assert client.get(f"/work/{ada.enrollment.pk}/how-i-do/").status_code == 404
    mine = f"/work/{other.enrollment.pk}/alerts/{alert.pk}/reply/"
    assert client.post(mine, {"reply": "x"}).status_code == 404


def test_ones_own_figure_moves_daily_and_by_ten(
    browser: Client, project: Project, ada: Annotator, workspace_a: Tenant
) -> None:
    row = plant_annotator(ada, 8, 9)

    def show(agreed: int, compared: int, days: int = 0) -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE projects_quality_annotatorfigures SET agreement = %s, compared = %s WHERE id = %s",
                [agreed / compared, compared, row.pk],
            )
            cursor.execute(
                "UPDATE projects_quality_ownfigures SET shown_on = shown_on - %s::int", [days]
            )
        with planes.in_workspace(workspace_a.pk):
            figures.show(project_id=project.pk, question="preference")
        found = re.search(
            r"I agree with the others</span> <span class=\"stat-value\">([^<]*)",
            text(browser.get(f"/work/{ada.enrollment.pk}/how-i-do/")),
        )
        assert found
        return found[1].strip()

    assert show(8, 9) == "–", "ten answers are needed"
    assert show(8, 10) == "80 %"
    assert show(18, 20) == "80 %", "once a day"
    assert show(17, 19, days=1) == "80 %", "and by ten answers"
    assert show(18, 20, days=1) == "90 %"


def test_staff_see_those_that_wait_by_their_deadline(
    alert: Alert, annotators: list[Annotator], workspace_a: Tenant, workspace_b: Tenant
) -> None:
    """In all workspaces; a decided one comes after them, however old it is."""
    elsewhere = people.make_annotator(make_project(workspace_b), "Dora")
    soonest, decided = open_alert(elsewhere, "side"), open_alert(annotators[1], "side")
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        services.lift(alert=decided, note="Fine.", actor_id=workspace_a.owner.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_quality_alert SET lifts_at = lifts_at - %s WHERE id = %s",
            [timedelta(hours=3), soonest.pk],
        )
    staff = browser_of(people.make_user("Staff", is_staff=True))
    page = staff.get("/admin/projects_quality/alert/").content.decode()
    order = [page.index(f"{one.enrollment.pseudonym} ") for one in (elsewhere, *annotators[:2])]
    assert order == sorted(order)
    assert staff.get(f"/admin/projects_quality/alert/{alert.pk}/change/").status_code == 200
