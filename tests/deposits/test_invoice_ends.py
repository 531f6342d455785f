"""An invoice that nobody has paid: overdue, given up, canceled, or paid outside of Stripe."""

from dataclasses import replace

import pytest

from billing.deposits import invoices, looking
from billing.deposits.models import Deposit, StrayPayment
from billing.stripe.calls import invoices as calls
from billing.stripe.errors import Refused as StripeRefused
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.deposits.invoiced import (
    ask_invoice,
    cancel,
    invoiced,
    pay_invoice,
)
from tests.deposits.made import (
    AMOUNT,
    books,
    fresh,
    let_it_be_due,
    opened,
    tell,
    work_off,
)
from tests.factories import MONEY, Tenant
from tests.notices.told import kinds_told
from tests.pages.conftest import browser_of
from tests.stripe_emulator.control import Control

DAY = 86_400
#: The SDK sends a request three times.
TRIES = 3


def told(tenant: Tenant) -> list[str]:
    """The kinds of notices of the workspace's deposits."""
    return [kind for kind in kinds_told(tenant.owner) if kind.startswith("deposit.")]


def strays() -> list[tuple[str, str]]:
    with planes.as_system():
        return list(StrayPayment.objects.order_by("id").values_list("stripe_id", "reason"))


def page_of(deposit: Deposit) -> str:
    return f"/w/{deposit.workspace.slug}/money/deposits/{deposit.pk}/"


def refuse(*_: object, **__: object) -> None:
    raise StripeRefused("no_code", "Not in this account.")


def test_an_overdue_invoice_is_told_once_and_can_be_paid(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = invoiced(workspace_a)
    overdue = replace(calls.retrieve(deposit.invoice_id), due_at=deposit.asked_at)
    with monkeypatch.context() as patch:
        patch.setattr(calls, "retrieve", lambda _: overdue)
        for _ in range(2):
            invoices.see_invoice(deposit.invoice_id)
    assert told(workspace_a) == ["deposit.invoice"]
    page = browser_of(workspace_a.owner).get(page_of(deposit))
    assert b"The invoice is overdue" in page.content
    pay_invoice(stripe, deposit)
    tell()
    assert fresh(deposit).state == "paid"


def test_an_uncollectible_invoice_can_be_paid(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    stripe.client().v1.invoices.mark_uncollectible(deposit.invoice_id)
    tell()
    assert (fresh(deposit).state, fresh(deposit).invoice_status) == ("open", "uncollectible")
    assert told(workspace_a) == ["deposit.invoice"]
    pay_invoice(stripe, deposit)
    tell()
    assert fresh(deposit).state == "paid"


def test_an_invoice_voided_at_stripe(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    stripe.client().v1.invoices.void_invoice(deposit.invoice_id)
    tell()
    assert (fresh(deposit).state, fresh(deposit).page_url) == ("canceled", "")
    assert told(workspace_a) == ["deposit.invoice"]
    assert books()["workspace_available"] == MONEY


def test_a_member_cancels_an_invoice(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    cancel(workspace_a, deposit)
    stripe.fault("POST /v1/invoices/{invoice}/void", "drop_after", count=TRIES)
    work_off(looking.looked)
    assert fresh(deposit).state == "open"
    let_it_be_due(deposit)
    work_off(looking.looked)
    assert (fresh(deposit).state, fresh(deposit).invoice_status) == ("canceled", "void")
    tell()
    assert told(workspace_a) == ["deposit.invoice"]


def test_an_invoice_paid_before_it_was_canceled(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    cancel(workspace_a, deposit)
    pay_invoice(stripe, deposit)
    work_off(looking.looked)
    assert fresh(deposit).state == "paid"
    tell()
    assert books()["workspace_available"] == MONEY + AMOUNT


def test_what_cannot_be_canceled(stripe: Control, workspace_a: Tenant) -> None:
    by_card, done = opened(workspace_a), invoiced(workspace_a)
    pay_invoice(stripe, done)
    tell()
    asked = ask_invoice(workspace_a)
    for deposit in (by_card, done, asked):
        with pytest.raises(Refused, match="nobody has paid"):
            cancel(workspace_a, deposit)
        assert fresh(deposit).cancel_asked_at is None


def test_an_invoice_that_stripe_does_not_void(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = invoiced(workspace_a)
    cancel(workspace_a, deposit)
    with monkeypatch.context() as patch:
        patch.setattr(calls, "void", refuse)
        work_off(looking.looked)
    assert (fresh(deposit).state, fresh(deposit).cancel_asked_at) == ("open", None)
    cancel(workspace_a, deposit)
    work_off(looking.looked)
    assert fresh(deposit).state == "canceled"


def test_an_invoice_paid_outside_of_stripe_is_listed(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit, paid_out_of_band=True)
    tell()
    for _ in range(2):
        invoices.see_invoice(deposit.invoice_id)
    found = fresh(deposit)
    assert (found.state, found.received_minor) == ("elsewhere", None)
    assert books()["workspace_available"] == MONEY
    ((listed, reason),) = strays()
    assert listed == deposit.invoice_id and "not by one payment through Stripe" in reason
    page = browser_of(workspace_a.owner).get(page_of(deposit))
    assert b"noted as paid outside of Stripe" in page.content
    assert b"Try again" not in page.content
