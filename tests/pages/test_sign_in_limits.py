"""Wrong passwords delay who sends them, more each time; the account's owner gets in meanwhile."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from rlhfhub.tenancy import browsers, guesses, planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.pages.conftest import browser_of

LOGIN = "/accounts/login/"
THEIRS, OURS, ELSEWHERE = "192.0.2.66", "198.51.100.7", "203.0.113.8"


@pytest.fixture(autouse=True)
def _uncounted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Stops the clock, the cache's too; `later(30)` moves it on."""
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


@pytest.fixture
def user(database: None) -> User:
    return make_person("owner@people.example")


def make_person(email: str) -> User:
    """A user who can sign in."""
    person = people.make_user(email=email)
    with planes.at_door():
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def sign_in(
    email: str, password: str = people.PASSWORD, by: Client | None = None, at: str = OURS
) -> Any:
    """The answer to the form, sent from the address `at`."""
    browser = by or browser_of()
    return browser.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=at)


def guess(email: str, times: int, at: str = THEIRS) -> list[int]:
    return [sign_in(email, f"wrong-{n}", at=at).status_code for n in range(times)]


def test_a_guesser_waits_and_the_owner_elsewhere_does_not(user: User) -> None:
    assert guess(user.email, 6) == [200] * 5 + [429]
    assert guess(user.email.upper(), 1) == [429]
    assert sign_in(user.email, at=THEIRS).status_code == 429  # not even with the right password
    assert sign_in(user.email, at=OURS)["Location"] == "/"


def test_the_page_says_how_long_and_what_else_there_is(user: User) -> None:
    guess(user.email, 5)
    answer = sign_in(user.email, at=THEIRS)
    words = re.search(
        r"Too many wrong passwords from here\. Try again in (\d+) seconds\.",
        answer.content.decode(),
    )
    assert words and words[1] == answer["Retry-After"] and words[1] == "30"
    assert 'href="/accounts/password/reset/">Get a link by mail' in answer.content.decode()


def test_delays_grow_from_half_a_minute_to_a_quarter_of_an_hour(
    user: User, later: Callable[[float], None]
) -> None:
    guess(user.email, 5)
    delays = []
    for _ in range(7):
        delays.append(int(sign_in(user.email, "wrong", at=THEIRS)["Retry-After"]))
        later(delays[-1] + 0.1)
        assert sign_in(user.email, "wrong", at=THEIRS).status_code == 200
    assert delays == [30, 60, 120, 240, 480, 900, 900]
    later(901)
    assert sign_in(user.email, at=THEIRS)["Location"] == "/"
    assert guess(user.email, 6) == [200] * 5 + [429]  # forgotten with the right password


def test_an_attempt_that_has_to_wait_makes_the_delay_no_longer(
    user: User, later: Callable[[float], None]
) -> None:
    guess(user.email, 5)
    later(20)
    assert guess(user.email, 20) == [429] * 20
    later(11)
    assert sign_in(user.email, at=THEIRS)["Location"] == "/"


def test_one_address_that_tries_many_accounts_waits(user: User) -> None:
    spray = [guess(f"{n}@people.example", 1)[0] for n in range(guesses.ADDRESS.free + 1)]
    assert spray == [200] * guesses.ADDRESS.free + [429]
    assert sign_in(user.email, at=THEIRS).status_code == 429
    assert sign_in(user.email, at=OURS)["Location"] == "/"


def test_a_right_password_forgets_no_guesses_at_other_accounts(user: User) -> None:
    for n in range(guesses.ADDRESS.free):
        guess(f"{n}@people.example", 1)
        if n < guesses.ADDRESS.free - 1:
            assert sign_in(user.email, at=THEIRS)["Location"] == "/"
    assert guess("last@people.example", 1) == [429]


