"""The desk over REST: one lease at a time, one answer for it, in time."""

import pytest
from django.conf import settings

from projects.items import services as batches
from projects.work.models import Annotation, Lease, Slot
from projects.work.services import slots
from rlhfhub.tenancy import planes
from tests.api.unchanged import nothing_changes
from tests.factories import (
    fund_batch,
    import_items,
    make_batch,
    make_item,
    make_project,
)
from tests.people import LEASE_FIELDS, age, make_annotator


@pytest.fixture
def ada(annotators, batch):
    """One of the three, with an open batch."""
    return annotators[0]


def test_what_a_lease_shows(ada):
    """A lease shows the responses in the drawn order under keys of its own, and nothing else that identifies them."""
    lease = ada.lease()
    assert set(lease) == LEASE_FIELDS
    assert lease["price"] == {"amount_minor": 25, "currency": "USD"}
    assert [set(shown) for shown in lease["responses"]] == [{"key", "messages"}] * 2
    raw = str(lease)
    assert "model-a" not in raw and "model-b" not in raw and "item-" not in raw
    assert 29 * 60 < lease["seconds_left"] <= 30 * 60


def test_two_tabs(ada):
    """Both show the same lease; the second submit changes nothing, and says so."""
    first, second = ada.lease(), ada.lease()
    assert first == {**second, "seconds_left": first["seconds_left"]}
    done = ada.submit(first, 0)
    assert done.status_code == 201
    with nothing_changes():
        again = ada.submit(second, 1)
    assert (again.status_code, again.json()["code"]) == (409, "lease_ended")
    assert "already" in again.json()["detail"]
    assert ada.lease()["id"] != first["id"]


def test_a_double_submit_of_the_same_answer(ada):
    """One annotation is stored; the second answer gets 409."""
    lease = ada.lease()
    assert [ada.submit(lease).status_code for _ in range(3)] == [201, 409, 409]
    with planes.in_workspace(ada.enrollment.workspace_id):
        assert Annotation.objects.count() == 1


def test_an_expired_lease(ada):
    """A late answer counts within the grace; after it the answer is refused and others get the item."""
    lease = ada.lease()
    age(lease, 30)
    assert ada.submit(lease).status_code == 201
    lease = ada.lease()
    age(lease, 31)
    with nothing_changes():
        late = ada.submit(lease)
        draft = ada.client.put(f"/api/v1/desk/leases/{lease['id']}/draft/", {"answer": []})
    assert (late.status_code, late.json()["code"]) == (409, "lease_ended")
    assert draft.status_code == 400
    with planes.as_system():
        assert slots.expire_leases(grace_seconds=settings.LEASE_GRACE_SECONDS) == 1
    with nothing_changes():
        assert ada.submit(lease).status_code == 409
    assert ada.lease()["id"] != lease["id"]


def test_an_expired_lease_makes_room_without_a_sweep(ada):
    """Asking for the next one ends it."""
    lease = ada.lease()
    age(lease, 31)
    assert ada.lease()["id"] != lease["id"]
    with planes.in_workspace(ada.enrollment.workspace_id):
        assert Lease.objects.get(pk=lease["id"]).ended_as == "expired"
        assert Slot.objects.filter(state="leased").count() == 1


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (None, None),
        ("tie", None),
        ([], None),
        ({}, "preference"),
        ({"preference": "tie"}, "preference"),
        ({"preference": {"choice": "k9"}}, "preference.choice"),
        ({"preference": {"choice": 0}}, "preference.choice"),
        ({"preference": {"choice": None}}, "preference.choice"),
        ({"preference": {"choice": "tie", "sure": 1}}, "preference.sure"),
        ({"preference": {"choice": "tie"}, "reason": 5}, "reason"),
        ({"preference": {"choice": "tie"}, "reason": "x" * 4001}, "reason"),
        ({"preference": {"choice": "tie"}, "colour": "red"}, "colour"),
    ],
)
def test_wrong_answers(ada, answer, field):
    """Named by question; the lease lives on."""
    lease = ada.lease()
    with nothing_changes():
        response = ada.client.post(f"/api/v1/desk/leases/{lease['id']}/submit/", {"answer": answer})
    assert response.status_code == 400, response.content
    found = response.json()
    assert found["code"] == "invalid"
    assert field is None or [error["field"] for error in found["errors"]] == [field]
    assert ada.submit(lease).status_code == 201


