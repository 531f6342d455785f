"""Where Stripe does not pay, one member of staff sends the money and another one confirms it."""

from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from billing.ledger.models import Journal
from billing.payouts import by_hand, tasks
from rlhfhub import invariants
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.raw import constraint_of
from tests.payouts.made import make_owed, make_owed_by_hand, make_payouts, payout_of
from tests.payouts.test_making import balances

pytestmark = pytest.mark.usefixtures("db", "set_up")
LIST = "/admin/billing_payouts/payout/"


@pytest.fixture
def user() -> User:
    """Somebody whose payout waits for staff."""
    user = make_owed_by_hand()
    make_payouts()
    return user


def act(verb: Any, user: User, by: User, **more: Any) -> None:
    with planes.entered(Plane.STAFF, person=by.pk):
        verb(payout_id=payout_of(user).pk, **more)


def enter(user: User, by: User) -> None:
    act(by_hand.enter, user, by, reference="B-77", actor_id=by.pk)


def confirm(user: User, by: User) -> None:
    act(by_hand.confirm, user, by, actor_id=by.pk)


def test_two_members_of_staff_pay(user: User, staff: list[User]) -> None:
    made = payout_of(user)
    assert (made.rail, made.state, made.destination) == ("by_hand", "ready", "")
    with planes.at_desk(user.pk):
        assert payout_of(user).details_id is not None
    tasks.send()
    assert payout_of(user).state == "ready", "no worker sends it"
    enter(user, staff[0])
    assert (payout_of(user).state, balances(user)["in_payout"]) == ("sending", 2_000)
    tasks.send()
    with pytest.raises(Refused) as refused:
        confirm(user, staff[0])
    assert refused.value.code == "forbidden"
    confirm(user, staff[1])
    assert (payout_of(user).state, balances(user)["in_payout"]) == ("paid", 0)
    with planes.as_system():
        (journal,) = Journal.objects.filter(kind="byhand")
    assert (journal.cause, journal.note, journal.actor_id) == (
        f"byhand:{made.pk}",
        "B-77",
        staff[1].pk,
    )
    assert [one for one in invariants.verify(["M4"]) if not one.holds] == []
    browser = Client()
    browser.force_login(user)
    assert "by bank transfer" in browser.get("/earnings/payouts/").content.decode()


def test_a_wrong_entry_is_taken_back(user: User, staff: list[User]) -> None:
    enter(user, staff[0])
    act(by_hand.take_back, user, staff[0])
    found = payout_of(user)
    assert (found.state, found.reference, found.entered_by_id) == ("ready", "", None)
    enter(user, staff[1])
    confirm(user, staff[0])
    with pytest.raises(Refused) as refused:
        act(by_hand.take_back, user, staff[0])
    assert refused.value.code == "not_now"


def test_what_stripe_sends_is_not_entered(staff: list[User]) -> None:
    user = make_owed()
    make_payouts()
    with pytest.raises(Refused) as refused:
        enter(user, staff[0])
    assert refused.value.code == "not_now"


@pytest.mark.parametrize("reference", ["", "  ", "x" * 121])
def test_a_reference_is_needed(user: User, staff: list[User], reference: str) -> None:
    with pytest.raises(Refused) as refused:
        act(by_hand.enter, user, staff[0], reference=reference, actor_id=staff[0].pk)
    assert refused.value.errors[0]["field"] == "reference"


FORGED = {
    "another's entry": (
        "payout_own_name",
        "UPDATE billing_payouts_payout SET state = 'sending', sent_at = now(), reference = 'x', "
        "entered_by_id = gen_random_uuid() WHERE rail = 'by_hand' AND state = 'ready'",
    ),
    "a confirmation of one's own": (
        "payout_by_two",
        "UPDATE billing_payouts_payout SET state = 'paid', ended_at = now(), confirmed_by_id = entered_by_id "
        "WHERE state = 'sending'",
    ),
    "another's confirmation": (
        "payout_own_name",
        "UPDATE billing_payouts_payout SET state = 'paid', ended_at = now(), confirmed_by_id = gen_random_uuid() "
        "WHERE state = 'sending'",
    ),
    "another reference": (
        "payout_own_name",
        "UPDATE billing_payouts_payout SET reference = 'y' WHERE state = 'sending'",
    ),
    "what Stripe sends": (
        "payout_own_name",
        "UPDATE billing_payouts_payout SET state = 'sending', sent_at = now() WHERE rail = 'stripe_connect'",
    ),
}


@pytest.mark.parametrize(("rule", "statement"), FORGED.values(), ids=FORGED)
def test_staff_cannot_forge(staff: list[User], rule: str, statement: str) -> None:
    waiting, entered = make_owed_by_hand(), make_owed_by_hand()
    make_owed()
    make_payouts()
    assert payout_of(waiting).state == "ready"
    enter(entered, staff[0])
    with (
        pytest.raises(IntegrityError) as failed,
        planes.entered(Plane.STAFF, person=staff[0].pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert constraint_of(failed.value) == rule


def test_a_worker_pays_nothing_by_hand(user: User, staff: list[User]) -> None:
    enter(user, staff[0])
    with (
        pytest.raises(IntegrityError) as failed,
        planes.as_system(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE billing_payouts_payout SET error_words = 'x'")
    assert constraint_of(failed.value) == "payout_own_name"


def test_the_pages_of_staff(user: User, staff: list[User]) -> None:
    clients: list[Any] = [Client(), Client()]
    for client, one in zip(clients, staff, strict=True):
        client.force_login(one)
    first, second = clients
    path = f"{LIST}{payout_of(user).pk}/by-hand/"
    assert "Payout by hand" in first.get("/admin/queue/").content.decode()
    assert "IBAN KE22" in first.get(path).content.decode()
    assert first.post(path, {"act": "enter"}).status_code == 422
    assert first.post(path, {"act": "enter", "reference": "B-9"}).status_code == 302
    assert "B-9" in second.get(path).content.decode()
    assert first.post(path, {"act": "confirm"}).status_code == 422
    assert second.post(path, {"act": "take_back"}).status_code == 302
    assert first.post(path, {"act": "enter", "reference": "B-10"}).status_code == 302
    assert second.post(path, {"act": "confirm"}).status_code == 302
    assert "It was paid with the reference B-10" in second.get(path).content.decode()
    assert first.get(f"{LIST}nothing/by-hand/").status_code == 404