def test_an_ipv6_subscriber_is_one_address(user: User) -> None:
    tries = [guess(user.email, 1, at=f"2001:db8:1:2::{n:x}")[0] for n in range(6)]
    assert tries == [200] * 5 + [429]
    assert guess(user.email, 1, at="2001:db8:1:3::1") == [200]
    assert guess(user.email, 1, at="::ffff:192.0.2.1") + guess(user.email, 1, at="192.0.2.1")
    assert sign_in(user.email, at="::ffff:192.0.2.2")["Location"] == "/"


def guess_from_many_addresses(email: str) -> None:
    """As many wrong passwords as delay the account for everybody."""
    for n in range(guesses.ACCOUNT.free):
        assert guess(email, 1, at=f"192.0.2.{n}") == [200]


@pytest.mark.slow
def test_many_addresses_slow_an_account_but_not_its_known_browser(user: User) -> None:
    known = browser_of()
    assert sign_in(user.email, by=known)["Location"] == "/"
    known.post("/accounts/logout/")
    guess_from_many_addresses(user.email)
    answer = sign_in(user.email, at=ELSEWHERE)
    assert answer.status_code == 429
    assert "Too many wrong passwords for this account" in answer.content.decode()
    assert sign_in(user.email, by=known, at=ELSEWHERE)["Location"] == "/"


def test_a_known_browser_is_limited_by_itself(user: User) -> None:
    known = browser_of()
    sign_in(user.email, by=known)
    known.post("/accounts/logout/")
    tries = [sign_in(user.email, "wrong", by=known).status_code for _ in range(6)]
    assert tries == [200] * 5 + [429]


@pytest.mark.slow
def test_a_known_browser_is_that_of_one_account_and_one_password(user: User) -> None:
    other = make_person("other@people.example")
    # Adding another user's address to one's own account, unconfirmed, does not help.
    with planes.at_door():
        EmailAddress.objects.create(user=other, email=user.email, verified=False)
    known = browser_of()
    sign_in(other.email, by=known)
    (cookie,) = [c for name, c in known.cookies.items() if name.startswith("known-")]
    assert cookie["httponly"] and cookie["path"] == "/accounts/" and cookie["samesite"] == "Lax"
    known.post("/accounts/logout/")
    guess_from_many_addresses(user.email)
    known.cookies[browsers._name(user.email)] = cookie.value
    assert sign_in(user.email, by=known).status_code == 429
    with planes.at_door():
        other.set_password("another-long-password")
        other.save(update_fields=["password"])
    guess_from_many_addresses(other.email)
    assert sign_in(other.email, "another-long-password", by=known).status_code == 429


def test_the_mailed_link_signs_in_while_all_else_waits(
    user: User, django_capture_on_commit_callbacks: Any
) -> None:
    guess_from_many_addresses(user.email)
    browser = browser_of()
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/accounts/password/reset/", {"email": user.email})
    path = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert path
    form = browser.get(path[1])["Location"]
    new = "a-new-and-long-password"
    assert browser.post(form, {"password1": new, "password2": new})["Location"] == "/"
    assert browser.get("/").status_code == 200 and "_auth_user_id" in browser.session
    browser.post("/accounts/logout/")
    assert sign_in(user.email, new, by=browser)["Location"] == "/"  # known from now on


def test_asking_for_the_password_again_counts_the_same(user: User) -> None:
    browser = browser_of(user)
    form = {"password": "wrong"}
    again = "/accounts/reauthenticate/"
    tries = [browser.post(again, form, REMOTE_ADDR=THEIRS).status_code for _ in range(6)]
    assert tries == [200] * 5 + [429]


def test_attempts_sent_together_do_not_pass_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them see no delay before any is counted."""
    monkeypatch.setattr(guesses._Counter, "wait", lambda counter: 0)
    passed = 0
    for _ in range(20):
        try:
            guesses.begin(account="a", address="b", browser=None)
            passed += 1
        except guesses.TooManyGuesses:
            pass
    assert passed == guesses.PAIR.free
