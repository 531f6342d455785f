"""The rules of the ledger, which the database enforces for every login."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing.ledger import entries
from billing.ledger.entries import Entry, Purse
from billing.ledger.models import Account, Journal, Posting
from billing.ledger.services import Overdrawn, post
from rlhfhub.tenancy import planes
from tests.books import totals
from tests.factories import MONEY, Tenant


def balances() -> dict[str, int]:
    with planes.as_system():
        return totals()


def fund(tenant: Tenant, amount: int, run: uuid.UUID | None = None) -> Entry:
    return entries.fund(
        workspace_id=tenant.pk,
        batch_id=uuid.UUID(int=7),
        currency="USD",
        budget_minor=amount,
        reserve_minor=0,
        funding_id=run or uuid.uuid4(),
    )


def test_an_entry_that_does_not_balance_cannot_be_built() -> None:
    purse = Purse("platform_cash", "USD")
    with pytest.raises(ValueError, match="zero"):
        Entry("x", "x:1", None, ((purse, 1),))
    with pytest.raises(ValueError, match="currency"):
        Entry("x", "x:1", None, ((purse, 1), (Purse("platform_cash", "EUR"), -1)))


def test_a_cause_is_posted_once(workspace_a: Tenant) -> None:
    entry = fund(workspace_a, 100)
    with planes.in_workspace(workspace_a.pk):
        assert post([entry]) == 1
        assert post([entry]) == 0
    assert balances() == {
        "platform_cash": -MONEY,
        "workspace_available": MONEY - 100,
        "batch_budget": 100,
    }


def test_a_balance_never_falls_below_zero(workspace_a: Tenant) -> None:
    before = balances()
    with pytest.raises(Overdrawn), planes.in_workspace(workspace_a.pk):
        post([fund(workspace_a, MONEY + 1)])
    assert balances() == before


def _raw(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_database_refuses_what_the_service_would_never_write(
    own_database: str, workspace_a: Tenant
) -> None:
    """As the owner of the tables, whom no policy holds."""
    before = balances()
    with planes.as_system():
        journal = Journal.objects.first()
        account = Account.objects.get(kind="workspace_available")
    with pytest.raises(IntegrityError, match="does not balance"):
        _raw(
            "INSERT INTO billing_ledger_posting (id, journal_id, account_id, amount_minor, currency, at, workspace_id) "
            "VALUES (gen_random_uuid(), %s, %s, 5, 'USD', now(), %s)",
            journal.pk,
            account.pk,
            workspace_a.pk,
        )
    for sql in (
        "UPDATE billing_ledger_posting SET amount_minor = amount_minor + 1",
        "DELETE FROM billing_ledger_posting",
        "UPDATE billing_ledger_journal SET note = 'x'",
        "DELETE FROM billing_ledger_journal",
        "TRUNCATE billing_ledger_posting",
        "TRUNCATE billing_ledger_journal CASCADE",
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            _raw(sql)
    assert balances() == before


@pytest.mark.parametrize("plane", ["workspace", "system", "staff", "annotator"])
def test_no_plane_may_set_a_balance(workspace_a: Tenant, plane: str) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        planes.entered(planes.Plane(plane), workspace=workspace_a.pk, person=workspace_a.owner.pk),
    ):
        _raw("UPDATE billing_ledger_account SET balance_minor = 1000000")


def test_a_workspace_sees_no_annotators_purse(workspace_a: Tenant) -> None:
    person = uuid.uuid4()
    with planes.in_workspace(workspace_a.pk):
        post([fund(workspace_a, 100)])
    work = entries.Work(
        workspace_a.pk, uuid.UUID(int=7), uuid.uuid4(), person, "USD", price_minor=25, fee_minor=5
    )
    with planes.as_system(workspace_a.pk):
        assert post([entries.accrual(work)]) == 1
    with planes.in_workspace(workspace_a.pk):
        assert "annotator_payable" not in Account.objects.values_list("kind", flat=True)
        assert not Posting.objects.exclude(person_id=None).exists()
    with planes.at_desk(person):
        assert list(Posting.objects.values_list("amount_minor", flat=True)) == [25]
        assert Account.objects.get().balance_minor == 25
    with planes.at_desk(uuid.uuid4()):
        assert not Posting.objects.exists()
