"""Verdicts of paid reviewers: by nobody who has a part in the answer; all must accept it, and in time."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.models import Source
from projects.review.services import accepting
from projects.work.models import Annotation, Lease
from rlhfhub.events import debts, dispatch
from rlhfhub.tenancy import planes
from tests.factories import (
    Tenant,
    make_batch,
    make_project,
)
from tests.linked import link
from tests.paid_reviews import (
    answer_of,
    ask,
    decisions,
    judge,
    judged,
    opened,
    project_of,
    reviewers,
)
from tests.people import Annotator, make_annotator
from tests.rejections import pass_days, rejected
from tests.review.money import all_hold, state_of
from tests.revisions import revise, send_back


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project, 2, plan=Plan(overlap=1, share_percent=0))


@pytest.fixture
def answers(batch: Batch, annotators: list[Annotator]) -> list[uuid.UUID]:
    """Two answers by the first annotator, of two items."""
    return [answer_of(annotators[0]) for _ in range(2)]


def test_nobody_reviews_what_they_have_a_part_in(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    """The author passes over their own answers, at the front of the queue as behind it, and gets those of others."""
    author, other = annotators[0], annotators[1]
    answer_of(author)
    answer_of(other)
    review = opened(ask(batch, workspace_a))
    child = project_of(review)
    own = make_annotator(child, user=author.user)
    lease = own.lease()
    assert lease
    with planes.in_workspace(workspace_a.pk):
        assert source(lease).annotator_id == other.user.pk
    judged(own, lease, "accept")
    assert own.lease() is None, "only their own answer is left"
    judge(make_annotator(child, user=other.user), "accept")
    assert dispatch.drain()
    assert decisions(workspace_a) == [("accepted", "review")] * 2
    all_hold()


def test_a_linked_account_of_the_author_does_not_review(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator], answers: list[uuid.UUID]
) -> None:
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    link(reviewer.user, annotators[0].user)
    assert reviewer.lease() is None


def source(lease: dict[str, Any]) -> Source:
    item = Lease.objects.values_list("item", flat=True).get(pk=lease["id"])
    return Source.objects.get(item=item)


def test_who_judged_an_answer_does_not_answer_its_item(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """Nobody sees another's answer before their own: neither way round."""
    batch = make_batch(project, 1, plan=Plan(overlap=3, share_percent=0))
    answer_of(annotators[0])
    review = opened(ask(batch, workspace_a))
    answer_of(annotators[1])
    peer, reader = (make_annotator(project_of(review), user=one.user) for one in annotators[1:3])
    assert peer.lease() is None, "who answered the item may not judge an answer to it"
    judge(reader, "accept")
    assert annotators[2].lease() is None, "who judged an answer may not answer the item"


@pytest.mark.parametrize("guarded", [True, False])
def test_the_database_refuses_a_lease_of_the_own_answer(
    workspace_a: Tenant,
    batch: Batch,
    annotators: list[Annotator],
    answers: list[uuid.UUID],
    guarded: bool,
) -> None:
    review = opened(ask(batch, workspace_a))
    own = make_annotator(project_of(review), user=annotators[0].user)
    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE projects_work_lease DISABLE TRIGGER allowed")

    def forge() -> None:
        with (
            transaction.atomic(),
            planes.at_desk(own.user.pk, workspace_a.pk, review.project_id),
            connection.cursor() as cursor,
        ):
            cursor.execute(_FORGED, {"enrollment": own.enrollment.pk})
            assert cursor.rowcount == 1

    if not guarded:
        forge()
        return
    with pytest.raises(DatabaseError) as refused:
        forge()
    diagnosis: Any = refused.value.__cause__
    assert diagnosis.diag.constraint_name == "lease_of_kin"


_FORGED = """
    INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
        form_id, guideline_version_id, phase, seed, shown, keys, leased_at, expires_at, return_reason, return_note)
    SELECT gen_random_uuid(), s.workspace_id, s.project_id, s.id, s.item_id, e.id, e.annotator_id, b.form_id,
        p.guideline_version_id, 'main', 0, '{0,1}', '{a,b}', clock_timestamp(), clock_timestamp() + interval '1 minute',
        '', ''
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
    JOIN projects_work_slot s ON s.project_id = p.id JOIN projects_items_batch b ON b.id = s.batch_id
    WHERE e.id = %(enrollment)s LIMIT 1
"""


