"""A workspace gives an annotator a bonus: set aside at once, paid by a handler, told, and never to a member."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from billing.bonuses import handlers, services
from billing.bonuses.models import Bonus
from billing.ledger.services import Overdrawn
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Membership
from rlhfhub.tenancy.raw import constraint_of
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.books import totals
from tests.deposits.made import make_disputed, make_paid
from tests.factories import MONEY, Tenant, make_project
from tests.notices.told import notices
from tests.pages.conftest import browser_of
from tests.people import Annotator

WHY = "Your notes on rule R2 helped everybody."


@pytest.fixture
def project(workspace_a: Tenant) -> Project:
    return make_project(workspace_a, name="Essays")


@pytest.fixture
def ada(project: Project) -> Annotator:
    return people.make_annotator(project, "Ada")


def give(annotator: Annotator, amount: int = 500, reason: str = WHY) -> Bonus:
    workspace_id = annotator.enrollment.workspace_id
    with planes.in_workspace(workspace_id):
        row = Enrollment.objects.select_related("project").get(pk=annotator.enrollment.pk)
        return services.give(enrollment=row, amount_minor=amount, reason=reason, actor_id=None)


def books() -> dict[str, int]:
    with planes.as_system():
        return {kind: amount for kind, amount in totals().items() if amount}


def test_its_money_is_set_aside_and_then_paid_without_a_fee(
    ada: Annotator, deliver: Callable[[], int]
) -> None:
    give(ada)
    set_aside = {"platform_cash": -MONEY, "workspace_available": MONEY - 500}
    assert books() == set_aside | {"workspace_promised": 500}
    deliver()
    assert books() == set_aside | {"annotator_payable": 500}


def test_it_is_paid_once_however_often_it_is_told(
    ada: Annotator, deliver: Callable[[], int]
) -> None:
    bonus = give(ada)
    deliver()
    with planes.as_system():
        assert handlers.pay(bonus.pk) == 0
    assert books()["annotator_payable"] == 500
    (notice,) = [one for one in notices(ada.user) if one.kind == "bonus.given"]
    assert notice.data["amount_minor"] == 500 and notice.data["reason"] == WHY


@pytest.mark.parametrize(
    ("amount", "reason", "field"),
    [
        (0, WHY, "amount_minor"),
        (-1, WHY, "amount_minor"),
        (10**9 + 1, WHY, "amount_minor"),
        (1, "Thanks", "reason"),
        (1, " " * 20, "reason"),
        (1, "x" * 501, "reason"),
    ],
)
def test_an_amount_or_a_reason_that_cannot_be(
    ada: Annotator, amount: int, reason: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        give(ada, amount, reason)
    assert [fault["field"] for fault in refused.value.errors] == [field]
    assert "workspace_promised" not in books()


def test_more_than_the_balance_moves_nothing(ada: Annotator) -> None:
    before = books()
    with pytest.raises(Overdrawn):
        give(ada, MONEY + 1)
    assert books() == before


def test_no_member_gets_one(ada: Annotator, workspace_a: Tenant) -> None:
    people.leave(ada.enrollment)
    people.make_member(workspace_a.workspace, Role.VIEWER, ada.user)
    with pytest.raises(Refused) as refused:
        give(ada)
    assert (refused.value.code, refused.value.status) == ("own_member", 409)


def test_while_a_payment_is_disputed_there_is_none(ada: Annotator, workspace_a: Tenant) -> None:
    bonus = give(ada)
    make_disputed(make_paid(workspace_a))
    with pytest.raises(Refused) as refused:
        give(ada)
    assert refused.value.code == "frozen"
    assert forge(bonus) == "workspace_frozen"


def test_where_nobody_is_paid_there_is_none(workspace_a: Tenant) -> None:
    unpaid = make_project(workspace_a, access="members")
    member = people.make_member(workspace_a.workspace, Role.REVIEWER)
    with pytest.raises(Refused) as refused:
        give(people.make_annotator(unpaid, user=member))
    assert refused.value.code == "unpaid"


def forge(bonus: Bonus, **changed: Any) -> str:
    """Insert a copy of a bonus with these values, as the owner. Returns the constraint that refuses it."""
    values = {"id": uuid.uuid4(), **changed}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_bonuses_bonus SELECT (jsonb_populate_record(b, %s)).* "
                "FROM billing_bonuses_bonus b WHERE id = %s",
                [json.dumps(values, default=str), bonus.pk],
            )
    except DatabaseError as error:
        return constraint_of(error)
    return ""


def test_the_database_refuses_one_without_its_money(ada: Annotator) -> None:
    bonus = give(ada)
    assert forge(bonus) == "bonus_paid"
    assert forge(bonus, amount_minor=0) == "bonus_pays"
    assert forge(bonus, reason="") == "bonus_says_why"
    for change in (
        "UPDATE billing_bonuses_bonus SET amount_minor = 1",
        "DELETE FROM billing_bonuses_bonus",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_the_database_refuses_one_for_a_member(ada: Annotator, workspace_a: Tenant) -> None:
    """Who became a member between the look and the row."""
    with planes.in_workspace(workspace_a.pk):
        row = Enrollment.objects.select_related("project").get(pk=ada.enrollment.pk)
    people.leave(ada.enrollment)
    people.make_member(workspace_a.workspace, Role.VIEWER, ada.user)
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(DatabaseError) as refused,
        planes.in_workspace(workspace_a.pk),
    ):
        patch.setattr(Membership.objects, "filter", lambda **_: Enrollment.objects.none())
        services.give(enrollment=row, amount_minor=5, reason=WHY, actor_id=None)
    assert constraint_of(refused.value) == "bonus_of_no_member"


def test_the_page_gives_it_and_lists_it(ada: Annotator, workspace_a: Tenant) -> None:
    pseudonym = ada.enrollment.pseudonym
    path = f"/w/{workspace_a.workspace.slug}/projects/{ada.enrollment.project_id}/annotators/{pseudonym}/bonus/"
    client = browser_of(workspace_a.owner)
    for wrong in ("", "0", "-5", "1e3", "0.001"):
        assert client.post(path, {"amount": wrong, "reason": WHY}).status_code == 422, wrong
    page = client.post(path, {"amount": "5.00", "reason": WHY}, follow=True).text
    assert f"{pseudonym} gets 5.00 USD, and is told." in page
    assert WHY in page
    assert client.get(path.replace(pseudonym, "A-NOBODY")).status_code == 404


def test_who_may_not_spend_gives_none(ada: Annotator, workspace_a: Tenant) -> None:
    pseudonym = ada.enrollment.pseudonym
    path = f"/w/{workspace_a.workspace.slug}/projects/{ada.enrollment.project_id}/annotators/{pseudonym}/bonus/"
    viewer = browser_of(people.make_member(workspace_a.workspace, Role.VIEWER))
    assert viewer.get(path).status_code == 200
    assert viewer.post(path, {"amount": "5.00", "reason": WHY}).status_code == 403
    with planes.in_workspace(workspace_a.pk):
        assert not Bonus.objects.exists()


def test_rest_gives_it_once_for_a_key(ada: Annotator, workspace_a: Tenant) -> None:
    path = f"/api/v1/enrollments/{ada.enrollment.pk}/bonuses/"
    for _ in range(2):
        made: Any = workspace_a.client.post(
            path, {"amount_minor": 500, "reason": WHY}, HTTP_IDEMPOTENCY_KEY="b-1"
        )
        assert made.status_code == 201
    assert made.json()["amount"] == {"amount_minor": 500, "currency": "USD"}
    assert len(workspace_a.client.get(path).json()["results"]) == 1
    assert books()["workspace_promised"] == 500


def test_the_annotator_reads_it_on_their_earnings(
    ada: Annotator, deliver: Callable[[], int]
) -> None:
    give(ada)
    deliver()
    client = browser_of(ada.user)
    assert WHY in client.get(f"/earnings/{ada.enrollment.pk}/").text
    home = client.get("/earnings/projects/").text
    assert WHY in home, "also without an answer"
    [day] = client.get("/earnings/").context["days"]
    [line] = day.lines
    assert (line.reason, line.amount_minor) == (WHY, 500)
    assert [one.money for one in line.shares] == ["payable"]
