"""The times to decide, to appeal and to uphold. Who acts in time is in time, however long it takes to be stored."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.services import appeals, rejecting
from projects.review.tasks import end_due
from rlhfhub.events import dispatch
from tests.concurrency.races import slowly
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator, make_annotator
from tests.rejections import appealed, decide, pass_days, rejected
from tests.review.money import all_hold, state_of
from tests.review.own import answer_of

SECONDS = 1.0


@pytest.fixture
def answer(project: Project, annotators: list[Annotator]) -> uuid.UUID:
    make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    return answer_of(annotators[0])


def ends_soon(table: str, column: str, which: str = "true") -> None:
    """Let this time be over in a second, past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            f"UPDATE {table} SET {column} = clock_timestamp() + interval '{SECONDS} s' WHERE {which}"
        )
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def delay(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], None]:
    """`delay(module, name)` lets this function of the module take longer than there is time left."""

    def delayed(module: Any, name: str) -> None:
        monkeypatch.setattr(module, name, slowly(getattr(module, name), 1.2 * SECONDS))

    return delayed


def test_a_rejection(workspace_a: Tenant, answer: uuid.UUID, delay: Any) -> None:
    delay(rejecting, "_check_rule")
    ends_soon("projects_work_annotation", "decide_by")
    rejected(answer, workspace_a)
    assert state_of(answer, workspace_a) == "rejected"
    all_hold()


def test_an_appeal(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator], delay: Any
) -> None:
    rejected(answer, workspace_a)
    dispatch.drain()
    pass_days(8)
    delay(appeals, "_check_appeal")
    ends_soon("projects_review_decision", "appeal_by", "appeal_by IS NOT NULL")
    appealed(answer, workspace_a, annotators[0].user.pk)
    all_hold()


def test_upholding_a_rejection(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator], delay: Any
) -> None:
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, annotators[0].user.pk)
    delay(appeals, "_check_decider")
    ends_soon("projects_review_appeal", "decide_by")
    assert decide(answer, broken=True).verdict == "upheld"
    all_hold()


def test_an_appeal_that_nobody_decides_may_end_before_the_time_to_decide_on_the_answer(
    workspace_a: Tenant,
) -> None:
    """A week to decide, five days for the appeal: the second clock does not wait for the first."""
    project = make_project(workspace_a, auto_accept_hours=168)
    make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    ada = make_annotator(project)
    answer = answer_of(ada)
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, ada.user.pk)
    dispatch.drain()
    pass_days(6)
    end_due()
    assert state_of(answer, workspace_a) == "accepted"
    all_hold()
