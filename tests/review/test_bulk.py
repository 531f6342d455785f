"""Bulk accepts take effect after ten minutes, can be undone until then, and leave out what was decided in between."""

import re
import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.bulk import services
from projects.review.bulk.models import BulkAccept, BulkAnswer
from projects.review.models import Decision
from projects.review.services import accepting
from projects.review.tasks import apply_bulk_accepts
from projects.work.models import Annotation
from rlhfhub.ground.refusals import Refused
from rlhfhub.notices import selectors as notices
from rlhfhub.notices.kinds import Words
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Membership, User
from tests import people
from tests.factories import PRICE, Tenant, make_batch, make_project
from tests.linked import link
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import reject
from tests.review import bulk
from tests.review.own import page_of, send_back
from tests.revisions import revise


@pytest.fixture
def answers(batch: Batch, annotators: list[Annotator]) -> list[uuid.UUID]:
    """Five answers of Ada's, the oldest first."""
    made = [annotators[0].submit(annotators[0].lease() or {}) for _ in range(5)]
    return [uuid.UUID(one.json()["id"]) for one in made]


def states(tenant: Tenant) -> list[str]:
    with planes.in_workspace(tenant.pk):
        return list(Annotation.objects.order_by("pk").values_list("state", flat=True))


def notices_of(user: User) -> list[Words]:
    """What the user was told, the newest first."""
    with planes.at_door():
        return [one.words for one in notices.notices_of(user.pk, most=9)]


def test_nothing_is_accepted_before_ten_minutes_are_over(
    workspace_a: Tenant, project: Project, answers: list[uuid.UUID]
) -> None:
    asked = bulk.request(project, answers[:4], workspace_a.owner.pk)
    with planes.in_workspace(workspace_a.pk):
        fees = sum(row.fee_minor for row in Annotation.objects.filter(pk__in=answers[:4]))
    assert (asked.answers, asked.price_minor, asked.fee_minor) == (4, 4 * PRICE, fees)
    assert (asked.takes_effect_at - asked.requested_at).total_seconds() == 600
    apply_bulk_accepts()
    assert states(workspace_a) == ["submitted"] * 5
    bulk.pass_minutes()
    apply_bulk_accepts()
    assert states(workspace_a) == ["accepted"] * 4 + ["submitted"]
    done = bulk.stored(asked, workspace_a)
    assert done.done_at and (done.accepted, done.left_out) == (4, 0)
    assert notices_of(workspace_a.owner) == [], "nothing was left out"
    with planes.in_workspace(workspace_a.pk):
        deciders = set(Decision.objects.values_list("by", "reviewer_id"))
    assert deciders == {("person", workspace_a.owner.pk)}


def test_what_was_decided_or_changed_in_between_is_left_out(
    workspace_a: Tenant, project: Project, answers: list[uuid.UUID]
) -> None:
    """One is accepted, one rejected, one sent back and still away, one sent back and revised."""
    asked = bulk.request(project, answers, workspace_a.owner.pk)
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        accepting.accept(annotation_ids=[answers[0]], reviewer_id=workspace_a.owner.pk)
        reject(answers[1], workspace_a)
        row = Annotation.objects.get(pk=answers[3])
    send_back(answers[2], workspace_a)
    send_back(answers[3], workspace_a)
    revise(answers[3], row.answer, row.judged)
    bulk.pass_minutes()
    apply_bulk_accepts()
    assert states(workspace_a) == ["accepted", "rejected", "returned", "submitted", "accepted"]
    done = bulk.stored(asked, workspace_a)
    assert (done.accepted, done.left_out) == (1, 4)
    assert (done.decided, done.returned, done.linked) == (2, 2, 0)
    (told,) = notices_of(workspace_a.owner)
    assert told.title == f"4 of 5 answers in {project.name} were not accepted together"
    assert "2 decided in between, 2 sent back in between." in told.text
    page = browser_of(workspace_a.owner).get(
        reverse("review", args=[workspace_a.workspace.slug, project.pk])
    )
    assert re.search(r" 1 accepted \d+ [A-Z][a-z]+ \d{4}, ", page_of(page)), "and when"
    assert "4 left out (2 decided in between, 2 sent back in between)." in page_of(page)


