"""A transfer of a refund that was entered in error is taken back by two members of staff."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now

from billing.deposits import bank_refunds, refunding
from billing.deposits.models import Refund
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.deposits.made import ask_back, books, the_refund
from tests.factories import MONEY, Tenant
from tests.pages.conftest import browser_of


def entered(tenant: Tenant) -> tuple[uuid.UUID, uuid.UUID]:
    """Let one of two members of staff enter the transfer of a refund by bank. Returns both."""
    ask_back(tenant, 10_000)
    refunding.send(the_refund().pk)
    one, other = (people.make_user(name, is_staff=True).pk for name in ("One", "Other"))
    enter("T-1", one)
    return one, other


def enter(reference: str, person: uuid.UUID) -> None:
    with planes.entered(planes.Plane.STAFF, person=person):
        bank_refunds.enter(refund_id=the_refund().pk, reference=reference, actor_id=person)


def confirm(person: uuid.UUID) -> None:
    with planes.entered(planes.Plane.STAFF, person=person):
        bank_refunds.confirm(refund_id=the_refund().pk, actor_id=person)


def ask_to_take_back(person: uuid.UUID) -> None:
    with planes.entered(planes.Plane.STAFF, person=person):
        bank_refunds.ask_to_take_back(
            refund_id=the_refund().pk, reason="Not sent.", actor_id=person
        )


def decide(person: uuid.UUID, *, approve: bool) -> None:
    with planes.entered(planes.Plane.STAFF, person=person):
        bank_refunds.decide_take_back(refund_id=the_refund().pk, approve=approve, actor_id=person)


def test_two_members_of_staff_take_a_transfer_back(workspace_a: Tenant) -> None:
    ask_back(workspace_a, 10_000)
    one, other = (people.make_user(name, is_staff=True) for name in ("One", "Other"))
    path = f"/admin/billing_deposits/refund/{the_refund().pk}/take_back/"
    transfer = path.replace("take_back", "transfer")
    first, second = browser_of(one), browser_of(other)
    refunding.send(the_refund().pk)
    assert b"none can be taken back" in first.get(path).content
    assert first.post(path, {"reason": "x"}).status_code == 422
    assert first.post(transfer, {"reference": "T-1"}).status_code == 302
    assert b"take_back/" in second.get(transfer).content
    assert first.post(path, {"reason": ""}).status_code == 422
    assert first.post(path, {"reason": "Entered for another refund."}).status_code == 302
    assert "Transfer to take back" in second.get("/admin/queue/").content.decode()
    assert b"decide that first" in second.get(transfer).content
    assert b"Entered for another refund." in second.get(path).content
    assert second.post(path, {}).status_code == 422
    own = first.post(path, {"approve": "1"})
    assert own.status_code == 422 and b"Another member of staff has to approve" in own.content
    assert second.post(path, {"approve": "1"}).status_code == 302
    assert second.post(path, {"approve": "1"}).status_code == 422
    waiting = the_refund()
    assert (waiting.state, waiting.reference, waiting.entered_by_id) == ("sent", "", None)
    assert (waiting.take_back_by_id, waiting.take_back_agreed_by_id) == (one.pk, other.pk)
    assert "Refund to send" in first.get("/admin/queue/").content.decode()
    assert second.post(transfer, {"reference": "T-2"}).status_code == 302
    assert first.post(transfer).status_code == 302
    assert (the_refund().state, the_refund().reference) == ("done", "T-2")
    assert (books()["platform_cash"], books()["refund_clearing"]) == (10_000 - MONEY, 0)
    assert first.get(path.replace(str(waiting.pk), "x")).status_code == 404


def test_while_it_is_asked_for_the_transfer_is_not_confirmed(workspace_a: Tenant) -> None:
    one, other = entered(workspace_a)
    ask_to_take_back(one)
    with pytest.raises(Refused, match="Decide that first"):
        confirm(other)
    with pytest.raises(Refused, match="has asked already"):
        ask_to_take_back(other)
    decide(one, approve=False)
    assert (the_refund().reference, the_refund().take_back_by_id) == ("T-1", None)
    with pytest.raises(Refused, match="any more"):
        decide(other, approve=True)
    confirm(other)
    with pytest.raises(Refused, match="waits to be confirmed"):
        ask_to_take_back(one)


def test_a_transfer_is_taken_back_a_second_time(workspace_a: Tenant) -> None:
    one, other = entered(workspace_a)
    ask_to_take_back(one)
    decide(other, approve=True)
    enter("T-2", one)
    ask_to_take_back(other)
    decide(one, approve=True)
    assert (the_refund().reference, the_refund().take_back_by_id) == ("", other)


def test_a_refund_is_refused_once_its_transfer_is_taken_back(workspace_a: Tenant) -> None:
    one, other = entered(workspace_a)
    ask_to_take_back(one)
    decide(other, approve=True)
    with planes.entered(planes.Plane.STAFF, person=one):
        bank_refunds.refuse(refund_id=the_refund().pk, reason="No account.", actor_id=one)
    refunding.send(the_refund().pk)
    assert (the_refund().state, books()["workspace_available"]) == ("failed", MONEY)


_GONE: dict[str, Any] = {"reference": "", "entered_by_id": None}


@pytest.mark.parametrize(
    ("fields", "guard"),
    [
        (_GONE, "refund_taken_back"),
        ({"reference": "T-2"}, "refund_own_name"),
        (_GONE | {"take_back_agreed_by_id": "third"}, "refund_taken_back_by_two"),
        (_GONE | {"take_back_agreed_by_id": "asker"}, "refund_taken_back"),
        ({"take_back_agreed_by_id": "other"}, "refund_taken_back_by_two"),
        (
            _GONE | {"take_back_agreed_by_id": "other", "take_back_reason": "Another."},
            "refund_taken_back_by_two",
        ),
        ({"take_back_by_id": "other"}, "refund_taken_back_by_two"),
        ({"state": "done", "confirmed_by_id": "other", "ended_at": Now()}, "refund_taken_back"),
    ],
)
def test_the_database_wants_two_to_take_it_back(
    workspace_a: Tenant, fields: dict[str, Any], guard: str
) -> None:
    """The one who writes is the other one, except where the one who asked agrees with themselves."""
    one, other = entered(workspace_a)
    ask_to_take_back(one)
    names = {"asker": one, "other": other, "third": uuid.uuid4()}
    person = one if "asker" in fields.values() else other
    with (
        pytest.raises(IntegrityError) as error,
        planes.entered(planes.Plane.STAFF, person=person),
    ):
        Refund.objects.update(**{k: names.get(v, v) for k, v in fields.items()})
    assert constraint_of(error.value) == guard


def test_what_was_taken_back_stays_on_the_row(workspace_a: Tenant) -> None:
    one, other = entered(workspace_a)
    ask_to_take_back(one)
    decide(other, approve=True)
    enter("T-2", one)
    undone: dict[str, Any] = {"take_back_agreed_by_id": None}
    for fields in (
        undone,
        undone | {"take_back_by_id": None, "take_back_reason": ""},
        {"take_back_reason": "Another."},
    ):
        with (
            pytest.raises(IntegrityError) as error,
            planes.entered(planes.Plane.STAFF, person=other),
        ):
            Refund.objects.update(**fields)
        assert constraint_of(error.value) == "refund_taken_back_by_two"


def test_a_refund_is_not_born_taken_back(workspace_a: Tenant) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    with pytest.raises(IntegrityError) as error, planes.in_workspace(workspace_a.pk):
        Refund.objects.create(
            workspace=workspace_a.workspace,
            way="bank",
            amount_minor=1,
            currency="USD",
            take_back_reason="x",
            take_back_by_id=one,
            take_back_agreed_by_id=other,
        )
    assert constraint_of(error.value) == "refund_asked"
