"""The mails of accounts are in our own words, and their links work."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests import people
from tests.pages.conftest import browser_of

SIGNUP, RESET = "/accounts/signup/", "/accounts/password/reset/"


def signup(email: str) -> dict[str, str]:
    return {
        "side": "work",
        "email": email,
        "password1": people.PASSWORD,
        "password2": people.PASSWORD,
    }


@pytest.fixture
def known(database: None) -> str:
    return str(people.make_user("Known", "known@people.example").email)


@pytest.mark.parametrize(
    ("path", "is_known", "subject", "leads_to"),
    [
        (SIGNUP, False, "Confirm your email address", "Confirm"),
        (SIGNUP, True, "You have an account already", "password"),
        (RESET, True, "Choose a new password", "password"),
        (RESET, False, "You have no account with this address", "account"),
    ],
)
def test_each_says_what_to_do_and_its_link_works(
    known: str,
    django_capture_on_commit_callbacks: Any,
    path: str,
    is_known: bool,
    subject: str,
    leads_to: str,
) -> None:
    email = known if is_known else "unknown@people.example"
    form = signup(email) if path == SIGNUP else {"email": email}
    with django_capture_on_commit_callbacks(execute=True):
        assert browser_of().post(path, form).status_code == 302
    (one,) = mail.outbox
    assert (one.to, one.subject) == ([email], subject)
    assert "Hello from" not in one.body and "If it was not you, do nothing" in one.body
    link = re.search(r"http://testserver(/\S+)", str(one.body))
    assert link
    page = Client().get(link[1], follow=True)
    assert page.status_code == 200 and leads_to.lower() in page.content.decode().lower()
