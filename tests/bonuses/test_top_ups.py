"""A top-up raises the pay of accepted answers to a price: each gets what it lacks, once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from billing.bonuses import services
from billing.bonuses.models import Bonus, TopUp
from projects.plan.models import Project
from projects.quality.pay import raising
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.raw import constraint_of
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.bonuses.test_bonuses import books
from tests.concurrency.races import at_once
from tests.factories import PRICE, Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.plan.test_prices import set_price
from tests.quality.paid import kept, work_on, worked
from tests.quality.test_pay_floor import opened
from tests.review.own import answer_of


def accept(answers: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_annotation DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_annotation SET state = 'accepted' WHERE id = ANY(%s)", [answers]
        )
        cursor.execute("ALTER TABLE projects_work_annotation ENABLE TRIGGER USER")


@pytest.fixture
def project(workspace_a: Tenant) -> Project:
    project = make_project(workspace_a, overlap=1)
    make_batch(project, 6)
    return project


@pytest.fixture
def both(project: Project) -> tuple[Annotator, Annotator]:
    """Two annotators: the first has two accepted answers, the second one, and one that nobody has decided on."""
    ada, ben = people.make_annotator(project, "Ada"), people.make_annotator(project, "Ben")
    accept([answer_of(ada), answer_of(ada), answer_of(ben)])
    answer_of(ben)
    return ada, ben


def top_up(project: Project, price: int = PRICE + 10, agreed: int | None = None) -> TopUp:
    with planes.in_workspace(project.workspace_id):
        return services.top_up(
            project=project, price_minor=price, agreed_minor=agreed, actor_id=None
        )


def bonuses(project: Project) -> dict[Any, tuple[int, int]]:
    with planes.in_workspace(project.workspace_id):
        rows = Bonus.objects.values_list("annotator_id", "answers", "amount_minor")
        return {person: (answers, amount) for person, answers, amount in rows}


def test_each_accepted_answer_gets_what_it_lacks(
    project: Project, both: tuple[Annotator, Annotator], deliver: Callable[[], int]
) -> None:
    made = top_up(project)
    assert (made.answers, made.amount_minor) == (3, 30)
    ada, ben = both
    assert bonuses(project) == {ada.user.pk: (2, 20), ben.user.pk: (1, 10)}
    assert books()["workspace_promised"] == 30
    deliver()
    assert books()["annotator_payable"] == 30
    assert "workspace_promised" not in books()


def test_a_second_one_adds_only_what_is_still_lacking(
    project: Project, both: tuple[Annotator, Annotator]
) -> None:
    top_up(project)
    with pytest.raises(Refused) as refused:
        top_up(project)
    assert refused.value.code == "nothing_less"
    assert top_up(project, PRICE + 15).amount_minor == 15


def test_another_sum_than_was_agreed_to_moves_nothing(
    project: Project, both: tuple[Annotator, Annotator]
) -> None:
    with pytest.raises(Refused) as refused, transaction.atomic():
        top_up(project, agreed=20)
    assert refused.value.code == "cost_changed"
    assert "workspace_promised" not in books()
    with planes.in_workspace(project.workspace_id):
        assert raising.paid_less(project, PRICE + 10) == (3, 30)


def test_who_became_a_member_gets_nothing(
    project: Project, both: tuple[Annotator, Annotator], workspace_a: Tenant
) -> None:
    people.leave(both[0].enrollment)
    people.make_member(workspace_a.workspace, Role.VIEWER, both[0].user)
    assert top_up(project).amount_minor == 10
    assert bonuses(project) == {both[1].user.pk: (1, 10)}


@pytest.mark.parametrize("price", [0, -1, 10**9 + 1])
def test_a_price_that_cannot_be(project: Project, price: int) -> None:
    with pytest.raises(Refused) as refused:
        top_up(project, price)
    assert [fault["field"] for fault in refused.value.errors] == ["price_minor"]


def test_the_measured_pay_counts_it(workspace_a: Tenant) -> None:
    project = worked(workspace_a, *[60.0] * 9)
    answers = work_on(project, 60.0)
    before = kept(project).pay_minor
    accept(answers)
    assert top_up(project, PRICE + 100).amount_minor == 100
    assert kept(project).pay_minor == before + 100


def test_below_the_floor_accepted_answers_are_topped_up_before_a_batch_opens(
    workspace_a: Tenant, settings: Any
) -> None:
    """Also one whose own price is high enough."""
    settings.PAY_FLOOR = {"USD": 800}
    project = worked(workspace_a, *[180.0] * 9)
    accept(work_on(project, 180.0))
    kept(project)
    set_price(project, 40)
    batch = make_batch(project, 1, open=False, first=50)
    with pytest.raises(Refused) as refused:
        opened(batch)
    assert refused.value.code == "below_pay_floor"
    assert "1 were paid less, and lack 0.15 USD together" in refused.value.detail
    top_up(project, 40)
    assert opened(batch).status == "open"


def test_below_the_floor_the_page_suggests_the_pay_that_is_enough(
    workspace_a: Tenant, settings: Any
) -> None:
    settings.PAY_FLOOR = {"USD": 800}
    project = worked(workspace_a, *[180.0] * 9)
    accept(work_on(project, 180.0))
    kept(project)
    path = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/top-up/"
    assert 'value="0.40"' in browser_of(workspace_a.owner).get(path).text


def test_who_may_not_spend_sees_it_and_raises_nothing(
    project: Project, both: tuple[Annotator, Annotator], workspace_a: Tenant
) -> None:
    viewer = browser_of(people.make_member(workspace_a.workspace, Role.VIEWER))
    path = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/top-up/"
    assert viewer.get(path).status_code == 200
    assert viewer.post(path, {"amount": "0.35", "agreed": "30"}).status_code == 403
    assert bonuses(project) == {}


def test_the_database_holds_what_is_raised(
    project: Project, both: tuple[Annotator, Annotator]
) -> None:
    made = top_up(project)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM projects_work_annotation WHERE state = 'submitted' LIMIT 1")
        (undecided,) = cursor.fetchone()
    for statement, name in (
        (
            "INSERT INTO projects_quality_raise (id, workspace_id, annotation_id, top_up_id, amount_minor) "
            f"SELECT gen_random_uuid(), workspace_id, id, gen_random_uuid(), 5 FROM projects_work_annotation "
            f"WHERE id = '{undecided}'",
            "raise_of_paid",
        ),
        (
            "INSERT INTO billing_bonuses_topup (id, workspace_id, project_id, price_minor, currency, answers, "
            "amount_minor) SELECT gen_random_uuid(), workspace_id, project_id, 1, 'USD', 1, 1 "
            "FROM billing_bonuses_topup",
            "top_up_paid",
        ),
        (
            "INSERT INTO billing_bonuses_bonus (id, workspace_id, enrollment_id, annotator_id, top_up_id, "
            "amount_minor, currency, answers, reason) SELECT gen_random_uuid(), e.workspace_id, e.id, "
            f"e.annotator_id, '{made.pk}', 5, 'USD', 1, '' FROM projects_enrollment_enrollment e "
            "WHERE NOT EXISTS (SELECT FROM billing_bonuses_bonus b WHERE b.enrollment_id = e.id) LIMIT 1",
            "bonus_of_top_up",
        ),
    ):
        people.make_annotator(project)
        with (
            pytest.raises(DatabaseError) as refused,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert constraint_of(refused.value) == name


def test_the_page_shows_what_it_costs_before_it_pays(
    project: Project, both: tuple[Annotator, Annotator], workspace_a: Tenant
) -> None:
    client = browser_of(workspace_a.owner)
    path = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/top-up/"
    assert "3 accepted answers were paid less" in client.get(path, {"price": "0.35"}).text
    assert client.get(path, {"price": "zero"}).status_code == 422
    assert "No accepted answer was paid less." in client.get(path, {"price": "0.10"}).text
    assert client.post(path, {"amount": "0.35"}).status_code == 200, "nothing was agreed to"
    stale = client.post(path, {"amount": "0.35", "agreed": "20"})
    assert stale.status_code == 422 and "0.30 USD now" in stale.text
    done = client.post(path, {"amount": "0.35", "agreed": "30"}, follow=True)
    assert "3 answers got 0.30 USD more in all." in done.text


def test_rest_tops_up_and_lists(
    project: Project, both: tuple[Annotator, Annotator], workspace_a: Tenant
) -> None:
    path = f"/api/v1/projects/{project.pk}/top-ups/"
    made: Any = workspace_a.client.post(path, {"price_minor": PRICE + 10, "agreed_minor": 30})
    assert made.status_code == 201 and made.json()["answers"] == 3
    assert [one["id"] for one in workspace_a.client.get(path).json()["results"]] == [
        made.json()["id"]
    ]


@pytest.mark.concurrency
def test_two_at_once_raise_an_answer_once(own_database: str) -> None:
    project = make_project(make_workspace(), overlap=1)
    make_batch(project, 2)
    accept([answer_of(people.make_annotator(project, "Ada"))])
    outcomes = at_once(lambda: top_up(project), lambda: top_up(project))
    assert sum(isinstance(one, Refused) for one in outcomes) == 1
    assert books()["workspace_promised"] == 10
