"""An annotator's decisions over REST: listed, appealed, revised; each sent twice has one effect."""

import uuid
from typing import Any

import pytest

from projects.plan.models import Project
from projects.review.models import Appeal
from projects.review.services import returning
from projects.work.models import Annotation, AnnotationHistory
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of
from tests.people import LEASE_FIELDS, Annotator, make_annotator
from tests.rejections import NOTE, decide, pass_days, rejected
from tests.review.own import answer_of, send_back

API = "/api/v1/desk"
STATEMENT = "The rule asks for a reason, and there is one."


def test_decisions_are_listed_page_by_page(workspace_a: Tenant, ada: Annotator) -> None:
    answers = [answer_of(ada) for _ in range(4)]
    assert ada.client.get(f"{API}/decisions/").json()["results"] == []
    for one in answers[:2]:
        rejected(one, workspace_a)
    send_back(answers[2], workspace_a)
    first = ada.client.get(f"{API}/decisions/?page_size=2").json()
    second = ada.client.get(first["next"]).json()
    rows = [*first["results"], *second["results"]]
    assert [row["annotation"] for row in rows] == [str(one) for one in reversed(answers[:3])]
    assert [(row["state"], row["pay"]) for row in rows] == [
        ("revise", "waits"),
        ("rejected", "on_hold"),
        ("rejected", "on_hold"),
    ]
    assert rows[1]["note"] == NOTE and rows[1]["reason"] == "rule" and rows[1]["appeal_by"]
    assert not any("reviewer" in name for row in rows for name in row)
    assert ada.client.get(f"{API}/decisions/?state=rejected").status_code == 400


def test_an_appeal_sent_twice_is_one(
    workspace_a: Tenant,
    ada: Annotator,
    answer: uuid.UUID,
) -> None:
    path, body = f"{API}/annotations/{answer}/appeal/", {"statement": STATEMENT}
    early = ada.client.post(path, body)
    assert (early.status_code, early.json()["code"]) == (409, "not_rejected")
    rejected(answer, workspace_a)
    for wrong in ({"statement": "no"}, {"statement": 7}, {}, body | {"broken": False}):
        assert ada.client.post(path, wrong).status_code == 400, wrong
    made = ada.client.post(path, body)
    again = ada.client.post(path, body)
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json()
    other = ada.client.post(path, {"statement": "With other words this time."})
    assert (other.status_code, other.json()["code"]) == (409, "appealed_once")
    with planes.in_workspace(workspace_a.pk):
        assert Appeal.objects.count() == 1
    decide(answer, broken=False)
    [row] = ada.client.get(f"{API}/decisions/").json()["results"]
    assert (row["state"], row["pay"], row["statement"]) == ("overturned", "earned", STATEMENT)
    assert row["ended_note"] == "The rule says so."


