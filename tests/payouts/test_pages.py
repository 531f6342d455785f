"""The person's page and REST: what is owed, on its way and sent, when the next payout begins, and the button."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from billing.payouts import outcomes, sending, tasks
from billing.stripe.errors import Refused
from projects.plan.models import Project
from rlhfhub.tenancy.models import User
from rlhfhub.web import listing
from tests import people, routes
from tests.payouts.made import (
    claimed,
    make_bank_payout,
    make_owed,
    make_owed_by_hand,
    make_payouts,
    owe,
    payout_of,
    payouts_of,
    transfer_for,
)
from tests.people import Annotator
from tests.recipients.made import make_payable, state

PAGE, NOW, REST = "/earnings/payouts/", "/earnings/payouts/now/", "/api/v1/desk/payouts/"


def browser_of(user: User) -> Any:
    client = Client()
    client.force_login(user)
    return client


def text(user: User) -> str:
    answer = browser_of(user).get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_what_is_owed_and_what_is_missing(db: None) -> None:
    user = make_owed(999)
    shown = text(user)
    assert "$9.99" in shown and "a payout is at least $10.00" in shown
    state(user, can_be_paid=False)
    assert "We cannot send you money yet" in text(user)
    assert "Nothing earned yet" in text(people.make_user())


def test_a_payout_is_followed_to_its_end(db: None) -> None:
    user = make_owed(2_000)
    assert "enough for a payout" in text(user) and "Pay me now" in text(user)
    make_payouts()
    assert "on its way" in text(user)
    first = claimed(payout_of(user))
    sending.OUTBOX.refused(first, Refused("balance_insufficient", "No money."))
    assert "waits" in text(user)
    outcomes.paid(claimed(first).pk, transfer_for(first))
    assert "to your account at Stripe" in text(user)
    owe(user, 3_000)
    make_payouts()
    outcomes.refused(claimed(payout_of(user)).pk, 1, Refused("closed", "No."))
    assert "it is owed to you as before" in text(user)


def test_the_button_asks_once(db: None) -> None:
    user = make_owed(2_000)
    browser = browser_of(user)
    for _ in range(2):
        assert browser.post(NOW).url == PAGE
    assert "is being made" in text(user)
    tasks.make()
    assert [one.amount_minor for one in payouts_of(user)] == [2_000]


def test_the_button_says_why_not(db: None) -> None:
    user = make_owed(5)
    answer = browser_of(user).post(NOW, follow=True)
    assert "The least amount of a payout is 10.00 USD" in answer.content.decode()


def test_by_hand(db: None) -> None:
    shown = text(make_owed_by_hand())
    assert "by bank transfer" in shown and "Pay me now" not in shown


def test_rest(project: Project, annotators: list[Annotator]) -> None:
    ada = annotators[0]
    assert ada.client.get(REST).json()["owed"] == []
    refused = ada.client.post(REST)
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_be_paid")
    make_payable(ada.user)
    owe(ada.user, 2_000)
    asked = ada.client.post(REST)
    assert (asked.status_code, asked.json()["is_asked"]) == (202, True)
    tasks.make()
    found = ada.client.get(REST).json()
    assert found["owed"] == [
        {
            "currency": "USD",
            "payable_minor": 0,
            "unclear_minor": 0,
            "in_payout_minor": 2_000,
            "sent_minor": 0,
            "least_minor": 1_000,
        }
    ]
    assert found["next"]["is_asked"] is False
    (line,) = found["payouts"]["results"]
    assert (line["amount_minor"], line["state"], line["ended_at"]) == (2_000, "ready", None)
    outcomes.paid(claimed(payout_of(ada.user)).pk, transfer_for(payout_of(ada.user)))
    assert ada.client.get(REST).json()["owed"][0]["sent_minor"] == 2_000
    assert annotators[1].client.get(REST).json()["payouts"]["results"] == []


@pytest.mark.parametrize("model", ["payout", "payoutrun"])
def test_staff_see_runs_and_payouts(db: None, model: str) -> None:
    user = make_owed(2_000)
    make_payouts()
    staff = browser_of(people.make_user("Staff", "staff@x.example", is_staff=True))
    answer = staff.get(f"/admin/billing_payouts/{model}/")
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert ("20.00 USD" if model == "payout" else "By staff") in shown
    assert str(payout_of(user).pk) in shown or model == "payoutrun"


def send_one(user: User) -> None:
    owe(user, 1_500)
    make_payouts()
    outcomes.paid(claimed(payout_of(user)).pk, transfer_for(payout_of(user)))
    make_bank_payout(user, f"po_{len(payouts_of(user))}")


def test_more_payouts_ask_no_more(
    project: Project, annotators: list[Annotator], queries: Callable[[], Any]
) -> None:
    ada = annotators[0]
    make_payable(ada.user)
    browser = browser_of(ada.user)

    def counted() -> list[int]:
        found = []
        for ask in (lambda: browser.get(PAGE), lambda: ada.client.get(REST)):
            with queries() as seen:
                assert ask().status_code == 200
            found.append(len(seen))
        return found

    send_one(ada.user)
    counted()
    few = counted()
    for _ in range(4):
        send_one(ada.user)
    assert counted() == few
    assert few[0] <= routes.row_of("payouts").most
    assert few[1] <= routes.row_of("api_payouts").most


def test_page_by_page(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_owed()
    for _ in range(3):
        send_one(user)
    monkeypatch.setattr(listing, "SIZE", 2)
    browser = browser_of(user)
    first = browser.get(PAGE).context["listing"]
    second = browser.get(f"{PAGE}?cursor={first.next_cursor}").context["listing"]
    assert [one.pk for one in (*first.rows, *second.rows)] == [
        one.pk for one in reversed(payouts_of(user))
    ]
    assert browser.get(f"{PAGE}?cursor=x").status_code == 404
