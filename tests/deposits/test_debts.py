"""Money that reaches the free balance of a workspace in debt repays the debt, and never more than the debt."""

import uuid

import pytest
from django.db import IntegrityError

from billing.deposits import debts, tasks
from billing.funding import services as funding
from billing.ledger import entries
from billing.ledger.entries import Entry
from billing.ledger.entries.base import Purse, owed
from billing.ledger.selectors import free_minor
from billing.ledger.services import post
from projects.items import services as batches
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.raw import constraint_of
from tests.deposits.made import books, causes, make_paid, work_off
from tests.factories import MONEY, Tenant, make_batch, make_deposit, make_project, make_workspace
from tests.pages.conftest import browser_of


def owe(tenant: Tenant, amount: int, mark: str = "1") -> None:
    """Let the workspace owe an amount, as a dispute of money that was spent does."""
    frozen = Purse("workspace_disputed", "USD", tenant.pk)
    lines = ((owed(tenant.pk, "USD"), -amount), (frozen, amount))
    with planes.as_system():
        post([Entry("dispute", f"dispute:dp_{mark}{tenant.pk}", tenant.pk, lines)])


def test_money_of_a_closed_batch_repays(database: None) -> None:
    tenant = make_workspace(money=MONEY)
    batch = make_batch(make_project(tenant), items=3)
    budget, free = books()["batch_budget"], books()["workspace_available"]
    owe(tenant, free + budget - 1)
    tasks.repay()
    assert (books()["workspace_available"], books()["workspace_receivable"]) == (0, 1 - budget)
    assert work_off(debts.repaid) == 0, "nothing is free"
    with planes.in_workspace(tenant.pk):
        batches.close_batch(batch=batch, actor_id=None)
        funding.release_unused(batch_id=batch.pk)
    assert work_off(debts.repaid) == 1
    assert (books()["workspace_available"], books()["workspace_receivable"]) == (1, 0)
    assert work_off(debts.repaid) == 0, "nothing is owed"
    assert len(causes("repay")) == 2
    page = browser_of(tenant.owner).get(f"/w/{tenant.workspace.slug}/money/").content.decode()
    assert page.count("Repaid what was owed") == 2
    assert "Owed to the platform" in page


def test_only_the_workspace_that_owes_repays(workspace_a: Tenant, workspace_b: Tenant) -> None:
    owe(workspace_a, 100)
    make_deposit(workspace_b.workspace, 500)
    assert work_off(debts.repaid) == 1
    assert books()["workspace_available"] == 2 * MONEY + 500 - 100
    assert books()["workspace_receivable"] == 0


def test_what_was_repaid_meanwhile_is_not_repaid_again(workspace_a: Tenant) -> None:
    owe(workspace_a, 100)
    for _ in range(2):
        debts.repay(workspace_a.pk, "USD")
    assert books()["workspace_available"] == MONEY - 100
    assert len(causes("repay")) == 1


def test_one_failure_stops_no_other_repayment(
    workspace_a: Tenant, workspace_b: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(workspace_a, 100)
    owe(workspace_b, 200)

    def free(who: uuid.UUID, of: str) -> int:
        if who == workspace_a.pk:
            raise RuntimeError
        return free_minor(who, of)

    monkeypatch.setattr(debts, "free_minor", free)
    assert work_off(debts.repaid) == 2
    assert books()["workspace_receivable"] == -100


def test_the_database_refuses_to_overpay(workspace_a: Tenant) -> None:
    make_paid(workspace_a)
    owe(workspace_a, 100)
    with pytest.raises(IntegrityError) as error, planes.as_system():
        post(
            [
                entries.repayment(
                    workspace_id=workspace_a.pk, currency="USD", amount_minor=101, source="x"
                )
            ]
        )
    assert constraint_of(error.value) == "debt_not_overpaid"
