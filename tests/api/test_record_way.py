"""From a project to agreement and earnings over REST alone."""

import pytest

from projects.quality import services as quality
from rlhfhub.tenancy import planes
from tests.factories import make_items, make_workspace
from tests.people import client_for, make_desk_key, make_key, make_member, make_user

FIRST, SECOND = "First answer to {}.", "Second answer to {}."
ACCEPTED = {"guideline_version": 1, "attested": True}


@pytest.fixture
def client(workspace_a):
    return workspace_a.client


def _json(response, status=200):
    assert response.status_code == status, response.content
    return response.json()


def _make_open_batch(client, **project_fields):
    fields = {
        "name": "Helpfulness",
        "access": "market",
        "price_minor": 25,
        "programs": True,
        **project_fields,
    }
    project = _json(client.post("/api/v1/projects/", fields), 201)
    at = f"/api/v1/projects/{project['id']}/"
    version = _json(client.post(f"{at}guidelines/", {"text": "Be fair."}), 201)
    assert (version["number"], version["change"], version["published_at"]) == (1, "major", None)
    published = _json(client.post(f"{at}guidelines/1/publish/"))
    assert published["published_at"]
    batch = _json(client.post(f"{at}batches/", {"name": "First", "model_tag": "m-1"}), 201)
    here = f"/api/v1/batches/{batch['id']}/"
    receipt = _json(client.post(f"{here}items/", make_items(4)), 201)
    assert receipt == {
        "received": 4,
        "created": 4,
        "duplicates": 0,
        "rejected": [],
        "rejected_count": 0,
        "warnings": [],
    }
    return project, batch


def _annotators(workspace, project, count):
    made = []
    for _ in range(count):
        user = make_user()
        client = client_for(make_desk_key(workspace, user))
        place = _json(client.post("/api/v1/desk/enrollments/", {"project": project["id"]}), 201)
        assert place["state"] == "onboarding" and not place["cleared"]
        at = f"/api/v1/desk/enrollments/{place['id']}/"
        assert _json(client.get(f"{at}guideline/"))["text"] == "Be fair."
        place = _json(client.post(f"{at}accept-guideline/", ACCEPTED))
        assert place["state"] == "active" and place["cleared"]
        made.append((user, client))
    return made


def _work_all(client, pick):
    done = 0
    while (response := client.post("/api/v1/desk/lease/", {})).status_code == 200:
        lease = response.json()
        assert client.post("/api/v1/desk/lease/", {}).json()["id"] == lease["id"]
        texts = {shown["messages"][0]["content"]: shown["key"] for shown in lease["responses"]}
        choice = pick(lease, texts)
        answer = {"preference": {"choice": choice}, "reason": "Clearer."}
        submitted = _json(
            client.post(f"/api/v1/desk/leases/{lease['id']}/submit/", {"answer": answer}), 201
        )
        assert submitted["state"] == "submitted"
        done += 1
    assert response.status_code == 204
    return done


def _first(lease, texts):
    return next(key for text, key in texts.items() if text.startswith("First"))


def _tie(lease, texts):
    return "tie"


