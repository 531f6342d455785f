"""What was decided on annotations, in their list over REST: never by whom, as on the pages."""

import uuid
from datetime import datetime
from typing import Any

from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.services import accepting
from projects.review.tasks import accept_due
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.people import Annotator
from tests.rejections import appealed, decide, pass_days, rejected, rule_of
from tests.review.own import answer_of, send_back


def listed(tenant: Tenant, project: Project, **query: str) -> dict[str, list[dict[str, Any]]]:
    """The decisions by annotation."""
    rows = tenant.client.get(f"/api/v1/projects/{project.pk}/annotations/", query).json()["results"]
    return {row["id"]: row["decisions"] for row in rows}


def test_each_annotation_has_its_decisions(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    ada = annotators[0]
    accepted, refused, overturned, late = (answer_of(ada) for _ in range(4))
    owner = workspace_a.owner.pk
    with planes.in_workspace(workspace_a.pk, owner):
        accepting.accept(annotation_ids=[accepted], reviewer_id=owner)
        rule = rule_of(refused)
    for one in (refused, overturned):
        rejected(one, workspace_a)
    appealed(overturned, workspace_a, ada.user.pk)
    decide(overturned, broken=False)
    assert listed(workspace_a, project)[str(late)] == []
    pass_days(6)
    accept_due()
    found = listed(workspace_a, project)

    def shown(one: uuid.UUID) -> list[tuple[str, ...]]:
        return [
            (each["verdict"], each["by"], each["reason"], each["rule"]) for each in found[str(one)]
        ]

    rejection = ("rejected", "person", "rule", rule)
    assert shown(accepted) == [("accepted", "person", "", "")]
    assert shown(refused) == [rejection]
    assert shown(overturned) == [rejection, ("overturned", "person", "", "")]
    assert shown(late) == [("accepted", "clock", "", "")]
    for decision in found[str(overturned)]:
        assert decision.keys() == {"verdict", "by", "decided_at", "reason", "rule"}
        assert decision["decided_at"].endswith("Z")
        assert datetime.fromisoformat(decision["decided_at"]).tzinfo
    assert listed(workspace_a, project, state="rejected").keys() == {str(refused)}


def test_an_accept_says_what_it_leaves_out_and_why(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator]
) -> None:
    accepted, refused, returned, waits = (answer_of(annotators[0]) for _ in range(4))
    client = workspace_a.client
    assert client.post(f"/api/v1/annotations/{accepted}/accept/").json() == {"accepted": 1}
    again = client.post(f"/api/v1/annotations/{accepted}/accept/")
    assert (again.status_code, again.json()) == (200, {"accepted": 0})
    rejected(refused, workspace_a)
    send_back(returned, workspace_a)
    for one, words in ((refused, "is rejected already"), (returned, "for revision")):
        response = client.post(f"/api/v1/annotations/{one}/accept/")
        assert response.status_code == 409
        assert response.json()["code"] == "decided" and words in response.json()["detail"]
    ids = [str(one) for one in (accepted, refused, returned, waits)]
    body = client.post("/api/v1/annotations/accept/", {"ids": ids}).json()
    assert body["accepted"] == 1
    assert [(one["annotation"], one["state"]) for one in body["left_out"]] == list(
        zip(ids, ("accepted", "rejected", "returned"), strict=False)
    )
    assert "already" in body["left_out"][1]["reason"]
