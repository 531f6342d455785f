"""A workspace asks for money back: from the newest deposits, and the rest by bank, which takes two members of staff."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now

from billing.deposits import bank_refunds, refunding, refunds
from billing.deposits.models import Refund
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.deposits.made import (
    AMOUNT,
    ask_back,
    books,
    causes,
    dispute,
    make_converted,
    make_paid,
    make_refund,
    make_won,
    paid,
    refund_rows,
    tell,
    the_refund,
    work_off,
)
from tests.factories import MONEY, Tenant, make_workspace
from tests.notices.told import kinds_told
from tests.pages.conftest import browser_of
from tests.stripe_emulator.control import Control


def test_the_newest_deposits_come_first(rich: Control, workspace_a: Tenant) -> None:
    first, second = paid(rich, workspace_a), paid(rich, workspace_a)
    with planes.as_system():
        order = {first.pk: first.paid_at, second.pk: second.paid_at}
    asked = ask_back(workspace_a, AMOUNT + 1_000)
    newest = max(order, key=lambda key: (order[key], key))
    assert [(one.deposit_id == newest, one.amount_minor) for one in asked] == [
        (True, AMOUNT),
        (False, 1_000),
    ]
    work_off(refunding.refunded)
    (last, bank) = ask_back(workspace_a, AMOUNT)
    assert (last.way, last.amount_minor) == ("stripe", AMOUNT - 1_000)
    assert (bank.way, bank.amount_minor, bank.deposit_id) == ("bank", 1_000, None)
    assert work_off(refunding.refunded) == 2
    assert {(one.way, one.state) for one in refund_rows()} == {("stripe", "done"), ("bank", "sent")}
    assert work_off(refunding.refunded) == 0
    assert books()["workspace_available"] == MONEY - 1_000


@pytest.mark.parametrize("amount", [0, -1, AMOUNT + 1])
def test_more_than_is_free_is_refused(rich: Control, paying: Tenant, amount: int) -> None:
    with pytest.raises(Refused) as refused:
        ask_back(paying, amount)
    assert refused.value.errors[0]["field"] == "amount_minor"
    ask_back(paying, AMOUNT)
    with pytest.raises(Refused, match=r"0\.00 USD"):
        ask_back(paying, 1)


def test_the_database_refuses_more_than_the_deposit(workspace_a: Tenant) -> None:
    deposit = make_paid(workspace_a)
    make_refund(deposit, AMOUNT - 1)
    with pytest.raises(IntegrityError, match="more than it brought"):
        make_refund(deposit, 2)
    make_refund(deposit, 1)


@pytest.mark.usefixtures("set_up")
def test_two_requests_at_once(workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one has read what was left before the first one asked for it."""
    deposit = make_paid(workspace_a)
    with planes.in_workspace(workspace_a.pk):
        lots = refunds._lots(workspace_a.workspace)
    make_refund(deposit, AMOUNT)
    monkeypatch.setattr(refunds, "_lots", lambda _: lots)
    with pytest.raises(Refused) as refused:
        ask_back(workspace_a, 100)
    assert refused.value.code == "asked_meanwhile"


def test_another_fault_of_the_database_is_none_of_these(
    workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refunds, "_check", lambda *_: None)
    with pytest.raises(IntegrityError, match="refund_amount"):
        owner = workspace_a.owner.pk
        monkeypatch.setattr(refunds, "_parts", lambda *_: [_row_of_nothing(workspace_a)])
        with planes.in_workspace(workspace_a.pk, owner):
            refunds.ask(workspace=workspace_a.workspace, amount_minor=1, created_by_id=owner)


def _row_of_nothing(tenant: Tenant) -> Refund:
    return Refund(workspace=tenant.workspace, way="bank", amount_minor=0, currency="USD")


@pytest.mark.usefixtures("set_up")
def test_old_converted_and_disputed_deposits_give_nothing(workspace_a: Tenant) -> None:
    make_won(make_paid(workspace_a))
    (bank,) = ask_back(workspace_a, 100)
    assert bank.way == "bank"
    make_converted(workspace_a, uuid.uuid4().hex)
    (other,) = ask_back(workspace_a, 100)
    assert other.way == "bank"
    make_paid(workspace_a)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refunds, "REFUNDABLE", -timedelta(minutes=1))
        (old,) = ask_back(workspace_a, 100)
    assert old.way == "bank"
    (new,) = ask_back(workspace_a, 100)
    assert new.way == "stripe"


def test_a_frozen_workspace_gets_nothing_back(rich: Control, workspace_a: Tenant) -> None:
    deposit = paid(rich, workspace_a)
    dispute(rich, deposit)
    tell()
    with pytest.raises(Refused) as refused:
        ask_back(workspace_a, 100)
    assert refused.value.code == "frozen"
    page = browser_of(workspace_a.owner).get(f"/w/{workspace_a.workspace.slug}/money/refunds/")
    assert b"has taken it back" in page.content
    with pytest.raises(IntegrityError, match="disputed"):
        make_refund(deposit, 1)


