"""The pages: the button asks for the password, the page waits and goes on to Stripe once."""

from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from billing.recipients.models import Recipient
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.people import PASSWORD
from tests.recipients.made import SECRET, asked, make_payable, make_recipient, recipient_of, state

PAGE, GO = "/earnings/paid/", "/earnings/paid/go/"


@pytest.fixture
def browser(user: User) -> Client:
    """Signed in, and has just entered the password."""
    client = Client()
    client.force_login(user)
    enter_password(client)
    return client


def enter_password(client: Client) -> None:
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302, answer.content


def text(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", GO),
        ("get", f"{PAGE}again/"),
        ("get", f"{PAGE}bank/"),
        ("post", f"{PAGE}bank/save/"),
    ],
)
def test_it_asks_for_the_password(user: User, method: str, path: str) -> None:
    client: Any = Client()
    client.force_login(user)
    answer = getattr(client, method)(path, {"kind": "onboarding"} if method == "post" else {})
    assert answer.status_code == 303
    assert unquote(answer.url).startswith("/accounts/reauthenticate/?next=/earnings/paid/")
    with planes.at_desk(user.pk):
        assert not Recipient.objects.exists()


def test_the_way_to_stripe(browser: Any, user: User) -> None:
    assert "Tell Stripe who you are" in text(browser)
    answer = browser.post(GO, {"kind": "onboarding"})
    assert answer.status_code == 303
    assert "Stripe is preparing your page" in browser.get(answer.url).content.decode()
    polled = browser.get(answer.url, HTTP_HX_REQUEST="true")
    assert "hx-get" in polled.content.decode()
    assert "being made" in text(browser)
    assert recipient_of(user).state == "asked"


def test_a_ready_address_is_followed_once(browser: Any, user: User) -> None:
    link = make_recipient(user)
    page = f"{GO}{link.pk}/"
    assert SECRET not in browser.get(page).content.decode()
    polled = browser.get(page, HTTP_HX_REQUEST="true")
    assert polled["HX-Redirect"] == f"{page}open/"
    first, second = browser.get(f"{page}open/"), browser.get(f"{page}open/")
    assert first.url == f"{SECRET}/{link.pk}"
    assert second.url == page
    assert "works only once" in browser.get(page).content.decode()


def test_coming_back_proves_nothing(browser: Any, user: User) -> None:
    make_payable(user)
    state(user, can_be_paid=False)
    before = recipient_of(user).look_at
    answer = browser.get(f"{PAGE}returned/")
    assert (answer.status_code, answer.url) == (302, PAGE)
    assert not recipient_of(user).can_be_paid
    assert recipient_of(user).look_at < before
    assert browser.get(f"{PAGE}again/").url.startswith(GO)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "You can be paid"),
        ({"bank_status": "errored", "bank_last4": "1113"}, "did not take the last payment"),
        ({"is_closed": True, "can_be_paid": False}, "is closed"),
        ({"transfers": "pending", "can_be_paid": False}, "is checking your account"),
    ],
)
def test_the_page_says_how_it_stands(
    browser: Any, user: User, fields: dict[str, Any], words: str
) -> None:
    make_payable(user)
    state(user, **fields)
    assert words in text(browser)


def test_what_is_missing_is_in_words(browser: Any, user: User) -> None:
    make_payable(user)
    entry = {"deadline": "past_due", "by_person": True, "errors": ["Too dark."]}
    names = ("identity.individual.address.city", "something.new")
    state(user, can_be_paid=False, requirements=[entry | {"name": name} for name in names])
    shown = text(browser)
    for words in ("Your address", "something.new", "Too dark.", "overdue"):
        assert words in shown


def test_a_refusal_can_be_tried_again(browser: Any, user: User) -> None:
    asked(user)
    state(user, state="refused", error_words="No such country.")
    assert "No such country." in text(browser)
    assert browser.post(GO, {"kind": "onboarding"}).status_code == 303
    assert recipient_of(user).state == "asked"
    assert browser.post(GO, {"kind": "weather"}).url == PAGE


def test_bank_details(elsewhere: User) -> None:
    client: Any = Client()
    client.force_login(elsewhere)
    enter_password(client)
    assert "We pay you by hand" in text(client)
    assert client.get(f"{PAGE}bank/").status_code == 200
    assert client.post(f"{PAGE}bank/save/", {"words": ""}).status_code == 422
    assert client.post(f"{PAGE}bank/save/", {"words": "IBAN KE22"}).url == PAGE
    assert "IBAN KE22" in text(client)
    assert "IBAN KE22" in client.get(f"{PAGE}bank/").content.decode()


def test_bank_details_where_stripe_pays_are_refused(browser: Any) -> None:
    answer = browser.post(f"{PAGE}bank/save/", {"words": "IBAN"})
    assert answer.status_code == 422
    assert "we pay by Stripe" in answer.content.decode()
