"""What staff see: the command with its status, warnings, and the admin pages."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from billing.reconciliation import running, watch
from billing.reconciliation.models import Run
from rlhfhub.tenancy import planes
from tests import people
from tests.deposits.made import opened, paid, pay, tell
from tests.factories import make_workspace
from tests.pages.conftest import browser_of
from tests.reconciliation.test_reconciling import make_entry
from tests.stripe_emulator.control import Control


def command(*arguments: str) -> str:
    said = io.StringIO()
    call_command("reconcile", *arguments, stdout=said)
    return said.getvalue()


def test_the_command_says_what_agrees(stripe: Control) -> None:
    paid(stripe, make_workspace(money=0))
    said = command("--full")
    assert "1 new balance entries, 1 matched" in said
    assert "pending" in said and "available" in said


def test_its_status_tells_differences(stripe: Control) -> None:
    pay(stripe, opened(make_workspace(money=0)))
    with pytest.raises(CommandError, match="1 differences are open") as failed:
        command()
    assert failed.value.returncode == 1
    tell()


def test_its_status_tells_that_stripe_is_away(set_up: None, database: None) -> None:
    with pytest.raises(CommandError, match="It failed") as failed:
        command()
    assert failed.value.returncode == 2


def test_without_stripe_it_says_so(database: None) -> None:
    with pytest.raises(CommandError, match="Stripe is not set up"):
        command()
    assert watch.warnings() == []


def test_staff_are_warned(stripe: Control) -> None:
    assert watch.warnings() == []
    pay(stripe, opened(make_workspace(money=0)))
    running.reconcile(is_full=False)
    assert watch.warnings() == ["Stripe and the ledger differ: 1. See the differences."]
    tell()
    running.reconcile(is_full=False)
    assert watch.warnings() == []


def test_staff_are_warned_when_it_does_not_run(
    stripe: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.reconcile(is_full=False)
    monkeypatch.setattr(watch, "LATE", timedelta(seconds=-60))
    assert watch.warnings() == ["Stripe and the ledger were not compared in the last three hours."]


def test_the_admin_lists_all_of_it(stripe: Control) -> None:
    paid(stripe, make_workspace(money=0))
    make_entry("gift", 700, name="txn_gift")
    running.reconcile(is_full=True)
    with planes.as_system():
        assert Run.objects.count() == 1
    staff: Client = browser_of(people.make_user(is_staff=True))

    def page(name: str) -> str:
        return staff.get(f"/admin/billing_reconciliation/{name}/").text

    assert "The balances differ" in page("difference")
    assert "txn_gift" in page("balanceentry") and "7.00 USD" in page("balanceentry")
    assert "gift" in page("balanceentry")
    assert "yes" in page("run").lower()