def test_the_whole_way(client, workspace_a, deliver):
    """Import, fund, open, judge, accept, earn, agree."""
    project, batch = _make_open_batch(client)
    here = f"/api/v1/batches/{batch['id']}/"

    quote = _json(client.get(f"{here}fund/"))
    assert (quote["state"], quote["slots"], quote["cost_minor"]) == ("none", 12, 12 * 30)
    before = _balance(client)
    funded = _json(client.post(f"{here}fund/"), 202)
    assert (funded["state"], funded["funded"], funded["total"]) == ("funded", 4, 4)
    assert _balance(client) == {
        "workspace_available": before["workspace_available"] - 360,
        "batch_budget": 360,
        "batch_reserve": 0,
    }
    assert _json(client.post(f"{here}open/"))["status"] == "open"

    people = _annotators(workspace_a.workspace, project, 3)
    assert [
        _work_all(c, pick) for (_, c), pick in zip(people, (_first, _first, _tie), strict=True)
    ] == [4, 4, 4]
    deliver()
    with planes.in_workspace(workspace_a.pk):
        quality.refresh_agreement(project_id=project["id"])

    listed = _json(client.get(f"/api/v1/projects/{project['id']}/annotations/"))["results"]
    assert len(listed) == 12 and {row["state"] for row in listed} == {"submitted"}
    assert {row["answer"]["preference"]["choice"] for row in listed} == {0, "tie"}
    assert len({row["annotator"] for row in listed}) == 3
    raw = str(listed)
    assert all(user.email not in raw and str(user.pk) not in raw for user, _ in people)

    earnings = _json(people[0][1].get("/api/v1/desk/earnings/"))
    assert earnings["pending"] == [{"currency": "USD", "annotations": 4, "amount_minor": 100}]
    assert earnings["accrued"] == []
    one, *others = (row["id"] for row in listed)
    assert _json(client.post(f"/api/v1/annotations/{one}/accept/")) == {"accepted": 1}
    said = _json(client.post("/api/v1/annotations/accept/", {"ids": [one, *others]}))
    assert said["accepted"] == 11
    assert [(row["annotation"], row["state"]) for row in said["left_out"]] == [(one, "accepted")]
    deliver()
    for _, annotator in people:
        earnings = _json(annotator.get("/api/v1/desk/earnings/"))
        assert earnings["pending"] == []
        assert earnings["accrued"] == [{"currency": "USD", "amount_minor": 100}]
        assert [line["amount_minor"] for line in earnings["lines"]["results"]] == [25] * 4
    assert _balance(client)["batch_budget"] == 0

    agreement = _json(client.get(f"/api/v1/projects/{project['id']}/agreement/"))
    assert agreement["project"]["annotations"] == 12
    assert (agreement["question"], agreement["questions"]) == ("preference", ["preference"])
    assert agreement["project"]["counts"] == [8, 4, 0]
    assert agreement["project"]["percent"] == pytest.approx(1 / 3)
    assert [row["batch"] for row in agreement["batches"]] == [batch["id"]]
    assert len(agreement["history"]) == 1
    consensus = agreement["consensus"]
    assert [lead["units"] for lead in consensus["leads"]] == [4, 0, 0]
    assert 0.5 < consensus["probability"] < 1
    facets = [row["facets"] for row in _json(client.get(f"{here}consensus/"))["results"]]
    assert [(one["unit"], one["votes"], one["value"]) for (one,) in facets] == [
        ("preference@0-1", [2, 1, 0], -1)
    ] * 4

    assert _json(client.post(f"{here}close/"))["status"] == "closed"


def _balance(client):
    return {
        line["kind"]: line["amount_minor"]
        for line in _json(client.get("/api/v1/balance/"))["balances"]
    }


def test_agreement_before_the_first_answer(client, project):
    """Numbers that are not defined are null."""
    body = _json(client.get(f"/api/v1/projects/{project.pk}/agreement/"))
    assert body["project"] is None and body["batches"] == [] and body["history"] == []
    assert body["consensus"]["probability"] is None


def test_an_unpaid_project_of_members_needs_no_money(deliver):
    """All other steps are the same, and the ledger has no entries."""
    tenant = make_workspace(money=0)
    client = tenant.client
    project, batch = _make_open_batch(client, access="members", price_minor=0, overlap=1)
    here = f"/api/v1/batches/{batch['id']}/"
    assert _json(client.post(f"{here}fund/"), 202)["cost_minor"] == 0
    _json(client.post(f"{here}open/"))
    annotator = _owner_at_work(tenant, project)
    assert _work_all(annotator, _first) == 4
    rows = _json(client.get(f"/api/v1/projects/{project['id']}/annotations/"))["results"]
    ids = {"ids": [row["id"] for row in rows]}
    own = client.post("/api/v1/annotations/accept/", ids)
    assert (own.status_code, own.json()["code"]) == (409, "own_work")
    reviewer = make_member(tenant.workspace)
    accepted = client_for(make_key(tenant.workspace, reviewer)).post(
        "/api/v1/annotations/accept/", ids
    )
    assert _json(accepted) == {"accepted": 4, "left_out": []}
    deliver()
    assert _json(annotator.get("/api/v1/desk/earnings/"))["lines"]["results"] == []
    assert _balance(client) == {
        "workspace_available": 0,
        "batch_budget": 0,
        "batch_reserve": 0,
    }


def _owner_at_work(tenant, project):
    client = client_for(make_desk_key(tenant.workspace, tenant.owner))
    place = _json(client.post("/api/v1/desk/enrollments/", {"project": project["id"]}), 201)
    _json(client.post(f"/api/v1/desk/enrollments/{place['id']}/accept-guideline/", ACCEPTED))
    return client
