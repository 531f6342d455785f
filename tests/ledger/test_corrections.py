"""A journal posted in error is reversed by two members of staff, once, and only where nothing else counts on it."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing.ledger import corrections, entries
from billing.ledger.models import Correction, Journal
from billing.ledger.services import OtherMoney, Overdrawn, post
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.raw import constraint_of
from tests.factories import MONEY, Tenant
from tests.ledger.test_ledger import balances, fund

ONE, TWO = uuid.uuid4(), uuid.uuid4()


def ask(
    journal: Journal, by: uuid.UUID = ONE, reason: str = "Booked for the wrong one"
) -> Correction:
    with planes.entered(Plane.STAFF, person=by):
        return corrections.ask(journal_id=journal.pk, reason=reason, actor_id=by)


def decide(correction: Correction, by: uuid.UUID = TWO, *, approve: bool = True) -> bool:
    with planes.entered(Plane.STAFF, person=by):
        return corrections.decide(correction_id=correction.pk, approve=approve, actor_id=by)


@pytest.fixture
def deposited(workspace_a: Tenant) -> Journal:
    with planes.as_system():
        return Journal.objects.get(kind="deposit")


def test_two_members_of_staff_reverse_a_deposit_once(deposited: Journal) -> None:
    asked = ask(deposited)
    with pytest.raises(Refused, match="Somebody else"):
        decide(asked, ONE)
    assert decide(asked) is True
    assert decide(asked) is False
    with planes.as_system():
        back = Journal.objects.get(reverses=deposited)
        assert (back.kind, back.cause) == ("reverse", f"reverse:{deposited.pk}")
        assert (back.note, back.actor_id) == ("Booked for the wrong one", TWO)
    assert balances() == {"platform_cash": 0, "workspace_available": 0}
    with pytest.raises(Refused, match="already reversed"):
        ask(deposited, TWO)


def test_a_refused_correction_moves_nothing_and_may_be_asked_for_again(deposited: Journal) -> None:
    assert decide(ask(deposited), approve=False) is True
    assert balances()["workspace_available"] == MONEY
    again = ask(deposited, TWO)
    assert decide(again, ONE) is True
    assert balances()["workspace_available"] == 0


def test_money_that_is_spent_is_not_moved_back(workspace_a: Tenant, deposited: Journal) -> None:
    with planes.in_workspace(workspace_a.pk):
        post([fund(workspace_a, 1)])
    asked = ask(deposited)
    with pytest.raises(Overdrawn):
        decide(asked)
    with planes.entered(Plane.STAFF, person=TWO):
        assert Correction.objects.get().decided_at is None


def test_what_other_rooms_count_is_not_reversed(workspace_a: Tenant, deposited: Journal) -> None:
    with planes.in_workspace(workspace_a.pk):
        post([fund(workspace_a, 1)])
        journal = Journal.objects.get(kind="fund")
    with pytest.raises(Refused, match="of this kind"):
        ask(journal)


def test_a_reason_is_needed(deposited: Journal) -> None:
    with pytest.raises(Refused, match="reason"):
        ask(deposited, reason="  ")


@pytest.mark.parametrize(
    ("says", "changes"),
    [
        ("agreed", {}),
        ("same money", {"approved": True, "amount": 1}),
        ("agreed", {"approved": True, "actor": ONE}),
    ],
)
def test_the_database_refuses_a_reversal_of_one_alone(
    deposited: Journal, says: str, changes: dict[str, object]
) -> None:
    asked = ask(deposited)
    with (
        pytest.raises(IntegrityError, match=says),
        planes.entered(Plane.STAFF, person=changes.get("actor", TWO)),
    ):
        if changes.get("approved"):
            with planes.entered(Plane.STAFF, person=TWO), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE billing_ledger_correction SET approved = true, decided_at = now(), decided_by_id = %s",
                    [TWO],
                )
        entry = corrections._reversal(asked, changes.get("actor", TWO))
        if changes.get("amount"):
            lines = tuple((purse, 1 if amount > 0 else -1) for purse, amount in entry.lines)
            entry = entries.Entry(
                entry.kind, entry.cause, entry.workspace_id, lines, "", TWO, deposited.pk
            )
        post([entry])


def test_nobody_asks_in_the_name_of_another(deposited: Journal) -> None:
    with pytest.raises(IntegrityError) as refused, planes.entered(Plane.STAFF, person=TWO):
        corrections.ask(journal_id=deposited.pk, reason="Not theirs", actor_id=ONE)
    assert constraint_of(refused.value) == "correction_own_name"


def test_a_correction_is_decided_once_and_in_ones_own_name(deposited: Journal) -> None:
    asked = ask(deposited)
    for by, sql in (
        (TWO, f"decided_by_id = '{ONE}', approved = true"),
        (ONE, f"decided_by_id = '{ONE}', approved = true"),
    ):
        with (
            pytest.raises(IntegrityError),
            planes.entered(Plane.STAFF, person=by),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE billing_ledger_correction SET decided_at = now(), {sql}")
    decide(asked)
    for sql in ("approved = false", "decided_by_id = NULL, decided_at = NULL, approved = NULL"):
        with (
            pytest.raises(DatabaseError),
            planes.entered(Plane.STAFF, person=TWO),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE billing_ledger_correction SET {sql}")
    with (
        pytest.raises(IntegrityError),
        planes.entered(Plane.STAFF, person=TWO),
        transaction.atomic(),
    ):
        Correction.objects.create(journal=deposited, reason="x", asked_by_id=ONE)


def test_a_cause_with_other_money_is_an_error(workspace_a: Tenant) -> None:
    run = uuid.uuid4()
    with planes.in_workspace(workspace_a.pk):
        post([fund(workspace_a, 100, run)])
    before = balances()
    with pytest.raises(OtherMoney, match=f"fund:{run}"), planes.in_workspace(workspace_a.pk):
        post([fund(workspace_a, 101, run)])
    with pytest.raises(OtherMoney), planes.in_workspace(workspace_a.pk):
        post([fund(workspace_a, 7, key := uuid.uuid4()), fund(workspace_a, 8, key)])
    with planes.in_workspace(workspace_a.pk):
        twice = fund(workspace_a, 9)
        assert post([twice, twice]) == 1
    assert balances() == before | {
        "workspace_available": before["workspace_available"] - 9,
        "batch_budget": 109,
    }