def test_all_must_accept(workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]) -> None:
    """The first answer is accepted once both have accepted it; the second, on which they differ, waits for a member."""
    both = reviewers(opened(ask(batch, workspace_a, reviewers=2)), 2)
    for _ in answers:
        judge(both[0], "accept")
    dispatch.drain()
    assert decisions(workspace_a) == [], "one verdict of two"
    judge(both[1], "accept")
    judge(both[1], "broken", rule="R1", note="It ignores the rule.")
    dispatch.drain()
    assert decisions(workspace_a) == [("accepted", "review")]
    assert sorted(state_of(answer, workspace_a) for answer in answers) == ["accepted", "submitted"]
    with planes.in_workspace(workspace_a.pk):
        items = list(Source.objects.values_list("item", flat=True))
    with planes.as_system(workspace_a.pk):
        assert accepting.accept_reviewed(item_ids=items) == 0, "nothing is accepted twice"
    all_hold()


@pytest.mark.parametrize("before", ["accepted", "rejected", "returned", "revised"])
def test_a_review_that_comes_too_late_changes_nothing(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID], before: str
) -> None:
    both = reviewers(opened(ask(batch, workspace_a)), 1)
    for answer in answers:
        if before == "accepted":
            with planes.in_workspace(workspace_a.pk):
                accepting.accept(annotation_ids=[answer], reviewer_id=workspace_a.owner.pk)
        elif before == "rejected":
            rejected(answer, workspace_a)
        else:
            send_back(answer)
        if before == "revised":
            with planes.in_workspace(workspace_a.pk):
                row = Annotation.objects.get(pk=answer)
            revise(answer, row.answer, row.judged)
    made = decisions(workspace_a)
    for _ in answers:
        judge(both[0], "accept")
    dispatch.drain()
    assert decisions(workspace_a) == made
    expected = "submitted" if before == "revised" else before
    assert {state_of(answer, workspace_a) for answer in answers} == {expected}


def test_the_clock_goes_on(workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]) -> None:
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    pass_days(4)
    with planes.as_system():
        accepting.accept_due()
    judge(reviewer, "accept")
    dispatch.drain()
    assert decisions(workspace_a) == [("accepted", "clock")] * 2


def test_a_lost_event_is_found(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    dispatch.drain()
    judge(reviewer, "accept")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
    dispatch.drain()
    assert decisions(workspace_a) == []
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -60)
    debts.sweep()
    dispatch.drain()
    assert decisions(workspace_a) == [("accepted", "review")]


@pytest.mark.parametrize("guarded", [True, False])
def test_the_database_refuses_a_review_that_is_not_unanimous(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID], guarded: bool
) -> None:
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    judge(reviewer, "return")
    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE projects_review_decision DISABLE TRIGGER accepts")

    def forge() -> None:
        with transaction.atomic(), planes.as_system(workspace_a.pk), connection.cursor() as cursor:
            cursor.execute(
                "WITH d AS (INSERT INTO projects_review_decision (id, workspace_id, annotation_id, annotator_id, "
                "stage, verdict, by, decided_at) SELECT gen_random_uuid(), workspace_id, id, annotator_id, 1, "
                "'accepted', 'review', clock_timestamp() FROM projects_work_annotation WHERE id = %s "
                "RETURNING annotation_id) UPDATE projects_work_annotation a SET state = 'accepted' FROM d "
                "WHERE a.id = d.annotation_id",
                [answers[0]],
            )

    if not guarded:
        forge()
        return
    with pytest.raises(DatabaseError) as refused:
        forge()
    diagnosis: Any = refused.value.__cause__
    assert diagnosis.diag.constraint_name == "decision_own_name"


def test_an_answer_of_another_project_is_no_source(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]
) -> None:
    """A source must be an answer of the review's parent: the trigger alone says so."""
    review = ask(batch, workspace_a)
    other = make_project(workspace_a)
    make_batch(other, 1, plan=Plan(overlap=1, share_percent=0))
    foreign = answer_of(make_annotator(other))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_review_source DISABLE TRIGGER append_only")
        cursor.execute("DELETE FROM projects_review_source")
    with planes.in_workspace(workspace_a.pk):
        row = Annotation.objects.get(pk=foreign)
        item = Item.objects.filter(batch=review).first()
        assert item
        with pytest.raises(DatabaseError, match="a source names"), transaction.atomic():
            Source.objects.create(
                workspace_id=workspace_a.pk,
                item=item,
                purpose="review",
                source_workspace_id=workspace_a.pk,
                source_item_id=row.item_id,
                annotation_id=row.pk,
                annotator_id=row.annotator_id,
                frozen_at=row.submitted_at,
            )
