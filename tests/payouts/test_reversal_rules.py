"""The database refuses reversals that are not agreed on by two or not booked, and staff see them on their pages."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from billing.payouts.models import Payout, Reversal
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.raw import constraint_of
from tests.payouts.made import payout_of
from tests.payouts.reversed import approved, ask, sent_by
from tests.stripe_emulator.control import Control

LIST = "/admin/billing_payouts/reversal/"


@pytest.fixture
def user(stripe: Control) -> User:
    """Somebody to whom Stripe has sent 20.00."""
    return sent_by(stripe)


def late(row: Reversal) -> list[str]:
    return [
        f"UPDATE billing_payouts_reversal SET {change} WHERE id = '{row.pk}'"
        for change in (
            "amount_minor = amount_minor + 1",
            "state = 'asked', decided_by_id = NULL",
            "decided_by_id = gen_random_uuid()",
            "state = 'done', reversal = 'r', transaction = 't', ended_at = now()",
            "attempt = attempt + 1",
        )
    ]


def test_the_database_refuses_other_changes(user: User, staff: list[User]) -> None:
    row = approved(user, staff)
    for statement in late(row):
        with (
            pytest.raises(IntegrityError) as error,
            transaction.atomic(),
            connection.cursor() as one,
        ):
            one.execute(statement)
        assert constraint_of(error.value) in ("payout_reversal_edge", "payout_reversal_own_name")


def test_the_database_wants_it_booked(user: User, staff: list[User]) -> None:
    row = approved(user, staff)
    with planes.as_system():
        Reversal.objects.filter(pk=row.pk).update(state="sending", sent_at=row.asked_at)
    with pytest.raises(IntegrityError) as error, planes.as_system():
        Reversal.objects.filter(pk=row.pk).update(
            state="done", reversal="trr_1", transaction="txn_none", ended_at=row.asked_at
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert constraint_of(error.value) == "payout_reversal_booked"


def test_staff_act_in_their_own_name(user: User, staff: list[User]) -> None:
    one, two = staff
    with pytest.raises(IntegrityError) as error, planes.entered(Plane.STAFF, person=one.pk):
        Reversal.objects.create(
            payout_id=payout_of(user).pk, amount_minor=1, reason="x", asked_by_id=two.pk
        )
    assert constraint_of(error.value) == "payout_reversal_own_name"
    row = ask(user, one)
    for decider, by in ((two.pk, one.pk), (uuid.uuid4(), two.pk)):
        with pytest.raises(IntegrityError) as error, planes.entered(Plane.STAFF, person=by):
            Reversal.objects.filter(pk=row.pk).update(state="ready", decided_by_id=decider)
        assert constraint_of(error.value) == "payout_reversal_own_name"
    with pytest.raises(IntegrityError) as error, planes.entered(Plane.STAFF, person=one.pk):
        Reversal.objects.filter(pk=row.pk).update(state="ready", decided_by_id=one.pk)
    assert constraint_of(error.value) == "payout_reversal_by_two"


def test_pages_of_staff(user: User, staff: list[User]) -> None:
    browser = Client()
    browser.force_login(staff[0])
    path = f"/admin/billing_payouts/payout/{payout_of(user).pk}/reverse/"
    assert "20.00 USD of it can be taken back" in browser.get(path).content.decode()
    bad = browser.post(path, {"amount": "1e9", "reason": ""})
    assert bad.status_code == 422
    too_much = browser.post(path, {"amount": "20.01", "reason": "Wrong account"})
    assert (too_much.status_code, "more than the payout has left" in too_much.content.decode()) == (
        422,
        True,
    )
    assert browser.post(path, {"amount": "20", "reason": "Wrong account"}).status_code == 302
    row = Reversal.objects.get()
    at = f"{LIST}{row.pk}/decide/"
    assert "Reversal of a payout" in browser.get("/admin/queue/").content.decode()
    assert browser.post(at, {"act": "approve"}).status_code == 422
    browser.force_login(staff[1])
    assert browser.post(at, {"act": "approve"}).status_code == 302
    assert "Waits to be sent" in browser.get(at).content.decode()
    assert browser.get(LIST).status_code == 200
    assert browser.get(f"{LIST}{uuid.uuid4()}/decide/").status_code == 404
    path = f"/admin/billing_payouts/payout/{uuid.uuid4()}/reverse/"
    assert browser.get(path).status_code == 404
    with planes.as_system():
        assert Payout.objects.count() == 1