def test_a_returned_answer_comes_in_the_shape_of_a_lease_and_is_revised_once(
    workspace_a: Tenant,
    ada: Annotator,
) -> None:
    lease = ada.lease()
    assert lease
    answer = uuid.UUID(ada.submit(lease, 1, "Short.").json()["id"])
    path = f"{API}/annotations/{answer}/"
    assert ada.client.get(path).status_code == 404
    early = ada.client.post(f"{path}revise/", {"answer": {}})
    assert (early.status_code, early.json()["code"]) == (409, "not_returned")
    assert "was not sent back to you" in early.json()["detail"]
    send_back(answer, workspace_a, "Say more.  Please.")
    got = ada.client.get(path)
    body = got.json()
    assert set(body) == LEASE_FIELDS | {"note"} and body["note"] == "Say more.  Please."
    same = ("project", "form", "prompt", "responses", "context", "price", "guideline_version")
    assert {name: body[name] for name in same} == {name: lease[name] for name in same}
    keys = [one["key"] for one in body["responses"]]
    assert body["draft"] == {"preference": {"choice": keys[1]}, "reason": "Short."}
    sent = {"answer": {"preference": {"choice": keys[0]}, "reason": "Longer."}}
    for wrong in (
        {},
        {"answer": {}},
        sent | {"why": 1},
        sent | {"pasted_percent": 101},
        sent | {"active_ms": -1},
    ):
        assert ada.client.post(f"{path}revise/", wrong).status_code == 400, wrong
    for _ in range(2):
        done = ada.client.post(f"{path}revise/", sent | {"pasted_percent": 3})
        assert (done.status_code, done.json()) == (200, {"id": str(answer), "state": "submitted"})
    other = ada.client.post(f"{path}revise/", {"answer": body["draft"]})
    assert (other.status_code, other.json()["code"]) == (409, "not_returned")
    assert "This answer was revised already." in other.json()["detail"]
    with (
        planes.at_desk(ada.user.pk, workspace_a.pk, ada.enrollment.project_id),
        pytest.raises(Refused, match="was revised already"),
    ):
        returning.revise(annotation_id=answer, answer=body["draft"])
    assert ada.client.get(path).json()["code"] == "not_returned"
    with planes.in_workspace(workspace_a.pk):
        assert AnnotationHistory.objects.count() == 1
        row = Annotation.objects.get(pk=answer)
    assert (row.answer["reason"], row.pasted_percent) == ("Longer.", 3)


def test_a_late_revision_is_refused(
    workspace_a: Tenant,
    ada: Annotator,
    answer: uuid.UUID,
) -> None:
    send_back(answer, workspace_a)
    body = {"answer": ada.client.get(f"{API}/annotations/{answer}/").json()["draft"]}
    pass_days(4)
    late = ada.client.post(f"{API}/annotations/{answer}/revise/", body)
    assert (late.status_code, late.json()["code"]) == (409, "not_returned")
    assert "time to revise" in late.json()["detail"]


def test_answers_of_others_are_missing(
    workspace_a: Tenant,
    annotators: list[Annotator],
    ada: Annotator,
) -> None:
    theirs, returned = answer_of(annotators[1]), answer_of(annotators[1])
    rejected(theirs, workspace_a)
    send_back(returned, workspace_a)
    for one in (theirs, returned):
        path = f"{API}/annotations/{one}/"
        assert ada.client.get(path).status_code == 404
        assert ada.client.post(f"{path}appeal/", {"statement": STATEMENT}).status_code == 404
        assert ada.client.post(f"{path}revise/", {"answer": {}}).status_code == 404
    assert ada.client.get(f"{API}/decisions/").json()["results"] == []


def test_no_program_revises_where_programs_are_off(workspace_a: Tenant) -> None:
    """The page does."""
    project: Project = make_project(workspace_a, programs=None)
    make_batch(project, 1)
    one = make_annotator(project)
    browser = browser_of(one.user)
    desk: Any = browser.get(f"/work/{one.enrollment.pk}/")
    key = desk.context["lease"].responses[0]["key"]
    submit = f"/work/{one.enrollment.pk}/leases/{desk.context['lease'].id}/submit/"
    assert browser.post(submit, {"preference": key}).status_code == 303
    with planes.in_workspace(workspace_a.pk):
        made = Annotation.objects.get().pk
    send_back(made, workspace_a)
    body = {"answer": {"preference": {"choice": "tie"}, "reason": ""}}
    refused = one.client.post(f"{API}/annotations/{made}/revise/", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "programs_off")
    page = f"/work/{one.enrollment.pk}/revise/{made}/"
    assert browser.post(page, {"preference": "tie"}).status_code == 303


@pytest.mark.parametrize("name", ["decisions/", "annotations/{}/"])
def test_a_workspaces_key_is_no_annotators(
    workspace_a: Tenant,
    answer: uuid.UUID,
    name: str,
) -> None:
    assert workspace_a.client.get(f"{API}/{name.format(answer)}").status_code == 403
