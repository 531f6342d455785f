"""A refund that somebody made in Stripe's dashboard is listed, and booked once two members of staff agree."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError

from billing.deposits import dashboard_refunds, handlers, refunding
from billing.deposits.models import Deposit, Refund, StrayPayment
from billing.ledger.entries import Entry, available, promised
from billing.ledger.services import Overdrawn, post
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.deposits.made import (
    AMOUNT,
    ask_back,
    books,
    causes,
    dispute,
    make_converted,
    make_paid,
    paid,
    refund_rows,
    tell,
    the_refund,
    work_off,
)
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.notices.told import kinds_told
from tests.pages.conftest import browser_of
from tests.stripe.made import event
from tests.stripe_emulator.control import Control


def refund_there(stripe: Control, amount: int = 10_000, intent: str = "") -> str:
    """Refund a part of the only deposit, or of the named payment, in the dashboard. Returns the refund's id."""
    intent = intent or causes("payment")[0].partition(":")[2]
    made = stripe.client().v1.refunds.create({"payment_intent": intent, "amount": amount})
    return made.id


def staff(name: str) -> uuid.UUID:
    return people.make_user(name, is_staff=True).pk


def agree(refund: Refund) -> None:
    """Two members of staff agree to book the refund."""
    for name, act in (("One", dashboard_refunds.enter), ("Other", dashboard_refunds.confirm)):
        person = staff(name)
        with planes.entered(planes.Plane.STAFF, person=person):
            act(refund_id=refund.pk, actor_id=person)


def test_it_is_listed_and_booked_by_two(rich: Control, paying: Tenant) -> None:
    made = refund_there(rich)
    for _ in range(2):
        tell()
        handlers.on_refund(event("refund.created", object_id=made))
    row = the_refund()
    assert (row.way, row.state, row.refund_id, row.amount_minor) == (
        "dashboard",
        "asked",
        made,
        10_000,
    )
    assert work_off(refunding.refunded) == 0, "nobody has agreed"
    assert books()["workspace_available"] == AMOUNT
    one, other = (browser_of(people.make_user(name, is_staff=True)) for name in ("A", "B"))
    path = f"/admin/billing_deposits/refund/{row.pk}/book/"
    assert "Refund made at Stripe" in one.get("/admin/queue/").content.decode()
    assert one.post(path).status_code == 302
    own = one.post(path)
    assert own.status_code == 422 and b"Another member of staff" in own.content
    assert other.post(path).status_code == 302
    assert other.post(path).status_code == 422
    assert b"does not wait to be booked" in other.get(path).content
    assert work_off(refunding.refunded) == 1
    assert the_refund().state == "done"
    assert books()["workspace_available"] == AMOUNT - 10_000
    assert books()["refund_clearing"] == 0
    assert kinds_told(paying.owner)[-1] == "deposit.refunded"
    page = browser_of(paying.owner).get(f"/w/{paying.workspace.slug}/money/refunds/")
    assert b"by the platform" in page.content


def test_what_is_not_free_is_owed(rich: Control, database: None) -> None:
    tenant = make_workspace(money=0)
    paid(rich, tenant)
    make_batch(make_project(tenant), items=3)
    budget, free = books()["batch_budget"], books()["workspace_available"]
    refund_there(rich, AMOUNT)
    tell()
    agree(the_refund())
    work_off(refunding.refunded)
    assert the_refund().state == "done"
    assert free == AMOUNT - budget
    assert (books()["workspace_available"], books()["workspace_receivable"]) == (0, -budget)


def test_when_it_fails_what_was_owed_for_it_is_repaid(rich: Control, database: None) -> None:
    tenant = make_workspace(money=0)
    paid(rich, tenant)
    make_batch(make_project(tenant), items=3)
    budget = books()["batch_budget"]
    made = refund_there(rich, AMOUNT)
    tell()
    agree(the_refund())
    work_off(refunding.refunded)
    assert books()["workspace_receivable"] == -budget
    rich.post("refunds/fail", refund=made)
    tell()
    assert the_refund().state == "failed"
    assert books()["workspace_receivable"] == 0
    assert books()["workspace_available"] == AMOUNT - budget
    assert causes("repay") == [f"repay:{the_refund().pk}"]


