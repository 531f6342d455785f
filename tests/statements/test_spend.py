"""What a workspace spent: each cent of the ledger once, by what it was for; periods, roles, file and REST."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import Sum

from billing.ledger.models import Posting
from billing.statements.spend.period import Period, period
from billing.statements.spend.rows import cost_of_row, in_parts
from billing.statements.spend.sums import PARTS, spend_of
from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.services import accepting
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.review.own import answer_of
from tests.statements.spent import COST, accept_all, parts, path_of, spent, today


def test_each_cent_stands_by_what_it_was_for(
    workspace_a: Tenant, week_one: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    found = spent(workspace_a)
    assert parts(found) == {
        "data": 9 * COST,
        "replacement": COST,
        "gold": COST,
        "review": 48,
        "reading": 15,
        "bonus": 500,
        "top_up": 11,
    }
    assert list(parts(found)) == [part for part in PARTS if part in parts(found)]
    assert {str(one.batch): one.spent.total_minor for one in found.batches} == {
        "Week 1": 11 * COST + 48,
        "None": 526,
    }, "what a reviewer gets is spent on the batch whose answer they judge"
    assert {one.project.pk for one in found.batches} == {week_one.project_id}


def test_it_is_what_the_ledger_booked(
    workspace_a: Tenant, busy: tuple[Annotator, Annotator]
) -> None:
    found = spent(workspace_a)
    with planes.as_system():
        kinds = ("accrual", "bonus")
        rows = Posting.objects.filter(workspace_id=workspace_a.pk, journal__kind__in=kinds)

        def booked(**which: Any) -> int:
            return int(rows.filter(**which).aggregate(n=Sum("amount_minor"))["n"])

        assert found.total.pay_minor == booked(person_id__isnull=False)
        assert found.total.fee_minor == booked(account__kind="platform_revenue")
    for table in (found.parts, found.batches, found.annotators):
        assert sum(one.spent.total_minor for one in table) == found.total.total_minor


def test_annotators_stand_there_by_their_pseudonyms_alone(
    workspace_a: Tenant, busy: tuple[Annotator, Annotator]
) -> None:
    ada, bob = busy
    sums = {one.pseudonym: one.spent for one in spent(workspace_a).annotators}
    assert sums[ada.enrollment.pseudonym].total_minor == 10 * COST + 500 + 10
    assert sums[bob.enrollment.pseudonym].total_minor == COST + 1
    page = browser_of(workspace_a.owner).get(path_of(workspace_a)).content.decode()
    assert ada.enrollment.pseudonym in page
    assert ada.user.name not in page and ada.user.email not in page


def test_a_question_costs_the_answers_that_asked_it(
    workspace_a: Tenant, busy: tuple[Annotator, Annotator]
) -> None:
    essays = [one for one in spent(workspace_a).questions if one.project == "Essays"]
    assert len(essays) == 2, "the preference, and the reason for it"
    assert {one.spent.total_minor for one in essays} == {11 * COST}


def test_a_period_has_what_was_booked_in_it(
    workspace_a: Tenant, busy: tuple[Annotator, Annotator]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        day = today().first - timedelta(days=1)
        assert spend_of(workspace_a.pk, "USD", Period(day, day)).parts == []
        assert spend_of(workspace_a.pk, "EUR", today()).parts == []
        other = make_workspace()
    assert spent(other).parts == []
    assert spent(workspace_a, project_id=uuid.uuid4()).parts == []


def test_a_delivered_row_carries_all_costs(
    workspace_a: Tenant, week_one: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    cache.clear()
    with planes.in_workspace(workspace_a.pk):
        project = Project.objects.get(pk=week_one.project_id)
        of_project, of_batch = cost_of_row(project), cost_of_row(project, week_one)
    assert (of_project.rows, of_batch.rows) == (10, 10)
    assert of_batch.total_minor == 11 * COST + 48, "bonuses are of no batch"
    assert of_project.total_minor == 11 * COST + 48 + 526
    assert of_project.each_minor == of_project.total_minor / 10
    assert of_project.bar.total == "0.9040 USD"


def test_a_row_is_delivered_when_nothing_of_it_is_undecided(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Callable[[], int]
) -> None:
    batch = make_batch(project, 1)
    answers = [answer_of(one) for one in annotators[:2]]

    def rows() -> int:
        cache.clear()
        with planes.in_workspace(workspace_a.pk):
            return cost_of_row(project, batch).rows

    assert rows() == 0
    with planes.in_workspace(workspace_a.pk):
        accepting.accept(annotation_ids=answers[:1], reviewer_id=workspace_a.owner.pk)
    assert rows() == 0, "the other answer is undecided"
    accept_all(workspace_a)
    assert rows() == 1


def test_a_part_of_a_minor_unit_is_shown() -> None:
    assert in_parts(889, 10, "USD") == "0.8890 USD"
    assert in_parts(889, 10, "JPY") == "88.90 JPY"


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), "until"),
        (date(2025, 1, 1), date(2026, 1, 2), "since"),
        (date(1999, 1, 1), None, "since"),
        (None, date(9999, 1, 1), "until"),
    ],
)
def test_a_wrong_period_is_refused(
    database: None, first: date | None, last: date | None, field: str
) -> None:
    with planes.at_door(), pytest.raises(Refused) as refused:
        period(first, last)
    assert [error["field"] for error in refused.value.errors] == [field]


def test_thirty_days_unless_said(database: None) -> None:
    with planes.at_door():
        found = period(None, date(2026, 3, 30))
    assert found == Period(date(2026, 3, 1), date(2026, 3, 30))
    assert (found.till - found.since).days == 30
