"""What a workspace spent: each cent of the ledger once, by what it was for; periods, roles, file and REST."""

import csv
import io
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import Sum

from billing.bonuses import services as bonuses
from billing.funding import replacements
from billing.ledger.models import Posting
from billing.statements.spend.period import Period, period
from billing.statements.spend.rows import cost_of_row, in_parts
from billing.statements.spend.sums import PARTS, Spend, spend_of
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.services import accepting
from projects.review.tasks import end_due
from projects.work.models import Annotation
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.roles import Role
from tests import gold, paid_reviews, people
from tests.bonuses.test_bonuses import give
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import pass_days, rejected
from tests.review.own import answer_of, page_of

COST = 30  # Price and fee.


def today() -> Period:
    with planes.at_door():
        return period(clock.now().date(), clock.now().date())


def spent(tenant: Tenant, **more: Any) -> Spend:
    with planes.in_workspace(tenant.pk):
        return spend_of(tenant.pk, "USD", today(), **more)


def parts(found: Spend) -> dict[str, int]:
    return {one.part: one.spent.total_minor for one in found.parts}


def accept_all(tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        ids = list(Annotation.objects.filter(state="submitted").values_list("pk", flat=True))
        accepting.accept(annotation_ids=ids, reviewer_id=tenant.owner.pk)


@pytest.fixture
def essays(workspace_a: Tenant) -> Project:
    return make_project(workspace_a, name="Essays", overlap=1)


@pytest.fixture
def batch(workspace_a: Tenant, essays: Project) -> Batch:
    gold.make_pool(workspace_a, essays, 3)
    plan = Plan(1, share_percent=0, reserve_percent=50, gold_percent=10)
    return make_batch(essays, 10, plan=plan, name="Week 1")


@pytest.fixture
def ada(essays: Project) -> Annotator:
    return people.make_annotator(essays, "Ada")


@pytest.fixture
def busy(
    workspace_a: Tenant, batch: Batch, ada: Annotator, deliver: Callable[[], int]
) -> tuple[Annotator, Annotator]:
    """Ada answers 10 items and gold; one is rejected for good, and Bob replaces it; one answer is reviewed by a paid
    person; Ada gets a bonus, and all a top-up. Returns Ada and Bob.
    """
    while ada.lease():
        answer_of(ada)
    with planes.in_workspace(workspace_a.pk):
        rows = Annotation.objects.filter(batch=batch, purpose="data").order_by("pk")
        first = rows.values_list("pk", flat=True)[0]
    rejected(first, workspace_a)
    deliver()
    with planes.in_workspace(workspace_a.pk):
        replacements.make(batch_id=batch.pk)
    bob = people.make_annotator(paid_reviews.project_of(batch), "Bob")
    answer_of(bob)
    review = paid_reviews.opened(paid_reviews.ask(batch, workspace_a))
    [judge] = paid_reviews.reviewers(review, 1)
    paid_reviews.judge(judge, "accept")
    deliver()
    pass_days(8)
    end_due()
    accept_all(workspace_a)
    deliver()
    give(ada, 500)
    with planes.in_workspace(workspace_a.pk):
        project = Project.objects.get(pk=batch.project_id)
        bonuses.top_up(project=project, price_minor=26, actor_id=None)
    deliver()
    return ada, bob


def test_each_cent_stands_by_what_it_was_for(
    workspace_a: Tenant, batch: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    found = spent(workspace_a)
    assert parts(found) == {
        "data": 9 * COST,
        "replacement": COST,
        "gold": COST,
        "review": 48,
        "bonus": 500,
        "top_up": 11,
    }
    assert list(parts(found)) == [part for part in PARTS if part in parts(found)]
    assert {str(one.batch): one.spent.total_minor for one in found.batches} == {
        "Week 1": 11 * COST + 48,
        "None": 511,
    }, "what a reviewer gets is spent on the batch whose answer they judge"
    assert {one.project.pk for one in found.batches} == {batch.project_id}


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
    workspace_a: Tenant, batch: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    cache.clear()
    with planes.in_workspace(workspace_a.pk):
        project = Project.objects.get(pk=batch.project_id)
        of_project, of_batch = cost_of_row(project), cost_of_row(project, batch)
    assert (of_project.rows, of_batch.rows) == (10, 10)
    assert of_batch.total_minor == 11 * COST + 48, "bonuses are of no batch"
    assert of_project.total_minor == 11 * COST + 48 + 511
    assert of_project.each_minor == of_project.total_minor / 10
    assert of_project.bar.total == "0.8890 USD"


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


def path_of(tenant: Tenant, file: str = "spend/") -> str:
    return f"/w/{tenant.workspace.slug}/money/{file}"


def test_the_page_says_all_of_it(
    workspace_a: Tenant, batch: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    cache.clear()
    owner = browser_of(workspace_a.owner)
    text = page_of(owner.get(path_of(workspace_a), {"project": batch.project_id}))
    assert "$8.89 from" in text and "Cost of a delivered row: 0.8890 USD" in text
    assert "the rows of one project are not to be added up" in text
    for wrong in ({"since": "x"}, {"project": "x"}, {"since": "2026-02-02", "until": "2026-02-01"}):
        for file in ("spend/", "spend.csv"):
            assert owner.get(path_of(workspace_a, file), wrong).status_code == 422


def test_the_file_adds_up(workspace_a: Tenant, busy: tuple[Annotator, Annotator]) -> None:
    sent = browser_of(workspace_a.owner).get(path_of(workspace_a, "spend.csv"))
    rows = list(csv.DictReader(io.StringIO(b"".join(sent).decode())))
    for by in ("kind", "batch", "annotator"):
        assert sum(int(row["total_minor"]) for row in rows if row["by"] == by) == 889
    assert {row["currency"] for row in rows} == {"USD"}


@pytest.mark.parametrize(
    ("role", "status"), [(Role.BILLING, 200), (Role.MANAGER, 403), (Role.VIEWER, 403)]
)
def test_who_may_see_money(workspace_a: Tenant, role: str, status: int) -> None:
    member = browser_of(people.make_member(workspace_a.workspace, role))
    for file in ("spend/", "spend.csv"):
        assert member.get(path_of(workspace_a, file)).status_code == status
    assert browser_of(people.make_user()).get(path_of(workspace_a)).status_code == 404


def test_who_may_see_costs_on_the_pages_of_batch_and_project(
    workspace_a: Tenant, batch: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    slug = workspace_a.workspace.slug
    for role, sees in ((Role.MANAGER, True), (Role.VIEWER, False), (Role.REVIEWER, False)):
        member = browser_of(people.make_member(workspace_a.workspace, role))
        for path in (f"batches/{batch.pk}/", f"projects/{batch.project_id}/"):
            assert ("costs-title" in member.get(f"/w/{slug}/{path}").content.decode()) == sees


def test_rest_says_the_same(
    workspace_a: Tenant, batch: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    cache.clear()
    found = workspace_a.client.get("/api/v1/spend/").json()
    assert found["total"]["total_minor"] == 889
    assert {one["part"]: one["total_minor"] for one in found["parts"]} == parts(spent(workspace_a))
    assert {one["batch"] for one in found["batches"]} == {str(batch.pk), None}
    assert sum(one["total_minor"] for one in found["annotators"]) == 889
    costs = workspace_a.client.get(f"/api/v1/projects/{batch.project_id}/costs/").json()
    assert (costs["rows"], costs["total_minor"], costs["row_minor"]) == (10, 889, 88.9)
    of_batch = workspace_a.client.get(f"/api/v1/batches/{batch.pk}/costs/").json()
    assert of_batch["total_minor"] == 378 and of_batch["forecast"]["left"] == 0
    other = make_workspace().client
    assert other.get("/api/v1/spend/").json()["parts"] == []
    refused = other.get(f"/api/v1/spend/?project={batch.project_id}")
    assert refused.status_code in (400, 422)
    assert refused.json()["errors"][0]["field"] == "project"
    assert other.get(f"/api/v1/batches/{batch.pk}/costs/").status_code == 404