def test_it_is_booked_although_money_is_spent_meanwhile(
    rich: Control, paying: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The money has left, so a worker tries again, and books the rest as owed."""
    refund_there(rich)
    tell()
    agree(the_refund())
    with monkeypatch.context() as patch, pytest.raises(Overdrawn):
        patch.setattr(refunding, "free_minor", lambda *_: 10_000)
        _spend(paying, AMOUNT - 4_000)
        refunding.send(the_refund().pk)
    assert the_refund().state == "asked"
    refunding.send(the_refund().pk)
    assert the_refund().state == "done"
    assert (books()["workspace_available"], books()["workspace_receivable"]) == (0, -6_000)


def _spend(tenant: Tenant, amount: int) -> None:
    with planes.in_workspace(tenant.pk):
        lines = ((available(tenant.pk, "USD"), -amount), (promised(tenant.pk, "USD"), amount))
        post([Entry("promise", "promise:1", tenant.pk, lines)])


def test_it_is_known_although_the_workspace_is_frozen(rich: Control, paying: Tenant) -> None:
    with planes.as_system():
        first = Deposit.objects.get().payment_intent
    dispute(rich, paid(rich, paying))
    tell()
    made = refund_there(rich, intent=first)
    tell()
    agree(the_refund())
    work_off(refunding.refunded)
    assert (the_refund().refund_id, the_refund().state) == (made, "done")


def test_it_counts_as_asked_for(rich: Control, paying: Tenant) -> None:
    refund_there(rich, 10_000)
    tell()
    with pytest.raises(Refused, match=r"440\.00 USD"):
        ask_back(paying, AMOUNT - 9_999)
    ask_back(paying, AMOUNT - 10_000)
    agree(next(row for row in refund_rows() if row.way == "dashboard"))
    work_off(refunding.refunded)
    assert {row.state for row in refund_rows()} == {"done"}
    assert books()["workspace_available"] == 0


def test_it_failed_before_it_was_booked(
    rich: Control, paying: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = refund_there(rich)
    tell()
    rich.post("refunds/fail", refund=made)
    tell()
    assert (the_refund().state, the_refund().error) == ("failed", "It failed at Stripe.")
    with pytest.raises(Refused, match="does not wait"):
        agree(the_refund())
    assert books()["workspace_available"] == AMOUNT


def test_of_no_deposit_nothing_is_kept(emulator: Control, workspace_a: Tenant) -> None:
    client = emulator.client()
    intent = client.v1.payment_intents.create(
        {"amount": 500, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    )
    made = client.v1.refunds.create({"payment_intent": intent.id})
    handlers.on_refund(event("refund.created", object_id=made.id))
    assert refund_rows() == []


def test_of_converted_money_staff_find_it(emulator: Control, workspace_a: Tenant) -> None:
    """What it took at Stripe is in another currency, so it is not booked by itself."""
    intent = emulator.client().v1.payment_intents.create(
        {"amount": AMOUNT, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    )
    converted = make_converted(workspace_a, intent.id)
    made = refund_there(emulator, intent=intent.id)
    for kind in ("refund.created", "refund.updated"):
        handlers.on_refund(event(kind, object_id=made))
    assert refund_rows() == []
    with planes.as_system():
        stray = StrayPayment.objects.get()
    assert (stray.stripe_id, stray.amount_minor, stray.currency) == (made, 10_000, "USD")
    assert str(converted.pk) in stray.reason and "EUR" in stray.reason
    staff = browser_of(people.make_user("One", is_staff=True))
    assert "which Stripe converted to EUR" in staff.get("/admin/queue/").content.decode()


def test_who_makes_such_a_row(workspace_a: Tenant) -> None:
    deposit = make_paid(workspace_a)
    about: dict[str, Any] = {
        "workspace_id": workspace_a.pk,
        "deposit": deposit,
        "amount_minor": 100,
        "currency": "USD",
    }
    by_hand = {"way": "dashboard", "refund_id": "re_x"}
    for plane, fields in (
        (planes.in_workspace(workspace_a.pk), by_hand),
        (planes.as_system(), {"way": "stripe"}),
        (planes.as_system(), by_hand | {"entered_by_id": uuid.uuid4()}),
    ):
        with pytest.raises(IntegrityError) as error, plane:
            Refund.objects.create(**about, **fields)
        assert constraint_of(error.value) == "refund_asked"
    with planes.as_system():
        refund = Refund.objects.create(**about, **by_hand)
    with pytest.raises(IntegrityError) as error, planes.as_system():
        Refund.objects.filter(pk=refund.pk).update(state="sent")
    assert constraint_of(error.value) == "refund_by_two"
    one = uuid.uuid4()
    for fields in ({"confirmed_by_id": one}, {"entered_by_id": one, "confirmed_by_id": one}):
        with (
            pytest.raises(IntegrityError) as error,
            planes.entered(planes.Plane.STAFF, person=one),
        ):
            Refund.objects.filter(pk=refund.pk).update(**fields)
        assert constraint_of(error.value) == "refund_by_two"
