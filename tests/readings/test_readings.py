"""Who accepts guidelines is promised money for reading them, and paid with the first accepted answer."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection

from billing.bonuses.models import Bonus
from billing.readings import services, tasks
from billing.readings.models import Reading
from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.services import accepting
from rlhfhub.events import debts
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.deposits.made import make_disputed, make_paid
from tests.factories import MONEY, PRICE, Tenant, make_batch, make_workspace
from tests.notices.told import notices
from tests.people import Annotator
from tests.readings.made import LONG, MORE, MORE_PAY, PAY, books, make_long, money_of, publish
from tests.review.money import all_hold
from tests.review.own import answer_of

Deliver = Callable[[], int]


def accept(answer: uuid.UUID, tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        accepting.accept(annotation_ids=[answer], reviewer_id=tenant.owner.pk)


def close(batch: Batch) -> None:
    with planes.in_workspace(batch.workspace_id):
        batches.close_batch(batch=Batch.objects.get(pk=batch.pk), actor_id=None)


def states(project: Project) -> list[str]:
    with planes.in_workspace(project.workspace_id):
        return list(Reading.objects.order_by("pk").values_list("state", flat=True))


def test_a_batch_sets_it_aside_for_three_readers_and_more_for_more_answers(
    workspace_a: Tenant, project: Project
) -> None:
    make_batch(project, 4)
    assert money_of(project).free_minor == 3 * PAY
    make_batch(project, 10, first=50)
    assert money_of(project).free_minor == 3 * PAY, "what is there already is enough"
    make_batch(project, 160, first=100)
    assert (money_of(project).readers_left, money_of(project).free_minor) == (4, 4 * PAY)
    assert books()["workspace_promised"] == 4 * PAY
    all_hold()


def test_it_is_paid_once_with_the_first_accepted_answer(
    workspace_a: Tenant, project: Project, ada: Annotator, deliver: Deliver
) -> None:
    assert (money_of(project).free_minor, money_of(project).promised_minor) == (2 * PAY, PAY)
    first, second = answer_of(ada), answer_of(ada)
    accept(first, workspace_a)
    deliver()
    assert books()["annotator_payable"] == PRICE + PAY
    accept(second, workspace_a)
    deliver()
    assert books()["annotator_payable"] == 2 * PRICE + PAY
    assert (money_of(project).paid, money_of(project).paid_minor) == (1, PAY)
    (told,) = [one for one in notices(ada.user) if one.kind == "bonus.given"]
    assert told.data["version"] == 1
    with planes.in_workspace(workspace_a.pk):
        assert Bonus.objects.get().reason == "Reading the guidelines, version 1"
    all_hold()


def test_the_workspaces_spend_names_it(
    workspace_a: Tenant, ada: Annotator, deliver: Deliver
) -> None:
    accept(answer_of(ada), workspace_a)
    deliver()
    shown = workspace_a.client.get("/api/v1/spend/").json()
    parts = {part["part"]: part["total_minor"] for part in shown["parts"]}
    assert parts == {"data": PRICE + 5, "reading": PAY}


def test_an_answer_that_is_not_accepted_does_not_earn_it(
    workspace_a: Tenant, project: Project, ada: Annotator, deliver: Deliver
) -> None:
    answer_of(ada)
    deliver()
    assert states(project) == ["promised"]
    assert "annotator_payable" not in books()


def test_a_lost_event_is_found_again(
    workspace_a: Tenant,
    project: Project,
    ada: Annotator,
    monkeypatch: pytest.MonkeyPatch,
    deliver: Deliver,
) -> None:
    accept(answer_of(ada), workspace_a)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event")
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -5)
    debts.sweep()
    deliver()
    assert states(project) == ["paid"]
    all_hold()


def test_who_accepted_before_is_paid_for_what_is_new(
    workspace_a: Tenant, project: Project, ada: Annotator, deliver: Deliver
) -> None:
    accept(answer_of(ada), workspace_a)
    deliver()
    publish(project, MORE)
    assert money_of(project).free_minor == 2 * PAY + MORE_PAY, "set aside for Ada"
    people.enroll(ada.user, project)
    ben = people.make_annotator(project, "Ben")
    with planes.in_workspace(workspace_a.pk):
        amounts = dict(
            Reading.objects.filter(state="promised").values_list("enrollment_id", "amount_minor")
        )
    assert amounts == {ada.enrollment.pk: MORE_PAY, ben.enrollment.pk: PAY + MORE_PAY}
    all_hold()


def test_who_missed_a_version_is_paid_for_all_that_is_new_and_never_for_more_than_the_whole(
    workspace_a: Tenant, project: Project, ada: Annotator
) -> None:
    publish(project, MORE)
    publish(project, f"{LONG}\n\n" + "newer " * 180)
    people.enroll(ada.user, project)
    with planes.in_workspace(workspace_a.pk):
        assert (
            Reading.objects.order_by("-pk").values_list("amount_minor", flat=True)[0]
            == 2 * MORE_PAY
        )
    publish(project, "word " * 100)
    publish(project, "other " * 100)
    publish(project, "word " * 100)
    people.enroll(ada.user, project)
    with planes.in_workspace(workspace_a.pk):
        assert Reading.objects.order_by("-pk").values_list("amount_minor", flat=True)[0] == 14
    all_hold()


def test_a_minor_version_pays_nobody_twice(
    workspace_a: Tenant, project: Project, ada: Annotator, deliver: Deliver
) -> None:
    publish(project, MORE, "minor")
    people.enroll(ada.user, project)
    assert states(project) == ["promised"]
    accept(answer_of(ada), workspace_a)
    deliver()
    assert books()["annotator_payable"] == PRICE + PAY, (
        "the answer is under version 2, the reading of version 1"
    )
    all_hold()


def test_without_money_nobody_new_begins_and_the_members_are_told(
    workspace_a: Tenant, project: Project, batch: Batch, deliver: Deliver
) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        people.make_annotator(project, name)
    dora = people.make_user("Dora")
    with pytest.raises(Refused) as refused:
        people.enroll(dora, project)
    assert (refused.value.code, refused.value.status) == ("reading_unfunded", 409)
    for _ in range(2):
        tasks.sweep()
    (told,) = [one for one in notices(workspace_a.owner) if one.kind == "reading.empty"]
    assert told.data["project"] == project.name
    with planes.in_workspace(workspace_a.pk):
        services.set_aside(project=project, readers=1, actor_id=workspace_a.owner.pk)
    assert people.enroll(dora, project).state == "active"
    tasks.sweep()
    assert len([one for one in notices(workspace_a.owner) if one.kind == "reading.empty"]) == 2
    all_hold()


def test_a_version_comes_into_force_without_money_for_it(
    workspace_b: Tenant, deliver: Deliver
) -> None:
    poor = make_workspace(money=5 * 30 + 3 * PAY)
    project = make_long(poor, overlap=1)
    make_batch(project)
    ada = people.make_annotator(project, "Ada")
    for name in ("Ben", "Cleo"):
        people.make_annotator(project, name)
    publish(project, MORE)
    assert money_of(project).free_minor == 0
    with pytest.raises(Refused) as refused:
        people.enroll(ada.user, project)
    assert refused.value.code == "reading_unfunded"
    tasks.sweep()
    assert [one for one in notices(poor.owner) if one.kind == "reading.empty"]
    all_hold()


def test_what_nobody_was_promised_comes_back_when_no_batch_is_left(
    workspace_a: Tenant, project: Project, batch: Batch, ada: Annotator, deliver: Deliver
) -> None:
    other = make_batch(project, 2, first=50)
    close(batch)
    deliver()
    assert money_of(project).free_minor == 3 * PAY, "for the other batch"
    close(other)
    deliver()
    assert (money_of(project).free_minor, money_of(project).promised_minor) == (0, PAY)
    assert books()["workspace_available"] == MONEY - PAY
    all_hold()


def test_it_is_given_back_when_an_annotator_leaves_without_an_accepted_answer(
    workspace_a: Tenant, project: Project, ada: Annotator, deliver: Deliver
) -> None:
    ben = people.make_annotator(project, "Ben")
    answer = answer_of(ben)
    people.leave(ada.enrollment)
    people.leave(ben.enrollment)
    tasks.sweep()
    assert states(project) == ["released", "promised"], "Ben's answer is undecided"
    accept(answer, workspace_a)
    deliver()
    assert states(project) == ["released", "paid"]
    assert books()["annotator_payable"] == PRICE + PAY
    all_hold()


def test_no_member_is_paid_for_reading(
    workspace_a: Tenant, project: Project, ada: Annotator, deliver: Deliver
) -> None:
    answer = answer_of(ada)
    people.leave(ada.enrollment)
    people.make_member(workspace_a.workspace, Role.VIEWER, ada.user)
    accept(answer, workspace_a)
    deliver()
    tasks.sweep()
    assert states(project) == ["released"]
    assert books()["annotator_payable"] == PRICE
    all_hold()


def test_while_a_payment_is_disputed_nothing_is_set_aside_and_what_was_promised_is_paid(
    workspace_a: Tenant, project: Project, ada: Annotator, deliver: Deliver
) -> None:
    answer = answer_of(ada)
    make_disputed(make_paid(workspace_a))
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused) as refused:
        services.set_aside(project=project, readers=1, actor_id=None)
    assert refused.value.code == "frozen"
    accept(answer, workspace_a)
    deliver()
    assert states(project) == ["paid"]
