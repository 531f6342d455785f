"""Money for reading when two people do something at the same moment: it is never promised twice, and none is lost."""

from functools import partial
from typing import Any

import pytest
from django.db import connection

from billing.bonuses import readings
from billing.readings import services, tasks
from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.services import accepting
from rlhfhub.events import dispatch
from rlhfhub.events.outbox import Fact
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.concurrency.races import at_once
from tests.factories import Tenant, make_batch
from tests.readings.made import PAY, make_long, money_of
from tests.review.money import all_hold
from tests.review.own import answer_of

pytestmark = pytest.mark.concurrency


@pytest.fixture
def project(own_database: str, workspace_a: Tenant) -> Project:
    project = make_long(workspace_a, overlap=1)
    make_batch(project)
    return project


def test_of_six_who_accept_at_once_three_are_promised_it(
    project: Project, workspace_a: Tenant
) -> None:
    users = [people.make_user(f"Person {number}") for number in range(6)]
    outcomes = at_once(*(partial(people.enroll, user, project) for user in users))
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["reading_unfunded"] * 3, outcomes
    money = money_of(project)
    assert (money.free_minor, money.promised, money.promised_minor) == (0, 3, 3 * PAY)
    all_hold()


def close(project: Project) -> None:
    with planes.in_workspace(project.workspace_id):
        for batch in Batch.objects.filter(project=project):
            batches.close_batch(batch=batch, actor_id=None)
    dispatch.drain()


def test_the_last_batch_is_closed_while_somebody_accepts(
    project: Project, workspace_a: Tenant
) -> None:
    user = people.make_user("Ada")
    enrolled, closed = at_once(partial(people.enroll, user, project), partial(close, project))
    assert closed is None, closed
    if isinstance(enrolled, Refused):
        assert enrolled.code == "reading_unfunded"
    for _ in range(2):
        tasks.sweep()
    assert money_of(project).free_minor == 0
    assert money_of(project).promised == (0 if isinstance(enrolled, Refused) else 1)
    all_hold()


def test_two_workers_pay_for_one_reading_once(project: Project, workspace_a: Tenant) -> None:
    ada = people.make_annotator(project, "Ada")
    answers = [answer_of(ada), answer_of(ada)]
    with planes.in_workspace(workspace_a.pk):
        accepting.accept(annotation_ids=answers, reviewer_id=workspace_a.owner.pk)

    def pay(answer: Any) -> None:
        data = {"annotation_ids": [str(answer)]}
        fact = Fact(answer, workspace_a.pk, "accepted", project.pk, data)
        with planes.as_system():
            readings.on_accepted([fact])

    assert at_once(*(partial(pay, answer) for answer in answers)) == [None, None]
    dispatch.drain()
    money = money_of(project)
    assert (money.paid, money.paid_minor, money.promised) == (1, PAY, 0)
    all_hold()


def test_money_is_given_back_once(project: Project, workspace_a: Tenant) -> None:
    with planes.in_workspace(workspace_a.pk):
        for batch in Batch.objects.all():
            batches.close_batch(batch=batch, actor_id=None)

    def give_back() -> int:
        with planes.as_system():
            return services.give_back(project_id=project.pk)

    outcomes = at_once(*[give_back] * 4)
    assert sorted(one for one in outcomes if isinstance(one, int))[-1] == 3 * PAY
    assert sum(one for one in outcomes if isinstance(one, int)) == 3 * PAY
    assert money_of(project).free_minor == 0
    dispatch.drain()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM billing_readings_readingfunding WHERE amount_minor < 0"
        )
        assert cursor.fetchone()[0] == 1
    all_hold()
