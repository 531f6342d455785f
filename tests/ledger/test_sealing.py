"""Days of the journal are sealed when nothing can be posted in them any more."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing.ledger import sealing, selectors
from billing.ledger.models import Account, DayTotal, Journal, Seal
from billing.ledger.tasks import seal_days
from rlhfhub import invariants
from rlhfhub.devtools.waiting import wait_until
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import planes
from tests.factories import MONEY, Tenant, make_deposit

SEALED = (
    "a sealed day has the journals that it had when it was sealed, and follows on the day before"
)


@pytest.fixture
def tomorrow() -> datetime:
    """A moment at which today is over and can be sealed."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1) + sealing.GRACE


def seal(now: datetime, days: int) -> None:
    """Seal so many days. Transactions of other tests, in other databases of the server, delay it for moments."""
    found = 0

    def enough() -> bool:
        nonlocal found
        found += sealing.seal_days(now)
        return found >= days

    wait_until(enough, 60, "the seal")
    assert found == days


def test_without_a_journal_no_day_is_sealed(database: None) -> None:
    seal_days()
    with planes.as_system():
        assert not Seal.objects.exists()


def test_two_who_found_the_same_day_seal_it_once(
    own_database: str, workspace_a: Tenant, tomorrow: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(tomorrow, 1)
    today = (tomorrow - sealing.GRACE - timedelta(days=1)).date()
    with planes.as_system():
        before = list(Seal.objects.values())
    found = iter([today, None])
    monkeypatch.setattr(sealing, "_next_day", lambda now: next(found))
    assert sealing.seal_days(tomorrow) == 1
    with planes.as_system():
        assert list(Seal.objects.values()) == before


def broken(says: str) -> int:
    (one,) = [i for i in invariants.registered() if i.says == says]
    return invariants.check(one).violations


def test_a_day_is_sealed_when_it_is_over(
    own_database: str, workspace_a: Tenant, tomorrow: datetime
) -> None:
    assert sealing.seal_days(tomorrow - timedelta(seconds=1)) == 0
    seal(tomorrow, 1)
    assert sealing.seal_days(tomorrow) == 0
    seal(tomorrow + timedelta(days=2), 2)
    with planes.as_system():
        days = list(Seal.objects.order_by("day").values_list("journals", flat=True))
        assert days == [Journal.objects.count(), 0, 0]
        cash = Account.objects.get(kind="platform_cash")
        assert DayTotal.objects.get(account=cash).amount_minor == -MONEY
        assert selectors.balance_of(cash) == -MONEY
    make_deposit(workspace_a.workspace, 5)
    with planes.as_system():
        assert DayTotal.objects.get(account=cash).amount_minor == -MONEY
    assert broken(SEALED) == 1, "a journal dated in a day that a test sealed early is found"


def test_a_balance_that_is_not_kept_is_of_sealed_days_and_since(
    own_database: str, workspace_a: Tenant, tomorrow: datetime
) -> None:
    with planes.as_system():
        cash = Account.objects.get(kind="platform_cash")
        assert cash.balance_minor is None
        assert selectors.balance_of(cash) == -MONEY
        free = Account.objects.get(kind="workspace_available")
        assert selectors.balance_of(free) == free.balance_minor == MONEY


def test_a_transaction_that_began_before_keeps_its_day_open(
    own_database: str, workspace_a: Tenant, tomorrow: datetime
) -> None:
    settings = connection.get_connection_params()
    with psycopg.connect(**_known(settings)) as other:
        other.execute("SELECT pg_current_xact_id()")
        assert sealing.seal_days(tomorrow) == 0
        other.rollback()
    seal(tomorrow, 1)


def _known(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        key: settings[key]
        for key in ("host", "port", "dbname", "user", "password")
        if key in settings
    }


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE billing_ledger_journal SET note = 'else'",
        "UPDATE billing_ledger_journal SET actor_id = gen_random_uuid()",
        "UPDATE billing_ledger_journal SET at = at - interval '2 days'",
        "UPDATE billing_ledger_seal SET digest = repeat('0', 64)",
    ],
)
def test_a_change_to_a_sealed_day_is_found(
    own_database: str, workspace_a: Tenant, tomorrow: datetime, damage: str
) -> None:
    seal(tomorrow + timedelta(days=1), 2)
    assert broken(SEALED) == 0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_ledger_journal DISABLE TRIGGER append_only")
        cursor.execute("ALTER TABLE billing_ledger_seal DISABLE TRIGGER sealed")
        cursor.execute(damage)
    assert broken(SEALED) >= 1


def test_a_seal_is_not_changed(own_database: str, workspace_a: Tenant, tomorrow: datetime) -> None:
    seal(tomorrow, 1)
    for sql in (
        "UPDATE billing_ledger_seal SET digest = repeat('0', 64)",
        "UPDATE billing_ledger_seal SET journals = journals + 1",
        "DELETE FROM billing_ledger_seal",
        "UPDATE billing_ledger_daytotal SET amount_minor = 0",
        "DELETE FROM billing_ledger_daytotal",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_journal_cannot_be_dated_back(workspace_a: Tenant) -> None:
    with (
        pytest.raises(IntegrityError, match="dated by the database"),
        planes.as_system(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO billing_ledger_journal (id, kind, cause, fingerprint, note, at) "
            "VALUES (%s, 'accrual', 'accrual:x', '', '', now() - interval '1 day')",
            [uuid7()],
        )


def test_every_fingerprint_is_that_of_the_postings(
    own_database: str, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    says = "a journal's fingerprint is that of its postings"
    assert broken(says) == 0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_ledger_posting DISABLE TRIGGER append_only")
        cursor.execute(
            "UPDATE billing_ledger_posting SET amount_minor = amount_minor * 2 WHERE amount_minor > 0"
        )
    assert broken(says) == 1
