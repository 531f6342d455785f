"""What an annotator's earnings say of answers that are rejected, appealed or sent back."""

import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client

from projects.review.tasks import end_due
from tests.factories import Tenant
from tests.people import Annotator
from tests.rejections import appealed, decide, pass_days, rejected
from tests.review.own import answer_of, page_of, send_back


def total(browser: Client) -> Any:
    """The only total, of US dollars."""
    [found] = browser.get("/earnings/").context["totals"]
    return found


def rest(ada: Annotator, name: str) -> list[tuple[int, int]]:
    """The answers and the amount in this part of the earnings over REST."""
    rows = ada.client.get("/api/v1/desk/earnings/").json()[name]
    return [(row["annotations"], row["amount_minor"]) for row in rows]


def test_a_rejected_answer_is_on_hold_and_no_longer_waits(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    answer_of(ada)
    assert (total(browser).pending_minor, total(browser).held_minor) == (50, 0)
    assert "On hold" not in page_of(browser.get("/earnings/"))
    rejected(answer, workspace_a)
    found = total(browser)
    assert (found.pending_minor, found.held_minor, found.today_minor) == (25, 25, 25)
    assert (rest(ada, "pending"), rest(ada, "held")) == ([(1, 25)], [(1, 25)])
    for path in ("/earnings/", "/earnings/projects/", f"/earnings/{ada.enrollment.pk}/"):
        page = page_of(browser.get(path))
        assert "on hold: rejected you can appeal until" in page and "$0.25 on hold" in page
    assert f"/work/{ada.enrollment.pk}/decisions/{answer}/" in (
        browser.get("/earnings/").content.decode()
    )
    appealed(answer, workspace_a, ada.user.pk)
    page = page_of(browser.get("/earnings/"))
    assert "on hold: you appealed decided until" in page and "else paid" in page


def test_an_appeal_that_is_won_is_paid(
    workspace_a: Tenant,
    ada: Annotator,
    browser: Client,
    answer: uuid.UUID,
    deliver: Callable[[], int],
) -> None:
    rejected(answer, workspace_a)
    deliver()
    appealed(answer, workspace_a, ada.user.pk)
    decide(answer, broken=False)
    deliver()
    found = total(browser)
    assert (found.payable_minor, found.held_minor, found.today_minor) == (25, 0, 25)
    assert "paid after appeal" in page_of(browser.get("/earnings/"))
    assert rest(ada, "held") == []


def test_a_final_rejection_is_not_paid(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    lost = answer_of(ada)
    for one in (answer, lost):
        rejected(one, workspace_a)
    appealed(lost, workspace_a, ada.user.pk)
    decide(lost, broken=True)
    pass_days(8)
    end_due()
    earnings = browser.get("/earnings/")
    assert earnings.context["totals"] == earnings.context["stages"] == []
    lines = [one for day in earnings.context["days"] for one in day.lines]
    assert [one.is_not_paid for one in lines] == [True] * 2
    page = page_of(browser.get(f"/earnings/{ada.enrollment.pk}/"))
    assert "not paid: nobody appealed in time" in page and "not paid: the appeal was lost" in page
    assert "On hold" not in page


def test_a_returned_answer_waits_and_is_not_lost(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    send_back(answer, workspace_a)
    assert (total(browser).pending_minor, total(browser).held_minor) == (25, 0)
    assert (rest(ada, "pending"), rest(ada, "held")) == ([(1, 25)], [])
    assert "sent back revise until" in page_of(browser.get("/earnings/"))
    pass_days(4)
    assert "sent back and not revised; decided on as it is" in page_of(browser.get("/earnings/"))
    end_due()
    page = page_of(browser.get("/earnings/"))
    assert "sent back and not revised; accepted automatically on" in page
    assert total(browser).pending_minor == 25


def test_money_on_hold_of_others_is_not_shown(
    workspace_a: Tenant, annotators: list[Annotator], ada: Annotator, browser: Client
) -> None:
    rejected(answer_of(annotators[1]), workspace_a)
    assert browser.get("/earnings/").context["totals"] == []
    assert rest(ada, "held") == []
