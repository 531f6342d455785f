"""How much of an answer's text was pasted comes with the answer and the draft; nothing else of it is kept."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.plan.models import Project
from projects.work.models import Annotation, Draft
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of, keys_of, lease_of
from tests.people import Annotator, make_annotator


@pytest.fixture
def ada(project: Project) -> Annotator:
    make_batch(project, 3)
    return make_annotator(project, "Ada")


def stored(annotator: Annotator) -> list[int | None]:
    with planes.in_workspace(annotator.enrollment.workspace_id):
        return list(Annotation.objects.order_by("pk").values_list("pasted_percent", flat=True))


def answer_of(lease: dict[str, Any]) -> dict[str, Any]:
    return {"preference": {"choice": lease["responses"][0]["key"]}, "reason": "It is clearer."}


@pytest.mark.parametrize(("sent", "kept"), [("40", 40), ("0", 0), ("", None), ("140", None)])
def test_the_page_sends_it(ada: Annotator, sent: str, kept: int | None) -> None:
    client, desk = browser_of(ada.user), f"/work/{ada.enrollment.pk}/"
    page = client.get(desk).content.decode()
    fields = {"preference": keys_of(page)[0], "reason": "Clearer.", "pasted_percent": sent}
    assert client.post(f"{desk}leases/{lease_of(page)}/submit/", fields).status_code == 303
    assert stored(ada) == [kept]


def test_by_rest_it_is_optional_and_checked(ada: Annotator) -> None:
    lease: Any = ada.lease()
    path = f"/api/v1/desk/leases/{lease['id']}/"
    for wrong in (-1, 101, "40", 40.0, True, [40]):
        body = {"answer": answer_of(lease), "pasted_percent": wrong}
        for refused in (
            ada.client.post(f"{path}submit/", body),
            ada.client.put(f"{path}draft/", body),
        ):
            assert refused.status_code == 400, wrong
            assert refused.json()["errors"][0]["field"] == "pasted_percent"
    body = {"answer": answer_of(lease), "pasted_percent": 100}
    assert ada.client.post(f"{path}submit/", body).status_code == 201
    assert ada.submit(ada.lease() or {}).status_code == 201
    assert stored(ada) == [100, None]


def hidden(page: str) -> str:
    found = re.search(r'name="pasted_percent"\s+value="(\d*)"', page)
    assert found
    return found[1]


def test_a_draft_keeps_the_count(ada: Annotator) -> None:
    """A reload must not make a pasted text a written one."""
    client, desk = browser_of(ada.user), f"/work/{ada.enrollment.pk}/"
    page = client.get(desk).content.decode()
    assert hidden(page) == ""
    for percent in ("30", "70"):
        fields = {"reason": "So far.", "pasted_percent": percent}
        assert client.post(f"{desk}leases/{lease_of(page)}/draft/", fields).status_code == 204
        assert hidden(client.get(desk).content.decode()) == percent
    body = {"answer": {"reason": "So far."}, "pasted_percent": 55}
    path = f"/api/v1/desk/leases/{lease_of(page)}/draft/"
    assert ada.client.put(path, body).status_code == 204
    assert hidden(client.get(desk).content.decode()) == "55"
    refused = client.post(
        f"{desk}leases/{lease_of(page)}/submit/", fields | {"pasted_percent": "75"}
    )
    assert refused.status_code == 422 and hidden(refused.content.decode()) == "75"
    with planes.at_desk(ada.user.pk, ada.enrollment.workspace_id):
        assert Draft.objects.get().answer == {"reason": "So far."}


def test_the_page_says_what_is_measured(ada: Annotator) -> None:
    client = browser_of(ada.user)
    desk = client.get(f"/work/{ada.enrollment.pk}/").content.decode()
    own = client.get(f"/work/{ada.enrollment.pk}/how-i-do/").content.decode()
    assert "how much of a text was pasted or dropped" in " ".join(desk.split())
    assert "how much of a text was pasted; what you paste is not kept" in own


@pytest.mark.parametrize("change", ["pasted_percent = 101", "pasted_percent = 5"])
def test_the_database_refuses_other_shares(
    workspace_a: Tenant, ada: Annotator, change: str
) -> None:
    """Of an answer that was submitted nobody changes it."""
    assert ada.submit(ada.lease() or {}).status_code == 201
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE projects_work_annotation SET {change}")
