"""An open alert shows wherever its project does, and an upheld one goes on telling what became of its answers."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.plan.models import Project
from projects.quality.alerts import services
from projects.quality.alerts.models import Alert
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.exports.made import judge, run_export
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.quality.made import open_alert
from tests.quality.test_monitors import VERDICTS


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_an_open_alert_is_on_the_tab_the_overview_and_the_workspace(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], owner: Client
) -> None:
    slug = workspace_a.workspace.slug
    overview, home = reverse("project", args=[slug, project.pk]), reverse("workspace", args=[slug])
    assert "open alert" not in text_of(owner, overview) + text_of(owner, home)
    alert = open_alert(annotators[0])
    page = text_of(owner, overview)
    assert "Quality 1 open alert Guidelines" in page
    assert "Next: An alert waits for a decision" in page and "See the alert" in page
    assert "1 open alert" in text_of(owner, home)
    open_alert(annotators[1], "speed")
    assert "2 open alerts" in text_of(owner, home)
    assert "Next: 2 alerts wait for a decision" in text_of(owner, overview)
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        for one in Alert.objects.all():
            services.lift(alert=one, note="Fine.", actor_id=workspace_a.owner.pk)
    assert alert.pk
    assert "open alert" not in text_of(owner, overview) + text_of(owner, home)


def test_pseudonyms_on_the_overview_lead_to_the_person(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], owner: Client
) -> None:
    slug = workspace_a.workspace.slug
    html = owner.get(reverse("project", args=[slug, project.pk])).content.decode()
    for one in annotators:
        person = [slug, project.pk, one.enrollment.pseudonym]
        assert f'href="{reverse("annotator_quality", args=person)}"' in html


@pytest.fixture
def alert(workspace_a: Tenant, project: Project, batch: Any, annotators: list[Annotator]) -> Alert:
    """An upheld alert about Ada's five answers, two of which are accepted and one rejected."""
    judge(annotators, VERDICTS)
    found = open_alert(annotators[0])
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        services.uphold(alert=found, note="Rule R2.", actor_id=workspace_a.owner.pk)
        mine = Annotation.objects.filter(enrollment=annotators[0].enrollment).order_by("pk")
        ids = list(mine.values_list("pk", flat=True))
        review.accept(annotation_ids=ids[:2], reviewer_id=workspace_a.owner.pk)
    return found


def test_an_upheld_alert_tells_what_became_of_its_answers(
    workspace_a: Tenant, project: Project, alert: Alert, owner: Client
) -> None:
    slug = workspace_a.workspace.slug
    page = text_of(owner, reverse("project_quality", args=[slug, project.pk]))
    listed = page.split("What was found")[1]
    assert re.search(r"agrees less with the others .{,120} 2 3 0 ", listed)
    told = text_of(owner, reverse("alert", args=[slug, alert.pk]))
    assert "2 are accepted, 3 are not decided yet and 0 are in exports" in told
    by_rest = workspace_a.client.get(f"/api/v1/alerts/{alert.pk}/").json()["standing"]
    assert by_rest == {"accepted": 2, "undecided": 3, "rejected": 0, "exported": 0}


def test_answers_in_exports_are_counted(
    workspace_a: Tenant, project: Project, alert: Alert
) -> None:
    run_export(workspace_a, project, dataset="annotations", include_undecided=True)
    told = workspace_a.client.get(f"/api/v1/alerts/{alert.pk}/").json()["standing"]
    assert told["exported"] == 5 and told["accepted"] == 2


def test_the_address_of_a_refused_decision_leads_back_to_the_alert(
    workspace_a: Tenant, annotators: list[Annotator], owner: Client
) -> None:
    where = [workspace_a.workspace.slug, open_alert(annotators[0]).pk]
    path = reverse("alert_decide", args=where)
    assert owner.post(path, {"verdict": "uphold"}).status_code == 422
    assert owner.get(path)["Location"] == reverse("alert", args=where)


def test_who_decides_second_reads_first_that_it_was_not_saved(
    workspace_a: Tenant, annotators: list[Annotator], owner: Client
) -> None:
    found = open_alert(annotators[0])
    path = reverse("alert_decide", args=[workspace_a.workspace.slug, found.pk])
    assert owner.post(path, {"verdict": "uphold", "note": "Look at these."}).status_code == 303
    second = owner.post(path, {"verdict": "lift", "note": "All is well."})
    page = second.content.decode()
    words = "This alert is upheld already: your decision was not saved."
    assert second.status_code == 422
    assert 0 < page.find(words) < page.find('id="alert-title"'), "above all that is about the alert"
    assert "All is well." not in page


def test_rest_lists_what_was_found(workspace_a: Tenant, project: Project, alert: Alert) -> None:
    rows = workspace_a.client.get(f"/api/v1/projects/{project.pk}/alerts/").json()["results"]
    one = workspace_a.client.get(f"/api/v1/alerts/{alert.pk}/").json()
    assert [row["title"] for row in rows] == [one["title"]]
    assert "agrees less with the others" in one["title"]


def test_the_page_names_who_decided_and_repeats_no_id(
    workspace_a: Tenant, alert: Alert, owner: Client
) -> None:
    path = reverse("alert", args=[workspace_a.workspace.slug, alert.pk])
    html = owner.get(path).content.decode()
    assert f"Upheld by <bdi>{workspace_a.owner.name}</bdi> on" in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), [one for one in ids if ids.count(one) > 1]
    assert set(re.findall(r'aria-labelledby="([^" ]+)', html)) <= set(ids)
