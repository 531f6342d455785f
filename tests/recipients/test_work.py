"""Accounts are made once, addresses come and go, and a look writes down what Stripe says."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from billing.recipients import making, minting, seeing, selectors, services, tasks
from billing.recipients.models import Link
from billing.stripe.calls import account_links, accounts
from billing.stripe.errors import Refused
from rlhfhub.notices.models import Notice
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User
from tests.recipients.made import asked, make_payable, recipient_of, state
from tests.stripe_emulator.control import Control

ACCOUNTS, LINKS = "POST /v2/core/accounts", "POST /v2/core/account_links"


def own(link: Link) -> Link:
    with planes.at_desk(link.recipient_id):
        return Link.objects.get(pk=link.pk)


def made_at_stripe(emulator: Control) -> int:
    return len(list(emulator.client().v2.core.accounts.list().data))


def due_again(user: User) -> None:
    """Let the pause be over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_recipients_recipient SET next_at = now(), look_at = now() WHERE person_id = %s",
            [user.pk],
        )
        cursor.execute("UPDATE billing_recipients_link SET next_at = now() WHERE state = 'asked'")


def verify(emulator: Control, user: User, **more: Any) -> None:
    account = recipient_of(user).account
    emulator.post("accounts", account=account, **{"identity": "verified", "bank": "good"} | more)


def told(user: User) -> list[str]:
    with planes.as_system():
        rows = Notice.objects.filter(person_id=user.pk, kind__startswith="pay.").order_by("id")
        return list(rows.values_list("kind", flat=True))


def test_from_the_button_to_being_paid(user: User, emulator: Control) -> None:
    link = asked(user)
    tasks.work()
    found = recipient_of(user)
    assert (found.state, found.can_be_paid, found.transfers) == ("made", False, "restricted")
    assert accounts.retrieve(found.account).metadata == {"person": str(user.pk)}
    ready = own(link)
    assert ready.state == "ready" and ready.url.startswith(emulator.address)
    with planes.at_desk(user.pk):
        shown = selectors.how_paid(user.pk)
        assert shown.step == "missing"
        assert {"Your first name", "A bank account that Stripe can pay to"} <= {
            one.words for one in shown.missing
        }
        assert services.take_link(link=link) == ready.url
        assert services.take_link(link=link) == ""
    assert own(link).url == ""
    verify(emulator, user)
    with planes.at_desk(user.pk):
        services.wish_look(person_id=user.pk)
    tasks.work()
    found = recipient_of(user)
    assert (found.can_be_paid, found.bank_name, found.bank_last4) == (
        True,
        "STRIPE TEST BANK",
        "6789",
    )
    assert told(user) == ["pay.ready"]
    with planes.at_desk(user.pk):
        assert selectors.how_paid(user.pk).step == "ready"


def test_the_addresses_to_come_back_to_are_ours(
    user: User, monkeypatch: pytest.MonkeyPatch, set_up: None
) -> None:
    sent: dict[str, str] = {}

    def minted(**given: str) -> account_links.Link:
        sent.update(given)
        return account_links.Link("https://stripe.example/1", None)

    monkeypatch.setattr(account_links, "onboarding_link", minted)
    make_payable(user)
    link = asked(user)
    assert list(minting.minted()) == [1]
    assert sent["key"] == f"link:{link.pk}"
    assert sent["return_url"] == f"{settings.SITE_URL}/earnings/paid/returned/"
    assert sent["refresh_url"] == f"{settings.SITE_URL}/earnings/paid/again/"
    assert own(link).state == "ready"


@pytest.mark.parametrize("fault", ["drop_after", "error_after", "error_before", "rate_limit"])
def test_a_lost_answer_makes_one_account(user: User, emulator: Control, fault: str) -> None:
    asked(user)
    emulator.fault(ACCOUNTS, fault, count=3)
    tasks.work()
    assert recipient_of(user).state == "asked"
    assert recipient_of(user).error_words
    due_again(user)
    tasks.work()
    if recipient_of(user).state == "asked":  # Stripe repeats a stored 500 for a day
        state(user, sent_at=recipient_of(user).sent_at - timedelta(hours=25))
        for _ in range(2):
            due_again(user)
            tasks.work()
    assert recipient_of(user).state == "made"
    assert made_at_stripe(emulator) == 1


