"""A newcomer on a phone, from the landing page to the first paid answer, calibration included; and one who lives where
nobody can be paid.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from projects.enrollment import examples
from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.plan.requirements import set_requirement
from projects.review.services import accepting
from projects.work.models import Annotation
from rlhfhub.devtools.waiting import wait_until
from rlhfhub.tenancy import planes
from tests.browser.desk_page import Desk
from tests.browser.page_checks import WIDTHS
from tests.browser.test_calibration import PASSES, answer, see_the_verdict
from tests.browser.watch import Watch
from tests.calibration import made
from tests.factories import make_batch, make_workspace
from tests.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NARROW = WIDTHS[1]
LIVE_MS = 30_000


@pytest.fixture
def offered(site: object) -> tuple[Project, Batch]:
    """A project that asks for calibration and for Portuguese, shows an example, and has main work that waits."""
    tenant = make_workspace("Careful Lab")
    project = made.make_asking_project(tenant, name="Which reply is right")
    made.make_pool(project, 2 * made.ITEMS, rules=("R1",))
    batch = make_batch(project, 2, open=False)
    made.open_round(project, seats=3)
    with planes.in_workspace(tenant.pk):
        set_requirement(project=project, languages=["pt"], content=["hate"], actor_id=None)
        examples.add(project=project, external_id="item-1", actor_id=None)
    return project, batch


def test_from_the_landing_page_to_the_first_paid_answer(
    browse: Callable[..., Page],
    watch: Watch,
    offered: tuple[Project, Batch],
    screenshots: Path,
) -> None:
    project, batch = offered
    page = browse(width=NARROW, height=844)
    sign_up(page, "nina@people.example")
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
    page.screenshot(path=screenshots / "newcomer-profile.png", full_page=True)
    tell(page, country="Portugal", avoids="Hate and insults")
    accept_the_terms(page)

    links = page.locator(".topbar-nav")
    assert links.evaluate("nav => nav.scrollWidth - nav.clientWidth") <= 0
    expect(links.get_by_role("button")).to_have_text("Give work")
    card = page.get_by_role("article").filter(has_text=project.name)
    expect(card).to_contain_text("asks for Portuguese; your profile names none")
    page.screenshot(path=screenshots / "newcomer-market.png", full_page=True)
    card.get_by_role("link", name="Read and join").click()
    expect(page.get_by_role("article", name="Example 1")).to_contain_text("Question 1?")
    expect(page.get_by_role("article", name="Guidelines")).to_be_visible()
    page.get_by_role("link", name="Change my profile").click()
    page.get_by_label("Language 1").select_option("Portuguese")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("I agree to see it in this project").check()
    page.screenshot(path=screenshots / "newcomer-listing.png", full_page=True)
    page.get_by_role("button", name="Join", exact=True).click()
    page.get_by_role("button", name="I have read this and accept it").click()

    calibrate(page)
    with planes.in_workspace(project.workspace_id):
        batches.open_batch(batch=Batch.objects.get(pk=batch.pk), actor_id=None)
    answer_the_first(page)
    is_paid(page, project, batch)


def test_who_lives_where_nobody_can_be_paid_is_told_before_working(
    browse: Callable[..., Page], offered: tuple[Project, Batch], screenshots: Path
) -> None:
    project, _ = offered
    page = browse(width=NARROW, height=844)
    sign_up(page, "kioko@people.example")
    tell(page, country="Kenya")
    accept_the_terms(page)
    told = "We cannot pay people in Kenya yet"
    expect(page.locator("main")).to_contain_text(told)
    page.screenshot(path=screenshots / "newcomer-no-rail.png", full_page=True)
    page.goto(f"/work/market/{project.pk}/")
    expect(page.locator("main")).to_contain_text(told)
    expect(page.get_by_role("button", name="Join", exact=True)).to_have_count(0)
    page.goto("/work/profile/")
    expect(page.locator("main")).to_contain_text(told)


def sign_up(page: Page, email: str) -> None:
    """Choose a side on the landing page and make an account; this site does not have the address confirmed."""
    page.goto("/")
    page.get_by_role("link", name="I want to work").click()
    expect(page.get_by_role("radio", name="I want to work")).to_be_checked()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()


def tell(page: Page, *, country: str, avoids: str = "") -> None:
    """Fill in the profile."""
    page.get_by_label("I am 18 or older").check()
    page.get_by_label("Country you live in").select_option(country)
    if avoids:
        page.get_by_label(avoids).check()
    page.get_by_role("button", name="Save and go on").click()


def accept_the_terms(page: Page) -> None:
    for heading in ("Terms of work", "Confidentiality", "Rights in your answers"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.get_by_label(f"I have read “{heading}” and accept it").check()
    page.get_by_role("button", name="Accept what I have ticked").click()
    expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()


def calibrate(page: Page) -> None:
    """Answer the calibration's items, and see that they passed."""
    answer(page, "right", PASSES)
    see_the_verdict(page, "passed")


def answer_the_first(page: Page) -> None:
    """Go to the desk; an item of the calibration may be held still."""
    page.goto(re.sub(r"(/work/[^/]+/).*", r"\1", page.url))
    desk = Desk(page)
    if desk.has_work() and not desk.prompt().startswith("Question"):
        desk.judge("right")
    expect(page.locator(".prompt")).to_contain_text("Question")
    desk.judge("first")


def is_paid(page: Page, project: Project, batch: Batch) -> None:
    """The answer is accepted, and those of the calibration with it; then they are payable."""
    with planes.in_workspace(batch.workspace_id):
        done = Annotation.objects.get(batch=batch)
        accepting.accept(annotation_ids=[done.pk], reviewer_id=project.created_by_id)

    def is_payable() -> bool:
        page.goto("/earnings/")
        return "$0.00" not in stat(page, "Earned and owed to you")

    wait_until(is_payable, 30, "the pay")


def stat(page: Page, name: str) -> str:
    """The figure with this name on the page of earnings."""
    found = page.locator(".stat").filter(has=page.get_by_text(name)).locator(".stat-value")
    return found.inner_text() if found.count() else "$0.00"