def test_it_is_undone_in_time_and_not_later(
    workspace_a: Tenant, project: Project, answers: list[uuid.UUID]
) -> None:
    asked = bulk.request(project, answers[:2], workspace_a.owner.pk)
    address = reverse("bulk_undo", args=[workspace_a.workspace.slug, project.pk, asked.pk])
    second = people.make_member(workspace_a.workspace)
    undone = browser_of(second).post(f"{address}?order=oldest", follow=True)
    assert "Undone. Nothing was accepted." in page_of(undone)
    assert undone.redirect_chain[0][0].endswith("review/?order=oldest")
    bulk.pass_minutes()
    apply_bulk_accepts()
    assert states(workspace_a) == ["submitted"] * 5
    later = bulk.request(project, answers[:2], workspace_a.owner.pk)
    bulk.pass_minutes()
    refused = browser_of(second).post(address.replace(str(asked.pk), str(later.pk)), follow=True)
    assert "can no longer be undone" in page_of(refused)
    apply_bulk_accepts()
    assert states(workspace_a)[:3] == ["accepted", "accepted", "submitted"]


def test_a_member_who_lost_the_right_accepts_nothing(
    workspace_a: Tenant, project: Project, answers: list[uuid.UUID]
) -> None:
    """Removed, or a viewer now. The page says that it was stopped."""
    for change in ("removed", "viewer"):
        reviewer = people.make_member(workspace_a.workspace)
        asked = bulk.request(project, answers, reviewer.pk)
        with planes.in_workspace(workspace_a.pk):
            membership = Membership.objects.filter(user=reviewer)
            membership.delete() if change == "removed" else membership.update(role=change)
        bulk.pass_minutes()
        apply_bulk_accepts()
        stopped = bulk.stored(asked, workspace_a)
        assert stopped.cancelled_at and stopped.cancelled_by_id is None and not stopped.accepted
        told = [one.text for one in notices_of(reviewer)]
        assert len(told) == (change == "viewer"), "who has left the workspace is not told of it"
        assert all("because you may not review there any more" in text for text in told)
    assert states(workspace_a) == ["submitted"] * 5
    page = browser_of(workspace_a.owner).get(
        reverse("review", args=[workspace_a.workspace.slug, project.pk])
    )
    assert "may not review here any more" in page_of(page)


