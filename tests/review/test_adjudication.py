"""A final answer is given by somebody who did not answer the item, and stands until the next one."""

import json
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from projects.items.services import Plan
from projects.plan.models import Project
from projects.quality import services as quality
from projects.quality.models import AgreementSnapshot
from projects.review.adjudication import selectors
from projects.review.adjudication.models import Adjudication
from projects.work.models import Annotation
from rlhfhub.events.models import Event
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import AuditEntry
from rlhfhub.tenancy.roles import Role
from tests.adjudications import NOTE, adjudicate, item_of, prefers, withdraw
from tests.exports.made import judge
from tests.factories import Tenant, make_batch, make_project
from tests.linked import link
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator, make_member

TABLE = "projects_review_adjudication"


@pytest.fixture
def judged(workspace_a: Tenant, project: Project, annotators: list[Annotator]) -> uuid.UUID:
    """An item on which its annotators differ."""
    make_batch(project, 1)
    judge(annotators, {"1": ["first", "second", "tie"]})
    return item_of(workspace_a, "item-1").pk


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def _page(tenant: Tenant, item_id: uuid.UUID, more: str = "final-answer/") -> str:
    return f"/w/{tenant.workspace.slug}/items/{item_id}/{more}"


def _words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_it_stands_until_the_next_one_or_its_withdrawal(
    workspace_a: Tenant, judged: uuid.UUID, owner: Client, deliver: Callable[[], int]
) -> None:
    """By page and by REST. Who sends the number of an earlier one is told, and sees the newer."""
    deliver()
    at = f"/api/v1/items/{judged}/adjudications/"
    body = {"answer": {**prefers(1), "reason": "B cites."}, "note": f" {NOTE} ", "seen": 0}
    made = workspace_a.client.post(at, body)
    assert made.status_code == 201, made.content
    assert made.json()["answer"] == {"preference": {"choice": 1}, "reason": "B cites."}
    assert (made.json()["number"], made.json()["judged"]) == (1, [1])
    assert made.json()["reviewer"] == str(workspace_a.owner.pk)
    page = _words(owner.get(_page(workspace_a, judged, "")))
    assert "B is better" in page and NOTE in page and workspace_a.owner.name in page
    assert "These are the annotators’ answers" in page

    late = {"preference": "0", "note": "A is shorter.", "seen": "0"}
    refused = owner.post(_page(workspace_a, judged), late)
    assert refused.status_code == 409
    words = _words(refused)
    assert "Somebody else gave or withdrew the final answer" in words and NOTE in words
    assert 'name="seen" value="1"' in words and "A is shorter." in words
    assert owner.post(_page(workspace_a, judged), late | {"seen": "1"}).status_code == 303
    item = workspace_a.client.get(f"/api/v1/items/{judged}/").json()
    assert item["final"]["number"] == 2 and "A is better" in item["final"]["summary"][0]
    assert item["consensus"][0]["facets"][0]["lead"]["value"] is None

    consensus = f"/api/v1/batches/{item['batch']}/consensus/"
    assert workspace_a.client.get(consensus).json()["results"][0]["adjudicated"] is True
    path = _page(workspace_a, judged, "final-answer/withdraw/")
    assert owner.post(path, {"note": "A mistake.", "seen": "2"}).status_code == 303
    assert workspace_a.client.get(f"/api/v1/items/{judged}/").json()["final"] is None
    assert workspace_a.client.get(consensus).json()["results"][0]["adjudicated"] is False
    again = workspace_a.client.post(f"{at}withdraw/", {"note": "Once again.", "seen": 3})
    assert (again.status_code, again.json()["code"]) == (409, "not_adjudicated")
    listed = workspace_a.client.get(at).json()["results"]
    assert [(row["number"], row["withdrawn"]) for row in listed] == [
        (3, True),
        (2, False),
        (1, False),
    ]
    with planes.as_system():
        facts = Event.objects.filter(kind="review.adjudicated").order_by("created_at", "id")
        assert [fact.data["number"] for fact in facts] == [1, 2, 3]
    with planes.in_workspace(workspace_a.pk):
        verbs = AuditEntry.objects.filter(subject=str(judged)).order_by("id")
        assert [entry.verb for entry in verbs] == [
            *("item.adjudicate", "item.adjudicate", "item.withdraw_adjudication")
        ]
        assert selectors.standing([judged]) == {}


