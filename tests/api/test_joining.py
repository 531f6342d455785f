"""Joining projects, accepting guidelines, and earnings, with an annotator's own key."""

import pytest

from tests.api.unchanged import nothing_changes
from tests.factories import make_batch, make_project, make_workspace, publish_guidelines
from tests.people import client_for, make_annotator, make_desk_key, make_user


@pytest.fixture
def ada(annotators, batch):
    """One of the three, with an open batch."""
    return annotators[0]


def test_a_major_change_asks_for_acceptance_anew(project, ada):
    """A live lease can be finished under the guideline version it was made with."""
    lease = ada.lease()
    publish_guidelines(project, "# Minor", "minor")
    assert ada.submit(lease).status_code == 201
    lease = ada.lease()
    publish_guidelines(project, "# Major", "major")
    done = ada.submit(lease)
    assert done.status_code == 201
    refused = ada.client.post("/api/v1/desk/lease/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "accept_guidelines")
    (place,) = ada.client.get("/api/v1/desk/enrollments/").json()["results"]
    assert (place["guideline_version"], place["cleared"]) == (3, False)
    at = f"/api/v1/desk/enrollments/{place['id']}/"
    with nothing_changes():
        old = ada.client.post(f"{at}accept-guideline/", {"guideline_version": 1})
    assert (old.status_code, old.json()["code"]) == (409, "not_in_force")
    with nothing_changes():
        for number in (0, -1, "3", 3.0, True, None, 10**12):
            wrong = ada.client.post(f"{at}accept-guideline/", {"guideline_version": number})
            assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (
                400,
                "guideline_version",
            )
    assert ada.client.post(f"{at}accept-guideline/", {"guideline_version": 3}).json()["cleared"]
    assert ada.lease() is not None


def test_joining(workspace_a, workspace_b, project):
    """What the market lists in the key's workspace, once; members' projects are for members."""
    user = make_user()
    client = client_for(make_desk_key(workspace_a.workspace, user))
    unpaid = make_project(workspace_a, access="members")
    silent = make_project(workspace_a, publish=False)
    elsewhere = make_project(workspace_b)
    with nothing_changes():
        for closed in (unpaid, silent, elsewhere):
            assert (
                client.post("/api/v1/desk/enrollments/", {"project": str(closed.pk)}).status_code
                == 404
            )
    first = client.post("/api/v1/desk/enrollments/", {"project": str(project.pk)})
    again = client.post("/api/v1/desk/enrollments/", {"project": str(project.pk)})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert user.email not in str(first.json()) and str(user.pk) not in str(first.json())
    assert client.post("/api/v1/desk/lease/", {}).json()["code"] == "accept_guidelines"


def test_members_do_not_work_for_pay(workspace_a, project):
    """The owner cannot join the paid project of their own workspace."""
    client = client_for(make_desk_key(workspace_a.workspace, workspace_a.owner))
    with nothing_changes():
        response = client.post("/api/v1/desk/enrollments/", {"project": str(project.pk)})
    assert response.status_code == 404


def test_earnings_are_of_this_workspace(ada, deliver):
    """A key of one workspace does not show what was earned in another."""
    tenant = make_workspace()
    elsewhere = make_annotator(make_project(tenant, price_minor=77), user=ada.user)
    make_batch(elsewhere.enrollment.project)
    elsewhere.submit(elsewhere.lease())
    rows = tenant.client.get(f"/api/v1/projects/{elsewhere.enrollment.project_id}/annotations/")
    ids = [row["id"] for row in rows.json()["results"]]
    assert tenant.client.post("/api/v1/annotations/accept/", {"ids": ids}).json() == {
        "accepted": 1,
        "left_out": [],
    }
    elsewhere.submit(elsewhere.lease())
    deliver()
    there = elsewhere.client.get("/api/v1/desk/earnings/").json()
    assert there["accrued"] == [{"currency": "USD", "amount_minor": 77}]
    assert there["pending"] == [{"currency": "USD", "annotations": 1, "amount_minor": 77}]
    here = ada.client.get("/api/v1/desk/earnings/").json()
    assert (here["accrued"], here["pending"], here["lines"]["results"]) == ([], [], [])
