"""The staff's overview tells what waits; rows, rooms and lists have names that people read."""

import re
from typing import Any

import pytest
from django.db import models
from django.test import Client

from projects.items.models import Batch
from projects.quality.alerts import services
from projects.quality.alerts.models import Alert
from rlhfhub.events.dispatch import MAX_ATTEMPTS
from rlhfhub.events.models import Delivery
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import AuditEntry
from rlhfhub.tenancy.staff import site
from tests import people
from tests.factories import Tenant
from tests.linked import share_a_device
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.quality.made import open_alert
from tests.rejections import appealed, rejected
from tests.review.own import answer_of


@pytest.fixture
def staff(database: None) -> Client:
    return browser_of(people.make_user("Staff", is_staff=True))


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def waits(client: Client) -> dict[str, int]:
    response: Any = client.get("/admin/")
    return {one.words: one.count for one in response.context["waits"]}


def test_it_counts_alerts_and_dead_deliveries(
    staff: Client, workspace_a: Tenant, annotators: list[Annotator]
) -> None:
    nothing = {
        "Accounts that share a device": 0,
        "Alerts without a decision": 0,
        "Appeals without a decision": 0,
        "Batches with stopped rejections": 0,
        "Corrections of the ledger to approve": 0,
        "Dead Stripe events": 0,
        "Dead deliveries": 0,
        "Late background work": 0,
        "Payouts by hand": 0,
        "Reversals of payouts": 0,
        "Refunds by bank": 0,
        "Replies of paused annotators": 0,
        "Stray payments": 0,
    }
    assert waits(staff) == nothing
    alert = open_alert(annotators[0])
    Delivery.objects.create(
        workspace_id=workspace_a.pk,
        event_id=uuid7(),
        event_created_at=clock.now(),
        handler="quality.recount",
        attempts=MAX_ATTEMPTS,
    )
    found = waits(staff)
    assert (found["Alerts without a decision"], found["Dead deliveries"]) == (1, 1)
    page = text_of(staff, "/admin/")
    listed = "/admin/projects_quality/alert/?state__exact=open"
    assert f'href="{listed}"' in page
    assert re.search(r"Alerts without a decision</a> <strong[^>]*>1<", page)
    assert "agrees less with the others" in text_of(staff, listed)
    dead = "/admin/rlhfhub_events/delivery/?done_at__isempty=1"
    assert f'href="{dead}"' in page and "quality.recount" in text_of(staff, dead)
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        services.lift(alert=alert, note="Fine.", actor_id=workspace_a.owner.pk)
    assert waits(staff)["Alerts without a decision"] == 0


def test_an_alerts_page_has_its_evidence_in_words(
    staff: Client, workspace_a: Tenant, annotators: list[Annotator]
) -> None:
    alert = open_alert(annotators[0])
    page = text_of(staff, f"/admin/projects_quality/alert/{alert.pk}/change/")
    assert "probably right in 61 %, before in 86 %" in page
    assert "The chart shows 130 answers" in page and "<td>answers 1 to 7</td>" in page
    assert "agreement fell, " in page and annotators[0].enrollment.pseudonym in page
    assert "&quot;points&quot;" not in page and "object (" not in page
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        services.lift(alert=alert, note="Fine.", actor_id=workspace_a.owner.pk)
    assert "by a member" in text_of(staff, "/admin/projects_quality/alert/")


def test_every_row_has_a_name() -> None:
    for model in site._registry:
        assert model.__str__ is not models.Model.__str__, model
    assert str(Alert(kind="speed", opened_at=clock.now())).startswith("too fast, ")


def test_rooms_and_lists_have_names(staff: Client) -> None:
    page = text_of(staff, "/admin/rlhfhub_events/delivery/")
    assert "Deliveries" in page and "Deliverys" not in page
    page += text_of(staff, "/admin/projects_quality/alert/") + text_of(staff, "/admin/")
    assert "Projects_Quality" not in page and "Rlhfhub_Events" not in page
    for wrong in ("Batchs", "entrys", "Fundings"):
        assert wrong not in page


def test_one_queue_has_what_needs_a_person_and_leads_to_the_act(
    staff: Client, workspace_a: Tenant, annotators: list[Annotator], batch: Batch
) -> None:
    ada, ben = annotators[:2]
    assert "Nothing needs a person now" in text_of(staff, "/admin/queue/")
    disputed = answer_of(ada)
    rejected(disputed, workspace_a)
    appealed(disputed, workspace_a, ada.user.pk)
    alert = open_alert(ben)
    people.pause(ben.enrollment)
    reply = {"text": "I followed rule R1 in both."}
    assert (
        ben.client.post(f"/api/v1/desk/enrollments/{ben.enrollment.pk}/reply/", reply).status_code
        == 200
    )
    share_a_device(ada.user, ben.user)
    page: Any = staff.get("/admin/queue/")
    needs = {need.kind: need for need in page.context["needs"]}
    assert list(needs) == [
        "Appeal",
        "Alert about a person",
        "Reply to a pause or an end",
        "Accounts that share a device",
    ], "the oldest first"
    assert needs["Appeal"].due_at and needs["Alert about a person"].due_at == alert.lifts_at
    assert [staff.get(need.path).status_code for need in needs.values()] == [200] * 4
    pair = needs["Accounts that share a device"].path
    shown = text_of(staff, pair)
    assert (
        ada.user.email in shown and ben.enrollment.pseudonym in shown and "That alone" not in shown
    )
    assert staff.post(pair, {"note": "Same street and bank."}).status_code == 422, "neither"
    assert staff.post(pair, {"note": "Same street and bank.", "link": "1"}).status_code == 302
    assert staff.post(needs["Reply to a pause or an end"].path).status_code == 302
    left = {need.kind for need in staff.get("/admin/queue/").context["needs"]}
    assert left == {"Appeal", "Alert about a person"}
    looks = AuditEntry.objects.filter(verb="staff.look", subject="/admin/queue/")
    assert looks.count() == 3
