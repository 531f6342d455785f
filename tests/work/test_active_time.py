"""The active time that a client counts comes with the answer and the draft, up to the length of the lease."""

import re
from typing import Any

import pytest
from django.db import connection

from projects.plan.models import Project
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.factories import make_batch
from tests.pages.conftest import browser_of, keys_of, lease_of
from tests.people import Annotator, make_annotator
from tests.work.test_pasted import answer_of


@pytest.fixture
def ada(project: Project) -> Annotator:
    make_batch(project, 3)
    return make_annotator(project, "Ada")


def stored(annotator: Annotator) -> list[float]:
    with planes.in_workspace(annotator.enrollment.workspace_id):
        rows = Annotation.objects.order_by("pk").values_list("seconds", flat=True)
        return [round(seconds, 3) for seconds in rows]


def began_earlier(seconds: int) -> None:
    """Let the live lease have begun so many seconds earlier."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE projects_work_lease DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_lease SET leased_at = leased_at - make_interval(secs => %s) "
            "WHERE ended_at IS NULL",
            [seconds],
        )
        cursor.execute("ALTER TABLE projects_work_lease ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def hidden(page: str) -> str:
    found = re.search(r'name="active_ms"\s+value="(\d*)"', page)
    assert found
    return found[1]


#: What a page sends for a lease of 60 seconds, and what is stored at least and at most.
SENT = {
    "less than the lease": ("12500", 12.5, 12.5),
    "more than the lease": ("999000", 60, 65),
    "nothing": ("", 60, 65),
    "zero": ("0", 60, 65),
    "no number": ("1e3", 60, 65),
    "below zero": ("-5", 60, 65),
}


@pytest.mark.parametrize(("sent", "least", "most"), SENT.values(), ids=SENT)
def test_the_page_sends_it(ada: Annotator, sent: str, least: float, most: float) -> None:
    client, desk = browser_of(ada.user), f"/work/{ada.enrollment.pk}/"
    page = client.get(desk).content.decode()
    assert hidden(page) == ""
    began_earlier(60)
    fields = {"preference": keys_of(page)[0], "reason": "Clearer.", "active_ms": sent}
    assert client.post(f"{desk}leases/{lease_of(page)}/submit/", fields).status_code == 303
    [seconds] = stored(ada)
    assert least <= seconds <= most


def test_by_rest_it_is_optional_and_checked(ada: Annotator) -> None:
    lease: Any = ada.lease()
    path = f"/api/v1/desk/leases/{lease['id']}/"
    for wrong in (-1, 1_000_000_000, "40", 40.0, True, [40]):
        body = {"answer": answer_of(lease), "active_ms": wrong}
        for refused in (
            ada.client.post(f"{path}submit/", body),
            ada.client.put(f"{path}draft/", body),
        ):
            assert refused.status_code == 400, wrong
            assert refused.json()["errors"][0]["field"] == "active_ms"
    began_earlier(60)
    body = {"answer": answer_of(lease), "active_ms": 8_000}
    assert ada.client.post(f"{path}submit/", body).status_code == 201
    assert stored(ada) == [8.0]


def test_a_draft_keeps_the_time(ada: Annotator) -> None:
    """After a reload, or on another device, the page goes on counting from there."""
    client, desk = browser_of(ada.user), f"/work/{ada.enrollment.pk}/"
    page = client.get(desk).content.decode()
    for sent in ("3000", "4500"):
        fields = {"reason": "So far.", "active_ms": sent}
        assert client.post(f"{desk}leases/{lease_of(page)}/draft/", fields).status_code == 204
        assert hidden(client.get(desk).content.decode()) == sent
    path = f"/api/v1/desk/leases/{lease_of(page)}/draft/"
    body = {"answer": {"reason": "So far."}, "active_ms": 5_500}
    assert ada.client.put(path, body).status_code == 204
    assert hidden(client.get(desk).content.decode()) == "5500"
    refused = client.post(f"{desk}leases/{lease_of(page)}/submit/", fields | {"active_ms": "6000"})
    assert refused.status_code == 422 and hidden(refused.content.decode()) == "6000"
