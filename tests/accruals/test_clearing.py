"""What annotators earn from a workspace that has just begun to pay by card cannot be paid out for some days."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from billing.accruals import clearing, services
from billing.bonuses import handlers
from billing.deposits.selectors import young_workspaces
from billing.ledger.models import Account
from projects.review.services import accepting
from rlhfhub.tenancy import planes
from tests import people
from tests.bonuses.test_bonuses import give
from tests.concurrency.races import at_once
from tests.deposits.made import make_paid
from tests.factories import PRICE, Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.review.money import all_hold
from tests.review.own import answer_of


def earned(annotator: Annotator) -> dict[str, int]:
    with planes.as_system():
        rows = Account.objects.filter(person_id=annotator.user.pk, balance_minor__gt=0)
        return dict(rows.values_list("kind", "balance_minor"))


def at_work(tenant: Tenant) -> Annotator:
    project = make_project(tenant, overlap=1)
    make_batch(project, 4)
    return people.make_annotator(project, "Ada")


def accepted(
    annotator: Annotator, tenant: Tenant, deliver: Callable[[], int] | None = None
) -> uuid.UUID:
    answer = answer_of(annotator)
    with planes.in_workspace(tenant.pk):
        accepting.accept(annotation_ids=[answer], reviewer_id=tenant.owner.pk)
    if deliver:
        deliver()
    return answer


def let_days_pass(days: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_deposits_deposit DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE billing_deposits_deposit SET paid_at = paid_at - make_interval(days => %s)",
            [days],
        )
        cursor.execute("ALTER TABLE billing_deposits_deposit ENABLE TRIGGER USER")


def cleared() -> int:
    return sum(clearing.clear())


def test_it_waits_for_the_hold_and_is_payable_then(
    workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    make_paid(workspace_a)
    annotator = at_work(workspace_a)
    accepted(annotator, workspace_a, deliver)
    assert earned(annotator) == {"annotator_pending": PRICE}
    assert cleared() == 0
    let_days_pass(8)
    assert cleared() == 1
    assert earned(annotator) == {"annotator_payable": PRICE}
    assert cleared() == 0
    accepted(annotator, workspace_a, deliver)
    assert earned(annotator) == {"annotator_payable": 2 * PRICE}, "no hold any more"
    all_hold()


def test_the_annotator_sees_what_waits(workspace_a: Tenant, deliver: Callable[[], int]) -> None:
    make_paid(workspace_a)
    annotator = at_work(workspace_a)
    accepted(annotator, workspace_a, deliver)
    client = browser_of(annotator.user)
    for path in ("/earnings/", "/earnings/payouts/"):
        page = client.get(path).text
        assert "Earned, not clear yet" in page and "$0.25" in page, path
    let_days_pass(8)
    cleared()
    for path in ("/earnings/", "/earnings/payouts/"):
        assert "Earned, not clear yet" not in client.get(path).text, path


def test_a_workspace_that_staff_booked_money_for_has_no_hold(
    workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    annotator = at_work(workspace_a)
    accepted(annotator, workspace_a, deliver)
    assert earned(annotator) == {"annotator_payable": PRICE}


def test_the_first_payment_counts_and_no_later_one(workspace_a: Tenant) -> None:
    make_paid(workspace_a)
    let_days_pass(8)
    make_paid(workspace_a)
    with planes.as_system():
        assert young_workspaces({workspace_a.pk}) == set()


def test_its_length_is_a_setting(workspace_a: Tenant, workspace_b: Tenant, settings: Any) -> None:
    make_paid(workspace_a)
    with planes.as_system():
        assert young_workspaces({workspace_a.pk, workspace_b.pk}) == {workspace_a.pk}
        assert young_workspaces(set()) == set()
    settings.STRIPE_CARD_HOLD_DAYS = 0
    with planes.as_system():
        assert young_workspaces({workspace_a.pk}) == set()


def test_what_is_told_again_after_the_hold_is_booked_once(
    workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    """A second journal would say payable where the first says pending."""
    make_paid(workspace_a)
    annotator = at_work(workspace_a)
    answer = accepted(annotator, workspace_a, deliver)
    let_days_pass(8)
    with planes.as_system():
        assert services.accrue(annotation_ids=[answer]) == 0
    assert earned(annotator) == {"annotator_pending": PRICE}


def test_a_bonus_waits_as_well(workspace_a: Tenant, deliver: Callable[[], int]) -> None:
    make_paid(workspace_a)
    annotator = at_work(workspace_a)
    bonus = give(annotator)
    deliver()
    assert earned(annotator) == {"annotator_pending": 500}
    let_days_pass(8)
    with planes.as_system():
        assert handlers.pay(bonus.pk) == 0
    assert cleared() == 1
    assert earned(annotator) == {"annotator_payable": 500}
    all_hold()


def test_other_workspaces_money_is_not_held(
    workspace_a: Tenant, workspace_b: Tenant, deliver: Callable[[], int]
) -> None:
    make_paid(workspace_a)
    young = at_work(workspace_a)
    accepted(young, workspace_a, deliver)
    project = make_project(workspace_b, overlap=1)
    make_batch(project, 1)
    accepted(people.make_annotator(project, user=young.user), workspace_b, deliver)
    assert earned(young) == {"annotator_pending": PRICE, "annotator_payable": PRICE}


def test_what_would_divide_a_line_is_not_moved(
    workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    """As when two runs at once have read the same balance, and more was earned between their journals."""
    make_paid(workspace_a)
    annotator = at_work(workspace_a)
    for _ in range(2):
        accepted(annotator, workspace_a, deliver)
    owner = workspace_a.pk, annotator.user.pk, "USD"
    assert clearing._clear(*owner, PRICE - 1) == 0
    assert earned(annotator) == {"annotator_pending": 2 * PRICE}
    assert clearing._clear(*owner, PRICE) == 1
    assert earned(annotator) == {"annotator_pending": PRICE, "annotator_payable": PRICE}


@pytest.mark.concurrency
def test_two_workers_clear_it_once(own_database: str) -> None:
    tenant = make_workspace()
    make_paid(tenant)
    annotator = at_work(tenant)
    answer = accepted(annotator, tenant)
    with planes.as_system():
        services.accrue(annotation_ids=[answer])
    let_days_pass(8)
    outcomes = at_once(cleared, cleared)
    assert sum(outcomes) == 1
    assert earned(annotator) == {"annotator_payable": PRICE}


def test_the_hold_is_counted_in_days(workspace_a: Tenant) -> None:
    make_paid(workspace_a)
    let_days_pass(6)
    with planes.as_system():
        assert young_workspaces({workspace_a.pk}) == {workspace_a.pk}
