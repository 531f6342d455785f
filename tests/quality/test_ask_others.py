"""Asking others because of an alert: the page says what it costs, what the reserve has, and what was asked for."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from billing.funding.models import Funding
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from projects.quality.alerts.models import Alert
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator
from tests.quality.made import open_alert


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def about_two(project: Project, reserve_percent: int) -> tuple[Batch, Alert]:
    """A batch of three items, two of which somebody has answered, and an alert about these answers."""
    plan = Plan(1, share_percent=0, reserve_percent=reserve_percent)
    batch, ada = make_batch(project, 3, plan=plan), make_annotator(project)
    for _ in range(2):
        assert ada.submit(ada.lease() or {}).status_code == 201
    return batch, open_alert(ada)


def test_the_price_and_the_reserve_are_said_and_the_request_leaves_a_trace(
    workspace_a: Tenant, project: Project, owner: Client
) -> None:
    batch, alert = about_two(project, 100)
    slug = workspace_a.workspace.slug
    here = reverse("alert", args=[slug, alert.pk])
    page = owner.get(here)
    html = page.content.decode()
    items = re.findall(r'name="items" value="([0-9a-f-]+)"', html)
    assert re.search(
        r"\$0\.\d\d each, with the fee\. The reserve of the batch pays for 3\.", text(page)
    )
    assert "Ask other annotators" in text(page) and " disabled>Ask" not in html
    body = {"items": items, "answers": "1", "alert": str(alert.pk)}
    done = owner.post(reverse("batch_more_answers", args=[slug, batch.pk]), body)
    assert done["Location"] == here
    after = owner.get(here)
    assert "2 more answers to 2 of the items of Batch 1 were asked for on" in text(after)
    assert "Not possible: one answer to each takes 2, and the reserve of the batch pays for 1." in (
        text(after)
    )
    assert " disabled>Ask other annotators" in " ".join(after.content.decode().split())


def test_without_a_reserve_it_cannot_be_asked_for(
    workspace_a: Tenant, project: Project, owner: Client
) -> None:
    _, alert = about_two(project, 0)
    page = owner.get(reverse("alert", args=[workspace_a.workspace.slug, alert.pk]))
    assert "takes 2, and the reserve of the batch pays for 0." in text(page)
    assert " disabled>Ask other annotators" in " ".join(page.content.decode().split())


def test_an_alert_of_another_project_is_missing(
    workspace_a: Tenant, project: Project, owner: Client
) -> None:
    batch, _ = about_two(project, 100)
    other: Annotator = make_annotator(make_project(workspace_a))
    body = {"items": [], "answers": "1", "alert": str(open_alert(other).pk)}
    path = reverse("batch_more_answers", args=[workspace_a.workspace.slug, batch.pk])
    assert owner.post(path, body).status_code == 404


def test_only_a_run_of_the_reserve_belongs_to_an_alert(project: Project) -> None:
    batch, alert = about_two(project, 100)
    with connection.cursor() as cursor:
        change = "UPDATE billing_funding_funding SET alert_id = %s WHERE batch_id = %s"
        with pytest.raises(DatabaseError, match="funding_for_alert"), transaction.atomic():
            cursor.execute(change, [alert.pk, batch.pk])
    with planes.in_workspace(project.workspace_id):
        assert Funding.objects.get(batch=batch).alert_id is None


def test_what_is_missing_is_said_by_what_the_plan_asks_for(
    workspace_a: Tenant, owner: Client
) -> None:
    one, several = make_project(workspace_a, overlap=1), make_project(workspace_a, overlap=2)
    make_batch(one, 2, plan=Plan(1, share_percent=0))
    make_batch(several, 2, plan=Plan(2, share_percent=0))

    def next_of(project: Project) -> str:
        slug = workspace_a.workspace.slug
        return text(owner.get(reverse("project_quality", args=[slug, project.pk])))

    assert "set this in the plan of the next batch" in next_of(one)
    page = next_of(several)
    assert "Items that several annotators answer are being worked on." in page
    assert "set this in the plan of the next batch" not in page
    for _ in range(2):
        annotator = make_annotator(several)
        while lease := annotator.lease():
            annotator.submit(lease)
    assert "set this in the plan of the next batch" in next_of(several), "nothing is awaited"