def test_a_killed_worker_is_followed_by_one_with_the_same_key(
    user: User, emulator: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(user)
    create = making._create

    def killed(claimed: making.Claimed) -> str:
        create(claimed)
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "_create", killed)
    with pytest.raises(KeyboardInterrupt):
        tasks.work()
    monkeypatch.setattr(making, "_create", create)
    tasks.work()
    assert recipient_of(user).state == "asked", "it is claimed by the one that was killed"
    due_again(user)
    tasks.work()
    assert recipient_of(user).state == "made"
    assert made_at_stripe(emulator) == 1


@pytest.mark.parametrize(("fault", "attempt"), [("error_after", 1), ("error_before", 2)])
def test_an_old_attempt_is_looked_up_before_another_begins(
    user: User, emulator: Control, fault: str, attempt: int
) -> None:
    """Stripe has forgotten the key: sent again, it would make another account."""
    asked(user)
    emulator.fault(ACCOUNTS, fault)
    tasks.work()
    emulator.advance(25 * 3600)
    state(user, sent_at=recipient_of(user).sent_at - timedelta(hours=25))
    due_again(user)
    tasks.work()
    found = recipient_of(user)
    assert (found.state, found.attempt) == ("made", attempt)
    assert made_at_stripe(emulator) == 1


def test_stripe_refuses_and_says_why(
    user: User, emulator: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: Any) -> None:
        raise Refused("country_unsupported", "Not in your country.")

    asked(user)
    monkeypatch.setattr(accounts, "create", refused)
    tasks.work()
    found = recipient_of(user)
    assert (found.state, found.error_code, found.error_words) == (
        "refused",
        "country_unsupported",
        "Not in your country.",
    )
    assert told(user) == ["pay.refused"]


def test_an_address_for_the_dashboard(user: User, emulator: Control) -> None:
    asked(user)
    tasks.work()
    verify(emulator, user)
    link = asked(user, "dashboard")
    tasks.work()
    assert own(link).url.startswith(emulator.address)
    assert own(link).expires_at > own(link).created_at


def test_an_address_is_deleted_when_it_expires(user: User, emulator: Control) -> None:
    link, late = asked(user), asked(user)
    tasks.work()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_recipients_link SET next_at = now() WHERE id = %s", [link.pk]
        )
    tasks.work()
    assert (own(link).state, own(link).url) == ("ended", "")
    assert own(late).state == "ready"


def test_who_waits_too_long_for_an_address_asks_again(user: User, set_up: None) -> None:
    link = asked(user)
    tasks.work()
    assert own(link).state == "asked"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_recipients_link SET created_at = now() - interval '31 min'")
    minting.end()
    assert own(link).state == "ended"


def test_stripe_away_costs_time_alone(user: User, emulator: Control) -> None:
    link = asked(user)
    tasks.work()
    again = asked(user)
    emulator.fault(LINKS, "rate_limit", count=1)
    tasks.work()
    assert own(link).state == "ready" and own(again).state == "asked"
    due_again(user)
    tasks.work()
    assert own(again).state == "ready"


def test_a_closed_account_is_paid_no_more(user: User, emulator: Control) -> None:
    make_payable(user, "acct_gone")
    seeing.see("acct_gone")
    found = recipient_of(user)
    assert (found.is_closed, found.can_be_paid, found.look_at) == (True, False, None)
    assert told(user) == ["pay.missing"]
    with planes.at_desk(user.pk):
        assert selectors.how_paid(user.pk).step == "closed"


def test_stripe_stops_somebody_and_they_are_told(user: User, emulator: Control) -> None:
    asked(user)
    tasks.work()
    verify(emulator, user)
    due_again(user)
    tasks.work()
    account = recipient_of(user).account
    emulator.post("accounts", account=account, stripe_transfers="pending")
    seeing.see(account)
    assert not recipient_of(user).can_be_paid
    assert told(user) == ["pay.ready", "pay.missing"]
    with planes.at_desk(user.pk):
        shown = selectors.how_paid(user.pk)
    assert shown.step == "checking"
    assert shown.reasons == ["Stripe is checking your account. This takes minutes, sometimes days."]


def test_of_two_looks_the_later_one_counts(user: User, emulator: Control) -> None:
    asked(user)
    tasks.work()
    account = recipient_of(user).account
    with planes.as_system():
        before = clock.now()
    old = accounts.retrieve(account)
    verify(emulator, user)
    seeing.see(account)
    with planes.as_system():
        seeing._write(account, before, old, None)
    assert recipient_of(user).can_be_paid