def test_what_is_wrong_is_named_by_its_field(
    workspace_a: Tenant, project: Project, judged: uuid.UUID, owner: Client
) -> None:
    at = f"/api/v1/items/{judged}/adjudications/"
    good = {"answer": prefers(0), "note": NOTE, "seen": 0}
    for changes, field in (
        ({"answer": {"preference": {"choice": "2"}}}, "preference.choice"),
        ({"answer": {"reason": "No choice."}}, "preference"),
        ({"answer": {**prefers(0), "other": 1}}, "other"),
        ({"answer": []}, "answer"),
        ({"note": "\u200b"}, "note"),
        ({"note": "Because."}, "note"),
        ({"seen": "0"}, "seen"),
        ({"seen": -1}, "seen"),
        ({"by": "Ann"}, "by"),
    ):
        refused = workspace_a.client.post(at, good | changes)
        assert refused.status_code == 400, refused.content
        assert refused.json()["errors"][0]["field"] == field, (changes, refused.json())
    page = owner.post(_page(workspace_a, judged), {"note": NOTE, "seen": "0"})
    assert page.status_code == 422 and "This question must be answered." in _words(page)
    page = owner.post(_page(workspace_a, judged), {"preference": "1", "note": "", "seen": "0"})
    assert page.status_code == 422
    assert 'value="1"' in _words(page) and "checked" in _words(page)

    make_batch(project, 1, first=50)
    unanswered = f"/api/v1/items/{item_of(workspace_a, 'item-50').pk}/adjudications/"
    assert workspace_a.client.post(unanswered, good).json()["code"] == "unanswered"
    with planes.in_workspace(workspace_a.pk):
        assert not Adjudication.objects.exists()


def test_who_answered_the_item_or_holds_it_is_refused(
    workspace_a: Tenant, annotators: list[Annotator]
) -> None:
    """Members of a workspace who work for it themselves, unpaid."""
    own = make_project(workspace_a, access="members", overlap=3)
    make_batch(own, 1, plan=Plan(overlap=3, share_percent=0))
    people = [make_member(workspace_a.workspace, Role.REVIEWER) for _ in range(2)]
    answering, holding = (make_annotator(own, user=person) for person in people)
    lease = answering.lease()
    assert lease and answering.submit(lease).status_code == 201 and holding.lease()
    item = item_of(workspace_a, "item-1").pk
    for person in people:
        refused = browser_of(person).post(
            _page(workspace_a, item), {"preference": "0", "note": NOTE, "seen": "0"}
        )
        assert refused.status_code == 409
        assert "You answered this item or hold it on your desk" in _words(refused)
        shown = _words(browser_of(person).get(_page(workspace_a, item)))
        assert "Save the final answer" not in shown and "So another member decides it." in shown
    viewer = make_member(workspace_a.workspace, Role.VIEWER)
    assert browser_of(viewer).get(_page(workspace_a, item)).status_code == 403
    page = _words(browser_of(viewer).get(_page(workspace_a, item, "")))
    assert "Give the final answer" not in page
    adjudicate(workspace_a, item, prefers(0))


