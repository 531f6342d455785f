"""Signing up: neither the page nor its time reveals who has an account, and no address is truncated."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant
from tests.pages.conftest import browser_of

SIGNUP, RESET = "/accounts/signup/", "/accounts/password/reset/"
PASSWORD = "Correct-Horse-77-battery"
TOO_LONG = "x" * 60 + "@" + ".".join(["y" * 60] * 4) + ".example"
SAYS_SO = "at most 254 characters; this one has 312"


@pytest.fixture
def known(database: None) -> str:
    """The address of a user who has an account."""
    cache.clear()
    user = people.make_user(email="known@people.example")
    with planes.at_door():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user.email


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    seen: list[str] = []
    hasher = hashers.get_hasher()
    real = type(hasher).encode

    def encode(self: Any, password: str, *rest: Any) -> str:
        seen.append(password)
        return str(real(self, password, *rest))

    monkeypatch.setattr(type(hasher), "encode", encode)
    return seen


def signup_form(email: str) -> dict[str, str]:
    return {"side": "work", "email": email, "password1": PASSWORD, "password2": PASSWORD}


@pytest.mark.parametrize(
    ("path", "form", "hashes", "mails", "statements"),
    [
        (SIGNUP, signup_form, 1, 1, 0),
        (RESET, lambda email: {"email": email}, 0, 1, 0),
        # One statement less for a known one, beside a hash that takes two hundred times as long.
        ("/accounts/login/", lambda email: {"login": email, "password": PASSWORD}, 1, 0, 1),
    ],
    ids=["signup", "reset", "login"],
)
def test_an_unknown_address_costs_what_a_known_one_does(
    known: str,
    hashed: list[str],
    django_capture_on_commit_callbacks: Any,
    path: str,
    form: Callable[[str], dict[str, str]],
    hashes: int,
    mails: int,
    statements: int,
) -> None:
    work, pages = [], []
    for email in (known, "unknown@people.example"):
        hashed.clear()
        mail.outbox.clear()
        browser = browser_of()
        with (
            CaptureQueriesContext(connection) as seen,
            django_capture_on_commit_callbacks(execute=True),
        ):
            answer = browser.post(path, form(email))
        page = browser.get(answer["Location"]) if answer.status_code == 302 else answer
        pages.append((answer.status_code, page.content.decode().replace(email, "")))
        assert (len(hashed), [m.to for m in mail.outbox]) == (hashes, [[email]] * mails)
        work.append(len(seen))
    assert work[1] - work[0] == statements
    assert _without_tokens(pages[0][1]) == _without_tokens(pages[1][1])
    assert pages[0][0] == pages[1][0]


def _without_tokens(page: str) -> str:
    lines = (line.partition('nonce="')[0] for line in page.splitlines())
    return "\n".join(line for line in lines if "csrf" not in line.lower())


def test_nobody_is_made_for_a_known_address(known: str) -> None:
    browser_of().post(SIGNUP, signup_form(known))
    with planes.at_door():
        assert [user.email for user in User.objects.all()] == [known]


@pytest.mark.parametrize(
    ("path", "form"), [(SIGNUP, signup_form), (RESET, lambda email: {"email": email})]
)
def test_a_stranger_is_told_that_an_address_is_too_long(
    known: str, path: str, form: Callable[[str], dict[str, str]]
) -> None:
    answer = browser_of().post(path, form(TOO_LONG))
    assert answer.status_code == 200 and SAYS_SO in answer.content.decode()
    with planes.at_door():
        assert User.objects.count() == 1


def test_a_member_is_told_that_an_address_is_too_long(workspace_a: Tenant) -> None:
    browser = browser_of(workspace_a.owner)
    path = f"/w/{workspace_a.workspace.slug}/members/"
    form = {"action": "invite", "email": TOO_LONG, "role": "viewer"}
    answer = browser.post(path, form)
    assert answer.status_code < 500 and SAYS_SO in answer.content.decode()
    added = browser.post("/accounts/email/", {"action_add": "", "email": TOO_LONG})
    assert SAYS_SO in added.content.decode()
    with pytest.raises(CommandError, match=SAYS_SO):
        call_command("create_staff", email=TOO_LONG, generate=True)


def test_the_longest_address_is_stored_whole(known: str) -> None:
    longest = TOO_LONG[312 - 254 :]
    browser_of().post(SIGNUP, signup_form(longest))
    with planes.at_door():
        assert User.objects.filter(email=longest).exists()
        assert EmailAddress.objects.filter(email=longest).exists()
