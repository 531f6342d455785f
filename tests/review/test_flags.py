"""Flags bring answers to the front of the reviews, with their reasons in words, and no annotator sees them."""

import re
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from projects.plan.models import Project
from projects.review.models import Flag, Priority
from projects.review.queue.orders import Filters, ranked
from projects.review.services import accepting, flags
from projects.work.models import Annotation
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator


@pytest.fixture
def answers(batch: Any, annotators: list[Annotator]) -> list[Annotation]:
    """Three answers of each of two annotators, oldest first."""
    for _ in range(3):
        for annotator in annotators[:2]:
            assert annotator.submit(annotator.lease() or {}).status_code == 201
    with planes.as_system():
        return list(Annotation.objects.order_by("pk"))


def flag(tenant: Tenant, answer: Annotation, reason: str, weight: int) -> int:
    with planes.in_workspace(tenant.pk):
        return flags.flag(annotation_ids=[answer.pk], reason=reason, weight=weight)


def test_the_queue_begins_with_flagged_answers(
    workspace_a: Tenant, project: Project, answers: list[Annotation]
) -> None:
    flag(workspace_a, answers[3], "speed", 2)
    flag(workspace_a, answers[5], "drift", 2)
    flag(workspace_a, answers[5], "copies", 3)
    page = browser_of(workspace_a.owner).get(
        reverse("review", args=[workspace_a.workspace.slug, project.pk])
    )
    text = page.content.decode()
    shown = re.findall(r'value="([0-9a-f-]{36})"', text)
    # Answers to the items of the flagged ones come with them: 0 and 1, 2 and 3, 4 and 5 are to the same.
    assert [uuid.UUID(found) for found in shown] == [answers[n].pk for n in (4, 5, 2, 3, 0, 1)]
    first = page.context["listing"].rows[0].answers[1]
    assert first.flags == [
        "a text that was written before",
        "the annotator’s work changed about then",
    ]


def test_a_flag_of_one_reason_is_raised_and_not_doubled(
    workspace_a: Tenant, answers: list[Annotation]
) -> None:
    assert [flag(workspace_a, answers[0], "drift", weight) for weight in (3, 3, 2, 7)] == [
        1,
        0,
        0,
        1,
    ]
    with planes.in_workspace(workspace_a.pk):
        assert [one.weight for one in Flag.objects.all()] == [7]
        for reason, weight in (("odd", 3), ("drift", 0), ("drift", 11)):
            with pytest.raises(Refused):
                flags.flag(annotation_ids=[answers[0].pk], reason=reason, weight=weight)
        again = (
            "INSERT INTO projects_review_flag SELECT (jsonb_populate_record(f, "
            "jsonb_build_object('id', gen_random_uuid()))).* FROM projects_review_flag f"
        )
        with (
            pytest.raises(DatabaseError, match="flag_once"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(again)


def test_a_decided_answer_leaves_the_queue_with_its_flag(
    workspace_a: Tenant, project: Project, answers: list[Annotation]
) -> None:
    flag(workspace_a, answers[1], "pair", 1)
    with planes.in_workspace(workspace_a.pk):
        only = Filters(reason="pair")
        assert [place.annotation_id for place in ranked(project.pk, only, None, limit=9)] == [
            answers[1].pk
        ]
        accepting.accept(annotation_ids=[answers[1].pk], reviewer_id=workspace_a.owner.pk)
        assert ranked(project.pk, only, None, limit=9) == []
        assert not Priority.objects.get().waits


def test_no_annotator_and_no_stranger_sees_one(
    workspace_a: Tenant, workspace_b: Tenant, answers: list[Annotation], annotators: list[Annotator]
) -> None:
    flag(workspace_a, answers[0], "drift", 3)
    with planes.in_workspace(workspace_b.pk):
        assert flags.flag(annotation_ids=[answers[0].pk], reason="speed", weight=3) == 0
        assert not Flag.objects.exists()
    with (
        planes.at_desk(annotators[0].user.pk, workspace_a.pk),
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        list(Flag.objects.all())