def test_unknown_fields_at_the_desk(ada):
    """Refused by name."""
    lease = ada.lease()
    at = f"/api/v1/desk/leases/{lease['id']}/"
    good = {"preference": {"choice": "tie"}}
    with nothing_changes():
        for response in (
            ada.client.post("/api/v1/desk/lease/", {"colour": "red"}),
            ada.client.post(f"{at}submit/", {"answer": good, "colour": "red"}),
            ada.client.put(f"{at}draft/", {"answer": good, "colour": "red"}),
            ada.client.post(f"{at}return/", {"reason": "unclear", "colour": "red"}),
            ada.client.post(
                "/api/v1/desk/enrollments/", {"project": lease["project"], "colour": "red"}
            ),
        ):
            assert response.status_code == 400
            assert [error["field"] for error in response.json()["errors"]] == ["colour"]


@pytest.mark.parametrize("sent", [5, True, "x", [], {}, ""])
def test_wrong_projects(ada, sent):
    """An id is an id."""
    with nothing_changes():
        lease = ada.client.post("/api/v1/desk/lease/", {"project": sent})
        join = ada.client.post("/api/v1/desk/enrollments/", {"project": sent})
    for response in (lease, join):
        assert response.status_code == 400, response.content
        assert response.json()["errors"][0]["field"] == "project"


def test_returning(ada):
    """At no cost, with a reason; the item does not come back to the same annotator."""
    lease = ada.lease()
    at = f"/api/v1/desk/leases/{lease['id']}/return/"
    with nothing_changes():
        for body, field in (
            ({}, "reason"),
            ({"reason": "bored"}, "reason"),
            ({"reason": 5}, "reason"),
            ({"reason": "unclear", "note": 5}, "note"),
            ({"reason": "unclear", "note": "x" * 501}, "note"),
        ):
            response = ada.client.post(at, body)
            assert response.status_code == 400
            assert [error["field"] for error in response.json()["errors"]] == [field]
    assert ada.client.post(at, {"reason": "harmful", "note": "Not for me."}).status_code == 204
    assert ada.client.post(at, {"reason": "harmful"}).status_code == 204
    with nothing_changes():
        assert ada.submit(lease).status_code == 409
    seen = []
    while (lease := ada.lease()) is not None:
        seen.append(lease["prompt"][0]["content"])
        assert ada.submit(lease).status_code == 201
    assert len(seen) == len(set(seen)) == 4


def test_drafts(ada):
    """Kept with the lease and gone with it."""
    lease = ada.lease()
    at = f"/api/v1/desk/leases/{lease['id']}/draft/"
    draft = {"reason": "half a th"}
    assert ada.client.put(at, {"answer": {"reason": "x"}}).status_code == 204
    assert ada.client.put(at, {"answer": draft}).status_code == 204
    assert ada.lease()["draft"] == draft
    with nothing_changes():
        large = ada.client.put(at, {"answer": {"reason": "x" * 70_000}})
    assert (large.status_code, large.json()["errors"][0]["field"]) == (400, "answer")
    assert ada.submit(lease).status_code == 201
    assert ada.lease()["draft"] is None
    assert ada.client.put(at, {"answer": draft}).status_code == 409


def test_nothing_to_do(project, annotators):
    """204 with a time to come back."""
    response = annotators[0].client.post("/api/v1/desk/lease/", {})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Retry-After"] == "10"


def test_several_projects_must_be_named(workspace_a, batch, ada):
    """Rather than one of them chosen for the annotator."""
    other = make_project(workspace_a)
    make_batch(other, first=100)
    make_annotator(other, user=ada.user)
    with nothing_changes():
        response = ada.client.post("/api/v1/desk/lease/", {})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "project")
    assert ada.lease()["project"] == str(batch.project_id)


def test_the_prompt_may_be_messages(project, annotators):
    """And so may the responses."""
    batch = make_batch(project, items=0)
    talk = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Go"},
    ]
    replies = [{"messages": [{"role": "assistant", "content": text}]} for text in ("One.", "Two.")]
    import_items(batch, [make_item(1, prompt=talk, responses=replies, context={"topic": "x"})])
    fund_batch(batch)
    with planes.in_workspace(project.workspace_id):
        batches.open_batch(batch=batch, actor_id=None)
    lease = annotators[0].lease()
    assert lease["prompt"] == talk and lease["context"] == {"topic": "x"}
    assert {shown["messages"][0]["content"] for shown in lease["responses"]} == {"One.", "Two."}
