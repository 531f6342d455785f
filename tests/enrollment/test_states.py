"""Leaving costs nothing; only a person pauses or ends an enrollment, says why, and nothing is voided."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from projects.enrollment.models import Enrollment, EnrollmentChange
from projects.items.models import Batch
from projects.review.services import accepting
from projects.work.models import Annotation, Lease
from rlhfhub import invariants
from rlhfhub.notices import selectors as notices
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.calibration import made as calibration
from tests.factories import PRICE, Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import decide, pass_days, rejected
from tests.review.own import at, page_of, send_back

API = "/api/v1"
REPLY = "I followed rule R1 in both answers: see lines 2 and 3."


@pytest.fixture
def ada(annotators: list[Annotator], batch: Batch) -> Annotator:
    return annotators[0]


def state_of(one: Annotator) -> str:
    with planes.in_workspace(one.enrollment.workspace_id):
        return str(Enrollment.objects.get(pk=one.enrollment.pk).state)


def ended_as(one: Annotator, lease: dict[str, Any]) -> str | None:
    with planes.in_workspace(one.enrollment.workspace_id):
        found: str | None = Lease.objects.get(pk=lease["id"]).ended_as
        return found


def lease_of(one: Annotator) -> dict[str, Any]:
    lease = one.lease()
    assert lease
    return lease


def answered(one: Annotator) -> uuid.UUID:
    return uuid.UUID(one.submit(lease_of(one)).json()["id"])


def everything_holds() -> None:
    assert [found for found in invariants.verify() if not found.holds] == []


def told(user: User) -> list[str]:
    with planes.at_door():
        return [one.words.title for one in notices.notices_of(user.pk, most=9)]


def test_who_leaves_loses_nothing_and_may_come_back(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    browser, open_answer, lease = browser_of(ada.user), answered(ada), lease_of(ada)
    draft = {"answer": {"reason": "A half sentence"}}
    assert ada.client.put(f"{API}/desk/leases/{lease['id']}/draft/", draft).status_code == 204
    page = page_of(browser.get(at(ada, "enrollment")))
    assert "is returned, which costs you nothing" in page and "kept for 30 days" in page
    left = browser.post(at(ada, "enrollment", "leave"), {"note": "Too little time."})
    assert (left.status_code, state_of(ada), ended_as(ada, lease)) == (303, "ended", "returned")
    for body in ({}, {"project": str(ada.enrollment.project_id)}):
        refused = ada.client.post(f"{API}/desk/lease/", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_active")
        assert "ended" in refused.json()["detail"]
    desk = page_of(browser.get(at(ada)))
    assert "has ended" in desk and "what you can do" in desk and "Take the next" not in desk
    home = page_of(browser.get("/work/"))
    assert "You work in no project now" in home and "joined no project" not in home
    assert "A half sentence" in page_of(browser.get(at(ada, "drafts")))
    returned = page_of(browser.get(at(ada, "returned")))
    assert "no effect on pay, standing or offers" in returned and "You left the project" in returned
    unanswered = f"{API}/desk/enrollments/{ada.enrollment.pk}/unanswered/"
    assert [row["id"] for row in ada.client.get(unanswered).json()["results"]] == [lease["id"]]
    pass_days(30)
    with planes.as_system():
        accepting.accept_due()
    deliver()
    earned = ada.client.get(f"{API}/desk/earnings/").json()["accrued"]
    assert earned == [{"amount_minor": PRICE, "currency": "USD"}]
    with planes.in_workspace(workspace_a.pk):
        assert Annotation.objects.get(pk=open_answer).state == "accepted"
        assert EnrollmentChange.objects.get().note == "Too little time."
    everything_holds()

    back = browser.post(at(ada, "enrollment", "rejoin"))
    assert back["Location"] == at(ada, "guideline")
    guideline = browser.get(at(ada, "guideline"))
    assert "I have read this and accept it" in page_of(guideline)
    refused = ada.client.post(f"{API}/desk/lease/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "accept_guidelines")
    browser.post(at(ada, "guideline"), {"guideline_version": "1"})
    assert state_of(ada) == "active" and lease_of(ada)["id"] != lease["id"]
    everything_holds()


def test_a_calibration_ends_with_its_enrollment_and_a_pass_outlives_it(
    workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    project = calibration.make_asking_project(workspace_a)
    calibration.make_pool(project, 2 * calibration.ITEMS)
    calibration.open_round(project)
    running, passed = (people.make_annotator(project, name) for name in ("Running", "Passed"))
    calibration.answer(running, calibration.right, most=2)
    calibration.answer(passed, calibration.right)
    deliver()
    people.leave(running.enrollment)
    attempt = calibration.attempt_of(running)
    assert (attempt.state, attempt.seen) == ("left", 2)
    assert state_of(passed) == "active"
    people.leave(passed.enrollment)
    path = f"{API}/desk/enrollments/{passed.enrollment.pk}"
    assert passed.client.post(f"{path}/rejoin/").json()["state"] == "onboarding"
    accepted = passed.client.post(f"{path}/accept-guideline/", {"guideline_version": 1})
    assert (accepted.status_code, accepted.json()["state"]) == (200, "active")
    everything_holds()


def test_a_pause_says_why_and_the_lease_runs_to_its_end(
    ada: Annotator, workspace_a: Tenant
) -> None:
    lease, browser = lease_of(ada), browser_of(ada.user)
    manager = browser_of(people.make_member(workspace_a.workspace, "manager"))
    path = f"/w/{workspace_a.workspace.slug}/projects/{ada.enrollment.project_id}/annotators/"
    one = f"{path}{ada.enrollment.pseudonym}/enrollment/"
    wordless = manager.post(one, {"do": "pause", "reason": "quality", "note": "no"})
    assert (wordless.status_code, state_of(ada)) == (422, "active")
    assert (
        manager.post(one, {"do": "pause", "reason": "quality", "note": people.WHY}).status_code
        == 303
    )
    assert told(ada.user)[0].startswith("You are paused in")
    assert lease_of(ada)["id"] == lease["id"], "shown again, under its own terms"
    own = page_of(browser.get(at(ada, "enrollment")))
    assert "answers do not follow the guidelines" in own and people.WHY in own
    assert ada.submit(lease).status_code == 201
    refused = ada.client.post(f"{API}/desk/lease/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_active")
    assert "Why, and what you can do" in page_of(browser.get(at(ada)))

    assert browser.post(at(ada, "enrollment", "reply"), {"text": REPLY}).status_code == 303
    again = browser.post(at(ada, "enrollment", "reply"), {"text": REPLY})
    assert again.status_code == 422 and "That can be done once" in page_of(again)
    assert told(workspace_a.owner)[0].endswith("has replied")
    assert REPLY in page_of(manager.get(one))
    assert "paused Answers do not follow the guidelines" in page_of(manager.get(path))
    assert manager.post(one, {"do": "resume", "note": ""}).status_code == 303
    assert state_of(ada) == "active" and lease_of(ada)
    everything_holds()


def test_whose_enrollment_has_ended_submits_revises_and_appeals_and_is_paid(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    revised, _undecided, disputed = (answered(ada) for _ in range(3))
    rejected(disputed, workspace_a)
    send_back(revised, workspace_a)
    lease = lease_of(ada)
    people.end(ada.enrollment)
    assert state_of(ada) == "ended" and ended_as(ada, lease) is None
    assert ada.submit(lease).status_code == 201
    appeal = ada.client.post(
        f"{API}/desk/annotations/{disputed}/appeal/",
        {"statement": "The rule was followed, see line 2."},
    )
    assert appeal.status_code == 201
    asked = ada.client.get(f"{API}/desk/annotations/{revised}/").json()
    answer = {
        "preference": {"choice": asked["responses"][1]["key"]},
        "reason": "It names its source.",
    }
    revise = ada.client.post(f"{API}/desk/annotations/{revised}/revise/", {"answer": answer})
    assert revise.status_code == 200, revise.content
    decide(disputed, broken=False)
    pass_days(30)
    with planes.as_system():
        accepting.accept_due()
    deliver()
    assert ada.client.get(f"{API}/desk/earnings/").json()["accrued"] == [
        {"amount_minor": 4 * PRICE, "currency": "USD"}
    ]
    everything_holds()


def test_who_was_sent_away_or_left_while_paused_cannot_come_back(
    annotators: list[Annotator],
) -> None:
    ada, ben = annotators[:2]
    people.end(ada.enrollment)
    people.pause(ben.enrollment)
    assert (
        ben.client.post(f"{API}/desk/enrollments/{ben.enrollment.pk}/leave/", {}).status_code == 200
    )
    for one in (ada, ben):
        path = f"{API}/desk/enrollments/{one.enrollment.pk}/rejoin/"
        refused = one.client.post(path)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_possible")
        assert (
            one.client.get(f"{API}/desk/enrollments/{one.enrollment.pk}/").json()["may_rejoin"]
            is False
        )
        with (
            planes.at_desk(one.user.pk, one.enrollment.workspace_id),
            pytest.raises(DatabaseError),
            transaction.atomic(),
        ):
            insert_change(one, "ended", "onboarding", "rejoined", one.user.pk)


def insert_change(
    one: Annotator, old: str, new: str, reason: str, by: uuid.UUID, **more: Any
) -> None:
    EnrollmentChange.objects.create(
        workspace_id=one.enrollment.workspace_id,
        enrollment_id=one.enrollment.pk,
        annotator_id=one.user.pk,
        by_id=by,
        from_state=old,
        to_state=new,
        reason=reason,
        **({"note": people.WHY} | more),
    )


def test_enrollments_over_rest(annotators: list[Annotator], workspace_a: Tenant) -> None:
    ada, client = annotators[0], workspace_a.client
    path = f"{API}/enrollments/{ada.enrollment.pk}"
    body = {"reason": "enough", "note": "We need fewer people from now on."}
    paused = client.post(f"{path}/pause/", body).json()
    assert paused["state"] == "paused" and paused["changes"][0]["by"]
    assert client.post(f"{path}/pause/", body).json()["code"] == "not_possible"
    assert client.post(f"{path}/end/", {"reason": "left", "note": body["note"]}).status_code == 400
    mine = f"{API}/desk/enrollments/{ada.enrollment.pk}"
    own = ada.client.get(f"{mine}/").json()
    assert own["may_reply"] and own["changes"][0]["by"] == ""
    assert ada.client.post(f"{mine}/reply/", {"text": REPLY}).status_code == 200
    once = ada.client.post(f"{mine}/reply/", {"text": REPLY})
    assert (once.status_code, once.json()["code"]) == (409, "replied_once")
    assert client.get(f"{path}/").json()["changes"][0]["reply"]["text"] == REPLY
    assert client.post(f"{path}/resume/", {}).json()["state"] == "active"
    rows = client.get(f"{API}/projects/{ada.enrollment.project_id}/enrollments/").json()["results"]
    by_name = {row["annotator"]: row for row in rows}
    assert by_name[ada.enrollment.pseudonym]["reason"] == "resumed"
    assert by_name[annotators[1].enrollment.pseudonym]["reason"] is None