def test_the_link_to_it_is_shown_only_to_those_who_can_give_it(
    workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    """Three pages show the link to a reviewer. Nobody who answered the item or holds it sees it."""
    own = make_project(workspace_a, access="members", overlap=3)
    make_batch(own, 1, plan=Plan(overlap=3, share_percent=0))
    people = [make_member(workspace_a.workspace, Role.REVIEWER) for _ in range(3)]
    first, second, holding = (make_annotator(own, user=person) for person in people)
    for one, choice in ((first, 0), (second, 1)):
        lease = one.lease()
        assert (
            lease
            and one.prefer(lease, f"{('First', 'Second')[choice]} answer to 1.").status_code == 201
        )
    assert holding.lease()
    deliver()
    item = item_of(workspace_a, "item-1").pk
    project = f"/w/{workspace_a.workspace.slug}/projects/{own.pk}"
    pages = [_page(workspace_a, item, ""), f"{project}/items/", f"{project}/review/"]
    link_to = _page(workspace_a, item)
    other = make_member(workspace_a.workspace, Role.REVIEWER)
    viewer = make_member(workspace_a.workspace, Role.VIEWER)
    for path in pages:
        assert link_to in _words(browser_of(other).get(path)), path
        for person in (*people, viewer):
            assert link_to not in _words(browser_of(person).get(path)), path


def test_who_gave_the_final_answer_does_not_get_the_item_at_the_desk(workspace_a: Tenant) -> None:
    """Nor does an account that staff linked with theirs, nor if it is withdrawn. They go on to the next item."""
    own = make_project(workspace_a, access="members", overlap=4)
    make_batch(own, 2)
    first, reviewer, linked = (
        make_annotator(own, user=make_member(workspace_a.workspace, Role.REVIEWER))
        for _ in range(3)
    )
    lease = first.lease()
    assert lease and first.submit(lease).status_code == 201
    with planes.in_workspace(workspace_a.pk):
        item = Annotation.objects.get().item_id
    browser, final = browser_of(reviewer.user), {"preference": "0", "note": NOTE, "seen": "0"}
    assert browser.post(_page(workspace_a, item), final).status_code == 303
    withdrawn = {"note": "A mistake.", "seen": "1"}
    path = _page(workspace_a, item, "final-answer/withdraw/")
    assert browser.post(path, withdrawn).status_code == 303
    other = reviewer.lease()
    assert other and other["prompt"] != lease["prompt"]
    assert reviewer.submit(other).status_code == 201
    assert reviewer.lease() is None
    link(linked.user, reviewer.user)
    assert linked.lease() is None, "of the other item their linked account has had it"


_INSERT = f"""
    INSERT INTO {TABLE} (id, workspace_id, project_id, item_id, form_id, guideline_version_id, number, withdrawn,
        answer, units, judged, reviewer_id, note, decided_at)
    SELECT gen_random_uuid(), workspace_id, project_id, item_id, form_id, guideline_version_id, number + 1, false,
        answer, units, judged, reviewer_id, note, clock_timestamp()
    FROM (SELECT (jsonb_populate_record(j, %(changes)s::jsonb)).* FROM {TABLE} j WHERE number = 1) changed
"""
_WITHDRAW = _INSERT.replace(
    "number + 1, false,\n        answer, units, judged", "number + 1, true, '{}', '{}', '{}'"
)
# By the trigger that refuses it: the statement, its changes, and the constraint that is named.
_GUARDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "of_item": (_INSERT, {"project_id": "the other"}, "adjudication_of_item"),
    "adjudicator": (_INSERT, {"reviewer_id": "an annotator"}, "adjudication_not_own"),
    "adjudicator ": (_INSERT, {"reviewer_id": str(uuid.uuid4())}, "adjudication_own_name"),
    "follows": (_INSERT, {"number": 4}, "adjudication_follows"),
    "follows ": (_WITHDRAW, {"number": 2}, "adjudication_follows"),
    "append_only": (f"UPDATE {TABLE} SET note = 'Another reason.'", {}, ""),
    "append_only ": (f"DELETE FROM {TABLE}", {}, ""),
}


def test_the_database_refuses_what_no_service_asks(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], judged: uuid.UUID
) -> None:
    """Each trigger by itself; without it the same statement is taken."""
    adjudicate(workspace_a, judged, prefers(1))
    withdraw(workspace_a, judged)
    named = {"the other": make_project(workspace_a).pk, "an annotator": annotators[0].user.pk}

    def forge(name: str) -> None:
        statement, changes, _ = _GUARDS[name]
        known = {key: str(named.get(value, value)) for key, value in changes.items()}
        # No plane may change a row, so that the owner's login tries.
        plane = planes.in_workspace(workspace_a.pk) if changes else nullcontext()
        with transaction.atomic(), plane, connection.cursor() as cursor:
            cursor.execute(statement, {"changes": json.dumps({"number": 2} | known)})
            assert cursor.rowcount

    for name, (_, _, constraint) in _GUARDS.items():
        with pytest.raises(DatabaseError) as refused:
            forge(name)
        diagnosis: Any = refused.value.__cause__
        assert diagnosis.diag.constraint_name == (constraint or None), name
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {name.strip()}")
            forge(name)
            transaction.set_rollback(True)


def test_agreement_is_that_of_the_annotators(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> None:
    make_batch(project, 3)
    judge(annotators, {"1": ["first"] * 3, "2": ["first", "second", "first"], "3": ["second"] * 3})

    def measured() -> tuple[Any, ...]:
        deliver()
        with planes.in_workspace(workspace_a.pk):
            quality.refresh_agreement(project_id=project.pk)
            newest = AgreementSnapshot.objects.filter(project=project, batch=None).latest("at")
            return newest.alpha, newest.low, newest.high, newest.annotations, newest.accuracy

    before = measured()
    for name in ("item-1", "item-2", "item-3"):
        adjudicate(workspace_a, item_of(workspace_a, name).pk, prefers(1))
    assert measured() == before
    with planes.in_workspace(workspace_a.pk):
        assert Annotation.objects.count() == 9
