"""Money goes its whole way in a browser: paid in, set aside, earned, disputed over, paid out, and in the bank.

After each step the ledger and Stripe hold the same to the cent.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from billing.deposits import tasks
from billing.deposits.models import Deposit
from billing.reconciliation import running
from projects.items.services import Plan
from projects.work.models import Annotation
from rlhfhub.devtools.waiting import wait_until
from rlhfhub.tenancy import planes
from tests import databases
from tests.browser.desk_page import Desk
from tests.browser.site import Site
from tests.browser.stripe_site import running_with_stripe
from tests.browser.test_rejection_walk import Walk, _staff, decide, read_and_appeal, reject
from tests.browser.watch import Watch
from tests.deposits.made import books, let_it_be_due
from tests.factories import make_batch, make_project, make_workspace
from tests.faults.emulated import emulated
from tests.journey.checks import assert_books_balance
from tests.people import PASSWORD, Annotator, make_annotator
from tests.stripe_emulator.control import Control

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS = 60
DAY = 24 * 3600
PAID_IN, PRICE, FEE, ITEMS = 54_00, 2_00, 40, 4
COST = PRICE + FEE


@pytest.fixture(scope="module")
def stripe_and_site(
    django_db_setup: None,
    django_db_blocker: Any,
    static_files: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Site, Control]]:
    """A site with Stripe, on a database of its own."""
    with (
        django_db_blocker.unblock(),
        databases.copied(),
        running_with_stripe(tmp_path_factory.mktemp("site"), static_files) as both,
    ):
        yield both


@pytest.fixture(scope="module")
def site(stripe_and_site: tuple[Site, Control]) -> Site:
    return stripe_and_site[0]


@pytest.fixture
def stripe(stripe_and_site: tuple[Site, Control]) -> Iterator[Control]:
    yield stripe_and_site[1]
    assert stripe_and_site[1].take_own_faults() == []


class MoneyWalk(Walk):
    """A workspace without money, a batch of four items, two annotators who answer, and Stripe."""

    def __init__(self, stripe: Control) -> None:
        self.stripe = stripe
        self.tenant = make_workspace("Careful Lab", money=0)
        self.project = make_project(self.tenant, price_minor=PRICE, name="Which reply is calmer")
        self.batch = make_batch(
            self.project, ITEMS, plan=Plan(overlap=1, share_percent=0), fund=False, open=False
        )
        self.ada: Annotator = make_annotator(self.project, "Ada")
        self.ben: Annotator = make_annotator(self.project, "Ben")

    def expect_agreement(self, **ledger: int) -> None:
        """Wait until the ledger holds these, and Stripe what the ledger says of it; every invariant holds then."""
        wait_until(partial(self._agrees, ledger), SECONDS, f"{ledger}")
        assert_books_balance()

    def _agrees(self, ledger: dict[str, int]) -> bool:
        ours, totals = books(), self.stripe.get("totals")
        assert totals["in_order"]
        platform = totals["accounts"].get(totals["platform"], {}).get("usd", {})
        held = {name: platform.get(name, 0) for name in ("pending", "available")}
        booked = {name: -ours.get(f"stripe_{name}", 0) for name in held}
        return held == booked and all(ours.get(name, 0) == ledger[name] for name in ledger)


def test_from_checkout_to_the_bank(
    browse: Callable[..., Page], watch: Watch, stripe: Control, site: Site
) -> None:
    walk = MoneyWalk(stripe)
    owner, ada, ben = (browse(one) for one in (walk.tenant.owner, walk.ada.user, walk.ben.user))
    pay_in(walk, owner)
    walk.expect_agreement(workspace_available=PAID_IN)
    fund_and_open(walk, owner)
    walk.expect_agreement(workspace_available=PAID_IN - ITEMS * COST, batch_budget=ITEMS * COST)
    for page in (ada, ben):
        onboard(page)
    work(walk, ada, ben)
    walk.expect_agreement(batch_budget=ITEMS * COST)
    answer = accept_all_but_one(walk, owner)
    walk.expect_agreement(batch_budget=COST, annotator_payable=3 * PRICE, platform_revenue=3 * FEE)
    reject(walk, owner, answer)
    walk.expect_agreement(batch_budget=0, rejection_hold=COST, annotator_payable=3 * PRICE)
    read_and_appeal(walk, ada)
    decide(walk, browse(_staff()), answer)
    walk.expect_agreement(rejection_hold=0, annotator_payable=4 * PRICE, platform_revenue=4 * FEE)
    let_the_payment_clear(walk)
    walk.expect_agreement(stripe_pending=0, annotator_payable=4 * PRICE)
    for page in (ada, ben):
        ask_for_pay(page)
    walk.expect_agreement(annotator_payable=0, annotator_in_payout=0)
    stripe.advance(14 * DAY)
    for page in (ada, ben):
        see_it_in_the_bank(page)
    walk.expect_agreement(annotator_payable=0, annotator_in_payout=0)
    nothing_differs(stripe)


def pay_in(walk: MoneyWalk, page: Page) -> None:
    """The owner pays by card on Stripe's page, and comes back."""
    page.goto(walk.path("money/"))
    page.get_by_role("link", name=re.compile("Add money")).first.click()
    page.get_by_label(re.compile("Amount")).fill(str(PAID_IN // 100))
    page.get_by_role("button", name="Go on", exact=True).click()
    page.wait_for_url(re.compile("/checkout/"), timeout=SECONDS * 1000)
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_text("The money was added to the free balance.")).to_be_visible(
        timeout=SECONDS * 1000
    )


def fund_and_open(walk: MoneyWalk, page: Page) -> None:
    page.goto(walk.path(f"batches/{walk.batch.pk}/"))
    page.get_by_role("button", name=re.compile(r"^Fund with")).click()
    page.get_by_role("button", name="Open the batch").click()
    expect(page.get_by_role("button", name="Close the batch")).to_be_visible()


def onboard(page: Page) -> None:
    """An annotator tells Stripe who they are and where their bank is."""
    page.goto("/earnings/paid/")
    page.get_by_role("button", name="Begin at Stripe").click()
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Begin at Stripe").click()
    page.wait_for_url(re.compile("/onboarding/form/"), timeout=SECONDS * 1000)
    page.get_by_label("Everything is verified").check()
    page.get_by_label("A bank account that works").check()
    page.get_by_role("button", name="Submit", exact=True).click()
    _reload_until(page, "/earnings/paid/", "You can be paid")


def work(walk: MoneyWalk, *pages: Page) -> None:
    """The annotators answer the items in turn, each half of them, while each holds the next one."""
    desks = [Desk(page) for page in pages]
    for desk, person in zip(desks, (walk.ada, walk.ben), strict=True):
        desk.open(person.enrollment)
        assert desk.has_work()
    for number in range(ITEMS):
        desk = desks[number % 2]
        lease = desk.lease_id()
        desk.press("1", "Enter")
        desk.expect_next(lease)


def accept_all_but_one(walk: MoneyWalk, page: Page) -> Any:
    """Accept all answers but one of Ada's. Returns its id."""
    with planes.in_workspace(walk.tenant.pk):
        answers = list(Annotation.objects.order_by("submitted_at").values_list("pk", flat=True))
    for answer in answers[1:]:
        page.goto(walk.path(f"projects/{walk.project.pk}/review/{answer}/"))
        page.get_by_role("button", name=re.compile("^Accept")).first.click()
    return answers[0]


def let_the_payment_clear(walk: MoneyWalk) -> None:
    """Some days later Stripe makes the money available. The site looks in an hour, and here at once."""
    walk.stripe.advance(5 * DAY)
    with planes.as_system():
        deposit = Deposit.objects.get()
    let_it_be_due(deposit)
    with emulated(walk.stripe):
        tasks.clear()


def ask_for_pay(page: Page) -> None:
    page.goto("/earnings/payouts/")
    page.get_by_role("button", name="Pay me now").click()
    _reload_until(page, "/earnings/payouts/", "to your account at Stripe")


def see_it_in_the_bank(page: Page) -> None:
    """The page says that it is in the bank, and how much; nothing is owed any more."""
    _reload_until(page, "/earnings/payouts/", "in the bank")
    amount = "$4.00"
    for title in ("payouts-title", "bank-title"):
        table = page.locator(f"section[aria-labelledby={title}]")
        expect(table.get_by_role("cell", name=amount)).to_have_count(1)
    page.goto("/earnings/")
    owed = page.locator(".stat").filter(has_text="Earned and owed to you")
    expect(owed.locator(".stat-value")).to_have_text("$0.00")


def _reload_until(page: Page, path: str, words: str) -> None:
    def said() -> bool:
        page.goto(path)
        return page.get_by_text(words).count() > 0

    wait_until(said, SECONDS, words)


def nothing_differs(stripe: Control) -> None:
    """The reconciliation finds every entry at Stripe booked, and every journal at Stripe."""
    connection.close()
    with emulated(stripe):
        run = running.reconcile(is_full=True)
    assert run and not run.error
    assert run.differences == 0
    assert run.entries == run.matched > 0