def test_it_goes_on_in_parts_and_after_a_fault(
    workspace_a: Tenant,
    project: Project,
    answers: list[uuid.UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two in a transaction; the second transaction fails once."""
    monkeypatch.setattr(accepting, "LIMIT", 2)
    asked = bulk.request(project, answers, workspace_a.owner.pk)
    bulk.pass_minutes()
    real, calls = accepting.accept_unchanged, iter([True, False, True, True, True])

    def faulty(**values: object) -> list[uuid.UUID]:
        if not next(calls):
            raise RuntimeError("a fault")
        return real(**values)  # type: ignore[arg-type]

    monkeypatch.setattr(accepting, "accept_unchanged", faulty)
    apply_bulk_accepts()
    assert states(workspace_a).count("accepted") == 2
    assert bulk.stored(asked, workspace_a).accepted == 2
    apply_bulk_accepts()
    assert states(workspace_a) == ["accepted"] * 5
    assert bulk.stored(asked, workspace_a).accepted == 5


def test_an_answer_waits_in_one_bulk_accept_at_a_time(
    workspace_a: Tenant, project: Project, answers: list[uuid.UUID]
) -> None:
    """Else undoing one would accept nothing, say so, and the other would accept the answers all the same."""
    member = workspace_a.owner.pk
    first = bulk.request(project, answers[:3], member)
    queue = reverse("review", args=[workspace_a.workspace.slug, project.pk])
    shown = browser_of(workspace_a.owner).get(queue).content.decode()
    assert [f'value="{key}"' in shown for key in answers] == [False] * 3 + [True] * 2
    again = bulk.request(project, answers[2:], member)
    assert (again.answers, again.price_minor) == (2, 2 * PRICE)
    with pytest.raises(Refused, match="accepted together already"):
        bulk.request(project, answers, member)
    with planes.in_workspace(workspace_a.pk, member):
        services.undo(bulk_id=first.pk, member_id=member)
    bulk.pass_minutes()
    apply_bulk_accepts()
    assert states(workspace_a) == ["submitted"] * 3 + ["accepted"] * 2
    assert bulk.request(project, answers, member).answers == 3


def test_answers_of_an_account_linked_meanwhile_are_left_to_others(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], answers: list[uuid.UUID]
) -> None:
    ben = [
        uuid.UUID(annotators[1].submit(annotators[1].lease() or {}).json()["id"]) for _ in range(2)
    ]
    asked = bulk.request(project, [*answers, *ben], workspace_a.owner.pk)
    link(annotators[0].user, workspace_a.owner)
    bulk.pass_minutes()
    apply_bulk_accepts()
    with planes.in_workspace(workspace_a.pk):
        accepted = set(Annotation.objects.filter(state="accepted").values_list("pk", flat=True))
    assert accepted == set(ben)
    done = bulk.stored(asked, workspace_a)
    assert done.done_at and (done.accepted, done.left_out, done.linked) == (2, 5, 5)
    (told,) = notices_of(workspace_a.owner)
    assert "5 of an account that staff linked with the requester’s" in told.text


def test_own_work_and_others_projects_are_refused(
    workspace_a: Tenant, project: Project, answers: list[uuid.UUID], annotators: list[Annotator]
) -> None:
    other = make_project(workspace_a, access="members")
    make_batch(other, 1)
    reviewer = people.make_member(workspace_a.workspace)
    own = people.make_annotator(other, user=reviewer)
    mine = uuid.UUID(own.submit(own.lease() or {}).json()["id"])
    with pytest.raises(Refused, match="own work"):
        bulk.request(other, [mine], reviewer.pk)
    with pytest.raises(Refused, match="nothing to accept"):
        bulk.request(other, answers, reviewer.pk)
    asked = bulk.request(project, answers, reviewer.pk)
    with planes.in_workspace(workspace_a.pk, reviewer.pk):
        for key in (mine, answers[0]):
            bad = BulkAnswer(
                workspace_id=workspace_a.pk, bulk_accept_id=asked.pk, annotation_id=key
            )
            with pytest.raises(DatabaseError), transaction.atomic():
                bad.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects_review_bulkaccept SET accepted = 1",
        "UPDATE projects_review_bulkaccept SET linked = 1",
        "UPDATE projects_review_bulkaccept SET done_at = clock_timestamp()",
        "UPDATE projects_review_bulkaccept SET cancelled_at = clock_timestamp()",
        "UPDATE projects_review_bulkaccept SET cancelled_at = now(), cancelled_by_id = gen_random_uuid()",
        "UPDATE projects_review_bulkanswer SET outcome = ''",
        "INSERT INTO projects_review_bulkaccept SELECT (jsonb_populate_record(b, jsonb_build_object("
        "'id', gen_random_uuid(), 'requested_by_id', gen_random_uuid()))).* FROM projects_review_bulkaccept b",
        "INSERT INTO projects_review_bulkaccept SELECT (jsonb_populate_record(b, jsonb_build_object("
        "'id', gen_random_uuid(), 'takes_effect_at', clock_timestamp()))).* FROM projects_review_bulkaccept b",
    ],
)
def test_the_database_refuses_shortcuts(
    workspace_a: Tenant, project: Project, answers: list[uuid.UUID], statement: str
) -> None:
    bulk.request(project, answers, workspace_a.owner.pk)
    with (
        planes.in_workspace(workspace_a.pk, workspace_a.owner.pk),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_it_is_done_when_each_answer_has_an_outcome(
    workspace_a: Tenant, project: Project, answers: list[uuid.UUID]
) -> None:
    bulk.request(project, answers[:3], workspace_a.owner.pk)
    bulk.pass_minutes()
    done = "UPDATE projects_review_bulkaccept SET done_at = clock_timestamp()"
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="bulk_accept_accepted"), transaction.atomic():
            cursor.execute(f"{done}, accepted = 1, linked = 1")
        cursor.execute(f"{done}, accepted = 2, linked = 1")


def test_over_rest(workspace_a: Tenant, project: Project, answers: list[uuid.UUID]) -> None:
    client, path = workspace_a.client, f"/api/v1/projects/{project.pk}/bulk-accepts/"
    made = client.post(path, {"ids": [str(key) for key in answers[:2]]})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["answers"], body["price"]["amount_minor"]) == (2, 2 * PRICE)
    assert client.get(path).json()["results"] == [body]
    undone = client.post(f"/api/v1/bulk-accepts/{body['id']}/undo/").json()
    assert undone["cancelled_at"] and not undone["done_at"]
    missing = client.post(path, {"ids": [str(uuid.uuid4())]})
    assert missing.status_code == 404 and missing.json()["errors"][0]["field"] == "ids[0]"
    bulk.request(project, answers[:2], workspace_a.owner.pk)
    bulk.pass_minutes()
    with planes.in_workspace(workspace_a.pk):
        late = BulkAccept.objects.latest("pk")
    assert client.post(f"/api/v1/bulk-accepts/{late.pk}/undo/").status_code == 409
