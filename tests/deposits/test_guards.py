"""What the database itself refuses of deposits, disputes and refunds, whoever writes: each rule by its name."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from billing.deposits.models import Deposit, Dispute, Refund
from billing.ledger import entries
from billing.ledger.services import post
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.raw import constraint_of
from tests.deposits.made import (
    AMOUNT,
    make_asked,
    make_disputed,
    make_lost,
    make_open,
    make_paid,
    make_refund,
    make_stray,
)
from tests.factories import Tenant

LATER = datetime(2099, 1, 1, tzinfo=UTC)
PAID: dict[str, Any] = {
    "state": "paid",
    "page_url": "",
    "payment_intent": "pi_x",
    "charge": "ch_x",
    "received_minor": AMOUNT,
    "paid_at": Now(),
}
ASKED: dict[str, Any] = {"amount_minor": AMOUNT, "currency": "USD"}


def refused(act: Callable[[], Any], plane: Any = None) -> str:
    """Return the name of the rule that refuses it."""
    with pytest.raises(IntegrityError) as error, plane or planes.as_system():
        act()
    return str(constraint_of(error.value))


def change(row: Any, **fields: Any) -> Callable[[], Any]:
    return lambda: type(row).objects.filter(pk=row.pk).update(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"currency": "EUR"},
        {"next_at": LATER},
        {"looked_at": Now()},
        {"created_by_id": uuid.UUID(int=7)},
        {"state": "failed", "error": "x"},
    ],
    ids=str,
)
def test_how_a_deposit_begins(workspace_a: Tenant, fields: dict[str, Any]) -> None:
    def make() -> None:
        Deposit.objects.create(workspace=workspace_a.workspace, **ASKED | fields)

    member = planes.in_workspace(workspace_a.pk, workspace_a.owner.pk)
    assert refused(make, member) == "deposit_asked"


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (make_open, {"state": "asked", "session_id": "", "page_url": ""}),
        (make_open, {"attempt": F("attempt") + 1}),
        (make_open, {"session_id": "cs_other"}),
        (make_asked, {"attempt": 2, "sent_at": Now()}),
    ],
)
def test_the_edges_of_a_deposit(
    workspace_a: Tenant, make: Callable[..., Deposit], fields: dict[str, Any]
) -> None:
    customer = make_open(workspace_a).customer_id
    deposit = make(workspace_a)
    assert refused(change(deposit, customer=customer, **fields)) == "deposit_edge"


def test_a_member_lets_only_an_open_deposit_be_looked_at(workspace_a: Tenant) -> None:
    asked, opened = make_asked(workspace_a), make_open(workspace_a)
    member = planes.in_workspace(workspace_a.pk)
    assert refused(change(asked, next_at=Now()), member) == "deposit_edge"
    later = Now() + timedelta(minutes=1)
    member = planes.in_workspace(workspace_a.pk)
    assert refused(change(opened, next_at=later), member) == "deposit_edge"


@pytest.mark.parametrize(
    "fields",
    [{"received_minor": 1}, {"fee_minor": 1}, {"transaction": "txn_x"}, {"cleared_at": Now()}],
    ids=str,
)
def test_what_a_deposit_brought_does_not_change(
    workspace_a: Tenant, fields: dict[str, Any]
) -> None:
    assert refused(change(make_paid(workspace_a), **fields)) == "deposit_final"


def test_a_deposit_is_paid_when_its_money_is_booked(workspace_a: Tenant) -> None:
    deposit = make_open(workspace_a)
    assert refused(change(deposit, **PAID)) == "deposit_booked"
    money = {"workspace_id": workspace_a.pk, "currency": "USD"}
    with planes.as_system():
        post([entries.payment(amount_minor=AMOUNT, payment_intent="pi_x", **money)])
        change(deposit, **PAID)()
    fee = {"transaction": "txn_x", "fee_minor": 100, "available_at": Now()}
    assert refused(change(deposit, **fee)) == "deposit_booked"
    with planes.as_system():
        post([entries.stripe_fee(amount_minor=100, transaction="txn_x", **money)])
        change(deposit, **fee)()
    assert refused(change(deposit, cleared_at=Now())) == "deposit_booked"


def test_a_dispute_moves_along_its_edges(workspace_a: Tenant) -> None:
    deposit = make_paid(workspace_a)
    about = {
        "workspace_id": workspace_a.pk,
        "deposit": deposit,
        "dispute_id": "du_x",
        "amount_minor": AMOUNT,
        "currency": "USD",
        "opened_at": timezone.now(),
    }
    assert refused(lambda: Dispute.objects.create(state="open", **about)) == "dispute_edge"
    with planes.as_system():
        dispute = Dispute.objects.create(**about)
    won = {"state": "won", "closed_at": Now()}
    assert refused(change(dispute, **won)) == "dispute_edge"
    assert refused(change(dispute, state="open")) == "dispute_booked"
    opened = make_disputed(make_paid(workspace_a))
    assert refused(change(opened, **won)) == "dispute_booked"
    assert refused(change(opened, state="lost", closed_at=Now())) == "dispute_booked"
    make_lost(deposit)
    with planes.as_system():
        lost = Dispute.objects.get(state="lost")
    assert refused(change(lost, **won)) == "dispute_edge"
    assert refused(change(lost, state="appeal_won")) == "dispute_booked"
    assert refused(change(opened, state="appeal_won", closed_at=Now())) == "dispute_edge"


def test_how_a_refund_begins(workspace_a: Tenant) -> None:
    def make(**fields: Any) -> Callable[[], Any]:
        about = {"workspace": workspace_a.workspace, "way": "bank", "currency": "USD"}
        return lambda: Refund.objects.create(**about | {"amount_minor": 100} | fields)

    for fields in ({"created_by_id": uuid.uuid4()}, {"next_at": LATER}, {"state": "sent"}):
        member = planes.in_workspace(workspace_a.pk, workspace_a.owner.pk)
        assert refused(make(**fields), member) == "refund_asked"


def test_a_refund_moves_along_its_edges(workspace_a: Tenant) -> None:
    deposit = make_paid(workspace_a)
    refund = make_refund(deposit, 100)
    done = {"state": "done", "refund_id": "re_x", "transaction": "txn_y", "ended_at": Now()}
    assert refused(change(refund, **done)) == "refund_edge"
    assert refused(change(refund, attempt=2, sent_at=Now())) == "refund_edge"
    assert refused(change(refund, state="sent")) == "refund_booked"
    money = {"workspace_id": workspace_a.pk, "currency": "USD", "amount_minor": 100}
    with planes.as_system():
        post([entries.refund_ask(refund=refund.pk, **money)])
        change(refund, state="sent", refund_id="re_x")()
    failed = {"state": "failed", "error": "x", "ended_at": Now()}
    assert refused(change(refund, **done)) == "refund_booked"
    assert refused(change(refund, **failed)) == "refund_booked"
    assert refused(change(refund, refund_id="re_other")) == "refund_edge"
    staff = planes.entered(Plane.STAFF, person=uuid.uuid4())
    assert refused(change(refund, state="sent"), staff) == "refund_edge"


def test_a_transfer_is_entered_in_ones_own_name(workspace_a: Tenant) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    with planes.in_workspace(workspace_a.pk):
        refund = Refund.objects.create(
            workspace=workspace_a.workspace, way="bank", currency="USD", amount_minor=100
        )
    money = {"workspace_id": workspace_a.pk, "currency": "USD", "amount_minor": 100}
    with planes.as_system():
        post([entries.refund_ask(refund=refund.pk, **money)])
        change(refund, state="sent")()
    entered = change(refund, reference="T-1", entered_by_id=one)
    assert refused(entered, planes.entered(Plane.STAFF, person=other)) == "refund_own_name"
    with planes.entered(Plane.STAFF, person=one):
        entered()
    again = change(refund, reference="T-2")
    assert refused(again, planes.entered(Plane.STAFF, person=one)) == "refund_own_name"
    confirmed = change(refund, state="done", confirmed_by_id=other, ended_at=Now())
    assert refused(confirmed, planes.entered(Plane.STAFF, person=one)) == "refund_own_name"
    assert refused(confirmed, planes.entered(Plane.STAFF, person=other)) == "refund_booked"


def test_a_refund_is_refused_once_in_ones_own_name(workspace_a: Tenant) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    deposit = make_paid(workspace_a)
    with planes.in_workspace(workspace_a.pk):
        refund = Refund.objects.create(
            workspace=workspace_a.workspace, way="bank", currency="USD", amount_minor=100
        )
    by_stripe = make_refund(deposit, 100)
    money = {"workspace_id": workspace_a.pk, "currency": "USD", "amount_minor": 100}
    with planes.as_system():
        for row in (refund, by_stripe):
            post([entries.refund_ask(refund=row.pk, **money)])
            change(row, state="sent")()
    words: dict[str, Any] = {"refusal": "No such account.", "refused_by_id": one}
    staff = planes.entered(Plane.STAFF, person=one)
    assert refused(change(by_stripe, **words), staff) == "refund_refused"
    staff = planes.entered(Plane.STAFF, person=other)
    assert refused(change(refund, **words), staff) == "refund_own_name"
    with planes.entered(Plane.STAFF, person=one):
        change(refund, **words)()
    for fields, rule in (
        ({"refusal": "Other words."}, "refund_own_name"),
        ({"refusal": "", "refused_by_id": None}, "refund_own_name"),
        ({"reference": "T-1", "entered_by_id": one}, "refund_refused"),
    ):
        staff = planes.entered(Plane.STAFF, person=one)
        assert refused(change(refund, **fields), staff) == rule


def test_a_stray_payment_is_settled_once(database: None) -> None:
    stray, one = make_stray(), uuid.uuid4()
    settled = change(stray, settled_at=Now(), settled_by_id=one)
    name = "stray_settled_once"
    assert refused(settled, planes.entered(Plane.STAFF, person=uuid.uuid4())) == name
    with planes.entered(Plane.STAFF, person=one):
        settled()
    assert refused(settled, planes.entered(Plane.STAFF, person=one)) == name
