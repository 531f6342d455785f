"""The form that asks for an invoice, the invoice's page, and both over REST."""

import pytest
from django.test import Client

from billing.deposits.models import Deposit
from rlhfhub.tenancy import planes
from tests.deposits.invoiced import EMAIL, make_invoiced
from tests.deposits.made import fresh, make_open
from tests.factories import Tenant
from tests.pages.conftest import browser_of

INVOICE = {"amount": "540", "method": "invoice", "billing_email": EMAIL, "reference": "PO 7"}
BODY = {"amount_minor": 54_000, "method": "invoice", "billing_email": EMAIL, "reference": "PO 7"}


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def money(tenant: Tenant) -> str:
    return f"/w/{tenant.workspace.slug}/money/"


def the_deposit() -> Deposit:
    with planes.as_system():
        return Deposit.objects.get()


@pytest.mark.usefixtures("set_up")
def test_an_invoice_is_asked_for(owner: Client, workspace_a: Tenant) -> None:
    path = f"{money(workspace_a)}add/"
    assert workspace_a.owner.email in owner.get(path).content.decode()
    answer = owner.post(path, INVOICE)
    deposit = the_deposit()
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"{money(workspace_a)}deposits/{deposit.pk}/",
    )
    assert (deposit.method, deposit.billing_email, deposit.reference) == ("invoice", EMAIL, "PO 7")
    assert b"The invoice is being prepared" in owner.get(answer.headers["Location"]).content


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"billing_email": ""}, "billing_email", "to which address"),
        ({"billing_email": "harbour"}, "billing_email", "valid email"),
        ({"method": "cheque"}, "method", "valid choice"),
        ({"reference": "x" * 101}, "reference", "at most 100"),
    ],
)
def test_an_invoice_that_cannot_be_asked_for(
    owner: Client, workspace_a: Tenant, changes: dict[str, str], field: str, words: str
) -> None:
    answer = owner.post(f"{money(workspace_a)}add/", INVOICE | changes)
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])


@pytest.mark.usefixtures("set_up")
def test_who_pays_at_once_needs_no_address(owner: Client, workspace_a: Tenant) -> None:
    owner.post(f"{money(workspace_a)}add/", INVOICE | {"method": "card"})
    deposit = the_deposit()
    assert (deposit.method, deposit.billing_email, deposit.reference) == ("card", "", "")


@pytest.mark.usefixtures("set_up")
def test_an_invoice_over_rest(workspace_a: Tenant) -> None:
    answer = workspace_a.client.post("/api/v1/deposits/", BODY)
    assert answer.status_code == 202
    shown = answer.json()
    assert (shown["method"], shown["state"], shown["billing_email"]) == ("invoice", "asked", EMAIL)
    assert (shown["bank_details"], shown["due_at"], shown["invoice_url"]) == ([], None, "")


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"billing_email": ""}, "billing_email"),
        ({"billing_email": "harbour"}, "billing_email"),
        ({"method": "cheque"}, "method"),
        ({"method": "card"}, "billing_email"),
        ({"method": "card", "billing_email": ""}, "reference"),
        ({"reference": "x" * 101}, "reference"),
    ],
)
def test_an_invoice_over_rest_that_is_refused(
    workspace_a: Tenant, changes: dict[str, str], field: str
) -> None:
    answer = workspace_a.client.post("/api/v1/deposits/", BODY | changes)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_the_page_says_how_to_pay(owner: Client, workspace_a: Tenant) -> None:
    deposit = make_invoiced(workspace_a)
    page = owner.get(f"{money(workspace_a)}deposits/{deposit.pk}/").content.decode()
    for words in (
        "HUB-0042",
        "Routing number",
        "110000000",
        deposit.pdf_url,
        deposit.page_url,
        EMAIL,
        "PO 7",
    ):
        assert words in page
    assert "Cancel the invoice" in page


def test_a_member_cancels(owner: Client, workspace_a: Tenant) -> None:
    deposit = make_invoiced(workspace_a)
    path = f"{money(workspace_a)}deposits/{deposit.pk}/"
    assert owner.post(f"{path}cancel/").headers["Location"] == path
    assert fresh(deposit).cancel_asked_at
    page = owner.get(path).content
    assert b"The invoice is being canceled" in page and b"Cancel the invoice" not in page


def test_a_page_without_an_invoice_is_not_canceled(owner: Client, workspace_a: Tenant) -> None:
    deposit = make_open(workspace_a)
    answer = owner.post(f"{money(workspace_a)}deposits/{deposit.pk}/cancel/", follow=True)
    assert b"Only an invoice that nobody has paid" in answer.content


def test_cancel_over_rest(workspace_a: Tenant) -> None:
    deposit = make_invoiced(workspace_a)
    path = f"/api/v1/deposits/{deposit.pk}/cancel/"
    assert workspace_a.client.post(path, {"why": "x"}).status_code == 400
    answer = workspace_a.client.post(path)
    assert (answer.status_code, bool(answer.json()["cancel_asked_at"])) == (202, True)
    by_card = make_open(workspace_a)
    answer = workspace_a.client.post(f"/api/v1/deposits/{by_card.pk}/cancel/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancelable")