def test_by_bank_two_members_of_staff(workspace_a: Tenant) -> None:
    ask_back(workspace_a, 10_000)
    one, other = (people.make_user(name, is_staff=True) for name in ("One", "Other"))
    path = f"/admin/billing_deposits/refund/{the_refund().pk}/transfer/"
    first, second = browser_of(one), browser_of(other)
    assert b"does not wait for a transfer" in first.get(path).content
    assert first.post(path, {"reference": "T-1"}).status_code == 422
    refunding.send(the_refund().pk)
    assert "Refund to send" in first.get("/admin/queue/").content.decode()
    assert first.post(path, {"reference": ""}).status_code == 422
    assert first.post(path, {"reference": "T-1"}).status_code == 302
    assert b"T-1" in second.get(path).content
    assert "Refund to confirm" in second.get("/admin/queue/").content.decode()
    own = first.post(path)
    assert own.status_code == 422 and b"Another member of staff" in own.content
    assert second.post(path).status_code == 302
    assert second.post(path).status_code == 422
    done = the_refund()
    assert (done.state, done.entered_by_id, done.confirmed_by_id) == ("done", one.pk, other.pk)
    assert books()["platform_cash"] == -MONEY + 10_000
    assert books()["refund_clearing"] == 0
    assert first.get("/admin/billing_deposits/refund/x/transfer/").status_code == 404


def test_without_stripe_a_refund_by_bank_goes_on(workspace_a: Tenant) -> None:
    ask_back(workspace_a, 10_000)
    assert work_off(refunding.refunded) == 1
    assert the_refund().state == "sent"


def test_staff_refuse_a_refund_by_bank(workspace_a: Tenant) -> None:
    ask_back(workspace_a, 10_000)
    staff = people.make_user("One", is_staff=True)
    browser, path = browser_of(staff), f"/admin/billing_deposits/refund/{the_refund().pk}/refuse/"
    assert b"does not wait for a transfer" in browser.get(path).content
    assert browser.post(path, {"reason": "x"}).status_code == 422
    refunding.send(the_refund().pk)
    assert b"refuse/" in browser.get(path.replace("refuse", "transfer")).content
    assert browser.post(path, {"reason": ""}).status_code == 422
    assert browser.post(path, {"reason": "No such account."}).status_code == 302
    assert browser.post(path, {"reason": "Again."}).status_code == 422
    transfer = browser.post(path.replace("refuse", "transfer"), {"reference": "T-1"})
    assert transfer.status_code == 422
    assert "Refund to send" not in browser.get("/admin/queue/").content.decode()
    assert work_off(refunding.refunded) == 1
    refused = the_refund()
    assert (refused.state, refused.error) == ("failed", "Staff refused it: No such account.")
    assert (refused.refusal, refused.refused_by_id) == ("No such account.", staff.pk)
    assert (books()["workspace_available"], books()["refund_clearing"]) == (MONEY, 0)
    assert kinds_told(workspace_a.owner) == ["deposit.refunded"]
    refunding.send(refused.pk)
    assert causes("refundfail") == [f"refundfail:{refused.pk}"]
    assert work_off(refunding.refunded) == 0


def test_a_transfer_that_was_entered_is_not_refused(workspace_a: Tenant) -> None:
    ask_back(workspace_a, 10_000)
    refunding.send(the_refund().pk)
    staff = people.make_user("One", is_staff=True)
    with planes.entered(planes.Plane.STAFF, person=staff.pk):
        bank_refunds.enter(refund_id=the_refund().pk, reference="T-1", actor_id=staff.pk)
    with (
        pytest.raises(Refused, match="any more"),
        planes.entered(planes.Plane.STAFF, person=staff.pk),
    ):
        bank_refunds.refuse(refund_id=the_refund().pk, reason="Late.", actor_id=staff.pk)


def test_the_database_wants_two(workspace_a: Tenant) -> None:
    ask_back(workspace_a, 10_000)
    refunding.send(the_refund().pk)
    staff = people.make_user("One", is_staff=True)
    with planes.entered(planes.Plane.STAFF, person=staff.pk):
        bank_refunds.enter(refund_id=the_refund().pk, reference="T-1", actor_id=staff.pk)
    with (
        pytest.raises(IntegrityError, match="refund_by_two"),
        planes.entered(planes.Plane.STAFF, person=staff.pk),
    ):
        Refund.objects.update(confirmed_by_id=staff.pk, state="done", ended_at=Now())


def test_the_page(rich: Control, paying: Tenant) -> None:
    owner = browser_of(paying.owner)
    path = f"/w/{paying.workspace.slug}/money/refunds/"
    assert owner.post(path, {"amount": "1000.00"}).status_code == 422
    assert owner.post(path, {"amount": "100.00"}).status_code == 303
    work_off(refunding.refunded)
    page = owner.get(path).content.decode()
    assert "To the card or account that paid" in page and "Done" in page
    assert "Money back" in owner.get(f"/w/{paying.workspace.slug}/money/").content.decode()
    viewer = browser_of(people.make_member(paying.workspace, "manager"))
    assert viewer.post(path, {"amount": "1.00"}).status_code == 403


def test_the_page_of_an_empty_balance(database: None) -> None:
    tenant = make_workspace(money=0)
    path = f"/w/{tenant.workspace.slug}/money/refunds/"
    assert b"nothing to give back" in browser_of(tenant.owner).get(path).content


def test_rest(rich: Control, paying: Tenant) -> None:
    client: Any = paying.client
    answer = client.post("/api/v1/refunds/", {"amount_minor": 5_000}, HTTP_IDEMPOTENCY_KEY="r-1")
    again = client.post("/api/v1/refunds/", {"amount_minor": 5_000}, HTTP_IDEMPOTENCY_KEY="r-1")
    assert (answer.status_code, answer.json()) == (202, again.json())
    (made,) = answer.json()["refunds"]
    work_off(refunding.refunded)
    assert client.get(f"/api/v1/refunds/{made['id']}/").json()["state"] == "done"
    assert len(client.get("/api/v1/refunds/").json()["results"]) == 1
    more = client.post("/api/v1/refunds/", {"amount_minor": AMOUNT})
    assert (more.status_code, more.json()["errors"][0]["field"]) == (400, "amount_minor")
