"""The form, the deposit's page, the money page, REST and the staff's pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from billing.deposits import opening, selectors, watch
from billing.deposits.models import Deposit, StrayPayment
from projects.items.models import Batch
from rlhfhub.tenancy import planes
from tests import people
from tests.deposits.made import (
    AMOUNT,
    ask,
    fresh,
    make_asked,
    make_failed,
    make_open,
    make_paid,
    make_stray,
    opened,
    work_off,
)
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import HTMX, browser_of
from tests.stripe_emulator.control import Control


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def money(tenant: Tenant) -> str:
    return f"/w/{tenant.workspace.slug}/money/"


def page_of(deposit: Deposit) -> str:
    return f"/w/{deposit.workspace.slug}/money/deposits/{deposit.pk}/"


def rows() -> list[Deposit]:
    with planes.as_system():
        return list(Deposit.objects.order_by("id"))


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize(("typed", "minor"), [("540", 54_000), ("540.00", 54_000), (" 1.00 ", 100)])
def test_an_amount_as_people_write_it(
    owner: Client, workspace_a: Tenant, typed: str, minor: int
) -> None:
    answer = owner.post(f"{money(workspace_a)}add/", {"amount": typed})
    (deposit,) = rows()
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{page_of(fresh(deposit))}?go=on"
    assert (deposit.amount_minor, deposit.state) == (minor, "asked")
    assert deposit.created_by_id == workspace_a.owner.pk


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "required"),
        ("540.005", "2 decimals"),
        ("0", "at least 1.00 USD"),
        ("0.99", "at least 1.00 USD"),
        ("-5", "negative"),
        ("1e3", "digits and a point"),
        ("1,000.00", "digits and a point"),
        ("٥٤٠", "digits and a point"),
        ("NaN", "digits and a point"),
        ("1000000.00", "at most 999999.99 USD"),
        ("9" * 24, "too large"),
        ("9" * 25, "at most 24 characters"),
    ],
)
def test_an_amount_that_cannot_be_paid_in(
    owner: Client, workspace_a: Tenant, typed: str, words: str
) -> None:
    answer = owner.post(f"{money(workspace_a)}add/", {"amount": typed})
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors["amount"])
    assert rows() == []


def test_without_stripe_staff_book_transfers(owner: Client, workspace_a: Tenant) -> None:
    path = f"{money(workspace_a)}add/"
    assert b"Send it by bank transfer" in owner.get(path).content
    assert owner.post(path, {"amount": "540"}).status_code == 422
    assert rows() == []


@pytest.mark.usefixtures("set_up")
def test_a_currency_that_stripe_counts_otherwise(database: None) -> None:
    tenant = make_workspace(money=0, currency="ISK")
    path = f"{money(tenant)}add/"
    assert b"Money in ISK cannot be paid in" in browser_of(tenant.owner).get(path).content
    answer = tenant.client.post("/api/v1/deposits/", {"amount_minor": 54_000})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_by_stripe")


@pytest.mark.usefixtures("set_up")
def test_only_who_manages_money_pays_in(workspace_a: Tenant) -> None:
    path = f"{money(workspace_a)}add/"
    for role, status in (("billing", 303), ("manager", 403), ("reviewer", 403), ("viewer", 403)):
        browser = browser_of(people.make_member(workspace_a.workspace, role))
        assert browser.post(path, {"amount": "540"}).status_code == status, role


def test_the_page_goes_on_to_stripe_for_whoever_just_asked(
    stripe: Control, owner: Client, workspace_a: Tenant
) -> None:
    deposit = ask(workspace_a)
    path = f"/w/{workspace_a.workspace.slug}/money/deposits/{deposit.pk}/"
    assert b"being prepared" in owner.get(f"{path}?go=on").content
    assert b'hx-trigger="every 1s"' in owner.get(f"{path}?go=on", **HTMX).content
    work_off(opening.opened)
    there = fresh(deposit).page_url
    assert owner.get(f"{path}?go=on", **HTMX).headers["HX-Redirect"] == there
    page = owner.get(path, **HTMX)
    assert "HX-Redirect" not in page.headers and there in page.content.decode()
    colleague = browser_of(people.make_member(workspace_a.workspace, "billing"))
    assert "HX-Redirect" not in colleague.get(f"{path}?go=on", **HTMX).headers


@pytest.mark.parametrize(
    ("slow_after", "words"),
    [(timedelta(minutes=-1), "does not answer"), (timedelta(minutes=1), "being prepared")],
)
def test_the_page_says_that_stripe_is_away(
    owner: Client,
    workspace_a: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    slow_after: timedelta,
    words: str,
) -> None:
    monkeypatch.setattr(selectors, "SLOW", slow_after)
    deposit = fresh(make_asked(workspace_a))
    assert words in owner.get(page_of(deposit)).content.decode()


def test_what_each_state_says(owner: Client, workspace_a: Tenant) -> None:
    failed = make_failed(workspace_a)
    assert b"Your card was declined." in owner.get(page_of(failed)).content
    paid = make_paid(workspace_a)
    page = owner.get(page_of(paid)).content.decode()
    assert "added to the free balance" in page and paid.receipt_url in page
    expired = make_open(workspace_a)
    with planes.as_system():
        Deposit.objects.filter(pk=expired.pk).update(state="expired", page_url="")
    assert b"not used within a day" in owner.get(page_of(expired)).content
    debit = make_open(workspace_a)
    with planes.as_system():
        Deposit.objects.filter(pk=debit.pk).update(page_url="")
    assert b"under way" in owner.get(page_of(debit)).content


@pytest.mark.usefixtures("set_up")
def test_a_batch_leads_to_the_form_and_back(
    owner: Client, workspace_a: Tenant, batch: Batch, workspace_b: Tenant
) -> None:
    path = f"{money(workspace_a)}add/?amount=12.50&batch={batch.pk}"
    page = owner.get(path)
    assert b'value="12.50"' in page.content
    owner.post(path, {"amount": "12.50"})
    (deposit,) = rows()
    assert deposit.batch_id == batch.pk
    for other in ("x", "00000000-0000-0000-0000-000000000000"):
        assert (
            owner.post(f"{money(workspace_a)}add/?batch={other}", {"amount": "5"}).status_code
            == 404
        )
    theirs = f"{money(workspace_b)}add/?batch={batch.pk}"
    assert browser_of(workspace_b.owner).get(theirs).status_code == 404
    paid = make_paid(workspace_a)
    assert b"Back to the batch" not in owner.get(page_of(paid)).content


def test_a_batch_that_lacks_money_links_to_the_form(database: None) -> None:
    tenant = make_workspace(money=0)
    batch = make_batch(make_project(tenant), items=3, fund=False)
    page = browser_of(tenant.owner).get(f"/w/{tenant.workspace.slug}/batches/{batch.pk}/")
    link = f"/w/{tenant.workspace.slug}/money/add/?amount="
    assert link in page.content.decode() and f"batch={batch.pk}" in page.content.decode()


def test_the_money_page_names_a_deposit(owner: Client, workspace_a: Tenant) -> None:
    paid = make_paid(workspace_a)
    page = owner.get(money(workspace_a))
    entry = page.context["journals"][0]
    assert (entry.title, entry.amount_minor) == ("Deposit by card", AMOUNT)
    assert page_of(paid) in page.content.decode() and paid.receipt_url in page.content.decode()
    spent = {balance.title: balance.amount_minor for balance in page.context["balances"]}
    assert spent["Paid for work"] == 0
    assert owner.get(f"{money(workspace_a)}?show=all").status_code == 200


def test_rest(stripe: Control, workspace_a: Tenant, batch: Batch) -> None:
    client: Any = workspace_a.client
    body = {"amount_minor": AMOUNT, "batch": str(batch.pk)}
    first = client.post("/api/v1/deposits/", body, HTTP_IDEMPOTENCY_KEY="d-1")
    again = client.post("/api/v1/deposits/", body, HTTP_IDEMPOTENCY_KEY="d-1")
    assert (first.status_code, first.json()) == (202, again.json())
    assert first.json()["state"] == "asked" and first.json()["batch"] == str(batch.pk)
    (deposit,) = rows()
    work_off(opening.opened)
    path = f"/api/v1/deposits/{deposit.pk}/"
    assert client.get(path).json()["page_url"] == fresh(deposit).page_url
    listed = client.get("/api/v1/deposits/").json()["results"]
    assert [row["id"] for row in listed] == [str(deposit.pk)]


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": 99}, "amount_minor"),
        ({"amount_minor": -1}, "amount_minor"),
        ({"amount_minor": 100_000_000}, "amount_minor"),
        ({"amount_minor": "54000"}, "amount_minor"),
        ({"amount_minor": 540.5}, "amount_minor"),
        ({"amount_minor": True}, "amount_minor"),
        ({}, "amount_minor"),
        ({"amount_minor": 100, "batch": "00000000-0000-0000-0000-000000000000"}, "batch"),
        ({"amount_minor": 100, "state": "paid"}, "state"),
    ],
)
def test_rest_names_the_field_that_is_wrong(
    workspace_a: Tenant, body: dict[str, Any], field: str
) -> None:
    answer = workspace_a.client.post("/api/v1/deposits/", body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert rows() == []


@pytest.mark.usefixtures("set_up")
def test_a_deposit_of_another_workspace(workspace_a: Tenant, workspace_b: Tenant) -> None:
    theirs = make_open(workspace_b)
    assert workspace_a.client.get(f"/api/v1/deposits/{theirs.pk}/").status_code == 404
    path = f"/w/{workspace_a.workspace.slug}/money/deposits/{theirs.pk}/"
    assert browser_of(workspace_a.owner).get(path).status_code == 404


def test_staff_settle_stray_payments(database: None, workspace_a: Tenant) -> None:
    stray = make_stray()
    make_asked(workspace_a)
    user = people.make_user("Staff", is_staff=True)
    staff = browser_of(user)
    assert (
        "Payments and refunds at Stripe that are not booked: 1"
        in staff.get("/admin/").content.decode()
    )
    assert "Its customer is none of ours." in staff.get("/admin/queue/").content.decode()
    path = "/admin/billing_deposits/straypayment/"
    for words in ("settled by you: 1", "settled by you: 0"):
        page = staff.post(
            path, {"action": "settle", "_selected_action": [str(stray.pk)]}, follow=True
        )
        assert words in page.content.decode()
    with planes.as_system():
        assert StrayPayment.objects.get().settled_by_id == user.pk
    assert watch.warnings() == []


def test_staff_are_warned_of_what_waits(
    workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_asked(workspace_a)
    monkeypatch.setattr(watch, "LATE_MINUTES", -1)
    converted = make_open(workspace_a)
    assert watch.warnings() == ["Deposits that wait for Stripe for more than -1 minutes: 1."]
    assert converted.state == "open"


def test_who_paid_otherwise(stripe: Control, owner: Client, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    assert owner.get(page_of(deposit)).context["title"] == "Deposit"
