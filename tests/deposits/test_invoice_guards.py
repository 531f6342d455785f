"""What the database itself refuses of invoices, and of new attempts: each rule by its name."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from billing.deposits.models import Deposit
from rlhfhub.tenancy import planes
from tests.deposits.invoiced import make_invoiced
from tests.deposits.made import (
    make_asked,
    make_open,
    make_paid,
    make_refund,
)
from tests.deposits.test_guards import ASKED, change, refused
from tests.factories import Tenant


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"invoice_id": "in_other"}, "deposit_edge"),
        ({"state": "expired"}, "deposit_state"),
        ({"state": "canceled"}, "deposit_state"),
        ({"state": "elsewhere"}, "deposit_state"),
        ({"session_id": "cs_x"}, "deposit_method"),
    ],
    ids=str,
)
def test_the_edges_of_an_invoice(workspace_a: Tenant, fields: dict[str, Any], rule: str) -> None:
    """It ends only without a page on which it could still be paid."""
    assert refused(change(make_invoiced(workspace_a), **fields)) == rule


@pytest.mark.parametrize(
    "fields",
    [{"reference": "x"}, {"billing_email": "a@b.example"}, {"method": "invoice"}],
    ids=str,
)
def test_an_invoice_has_an_address_and_nothing_else_has(
    workspace_a: Tenant, fields: dict[str, Any]
) -> None:
    def make() -> None:
        Deposit.objects.create(workspace=workspace_a.workspace, **ASKED | fields)

    assert refused(make, planes.in_workspace(workspace_a.pk)) == "deposit_method"
    assert refused(change(make_open(workspace_a), cancel_asked_at=Now())) == "deposit_method"


@pytest.mark.parametrize(
    ("hours", "minutes", "is_refused"),
    [(23, None, True), (23, 9, True), (22, 10, True), (23, 10, False)],
)
def test_a_new_attempt_begins_after_two_looks(
    workspace_a: Tenant, hours: int, minutes: int | None, is_refused: bool
) -> None:
    customer, deposit = make_open(workspace_a).customer, make_asked(workspace_a)
    missed = Now() - timedelta(minutes=minutes) if minutes else None
    with planes.as_system():
        change(deposit, attempt=1, customer=customer, sent_at=Now() - timedelta(hours=hours))()
        change(deposit, missed_at=missed)()
    again = change(deposit, attempt=2, sent_at=Now(), missed_at=None)
    if is_refused:
        assert refused(again) == "deposit_edge"
    else:
        with planes.as_system():
            assert again() == 1


@pytest.mark.parametrize(("minutes", "is_refused"), [(None, True), (9, True), (10, False)])
def test_a_new_attempt_of_a_refund_too(
    workspace_a: Tenant, minutes: int | None, is_refused: bool
) -> None:
    refund = make_refund(make_paid(workspace_a), 100)
    missed = Now() - timedelta(minutes=minutes) if minutes else None
    with planes.as_system():
        change(refund, attempt=1, sent_at=Now() - timedelta(hours=23), missed_at=missed)()
    again = change(refund, attempt=2, sent_at=Now(), missed_at=None)
    if is_refused:
        assert refused(again) == "refund_edge"
    else:
        with planes.as_system():
            assert again() == 1


def test_a_canceled_invoice_is_not_opened_again(workspace_a: Tenant) -> None:
    deposit = make_invoiced(workspace_a, state="canceled", page_url="")
    assert refused(change(deposit, state="open")) == "deposit_edge"


def test_a_member_cancels_now(workspace_a: Tenant) -> None:
    deposit, member = make_invoiced(workspace_a), planes.in_workspace(workspace_a.pk)
    yesterday = {"cancel_asked_at": Now() - timedelta(days=1), "next_at": Now()}
    assert refused(change(deposit, **yesterday), member) == "deposit_edge"
    with planes.in_workspace(workspace_a.pk):
        change(deposit, cancel_asked_at=Now(), next_at=Now())()
    assert (
        refused(change(deposit, cancel_asked_at=None), planes.in_workspace(workspace_a.pk))
        == "deposit_edge"
    )
