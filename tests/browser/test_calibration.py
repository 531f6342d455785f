"""A manager calibrates five annotators in a browser: from the round to the open gate, and after a major version."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from projects.plan.models import Project
from rlhfhub.tenancy.roles import Role
from tests.browser.desk_page import Desk
from tests.browser.watch import Watch
from tests.calibration import made
from tests.factories import Tenant, make_batch, make_workspace
from tests.people import make_member, make_user

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LIVE_MS = 30_000
# The earliest verdicts of the usual rule: eleven right answers, or four wrong ones.
PASSES, FAILS = 11, 4


def test_from_a_round_to_a_recalibration(browse: Callable[..., Page], watch: Watch) -> None:
    watch.allow(r"status of 422 .*/calibration/new/")  # the pool is too small
    tenant = make_workspace("Careful Lab")
    project = made.make_asking_project(tenant, name="Which reply is right")
    made.make_pool(project, 2 * made.ITEMS, rules=("R1",))
    batch = make_batch(project, 2, open=False)
    manager = browse(make_member(tenant.workspace, Role.MANAGER))
    address = f"/w/{tenant.workspace.slug}/batches/{batch.pk}/"

    make_a_round(manager, tenant, project)
    the_gate_is_closed(manager, address)

    people = [make_user(name) for name in ("Ada", "Ben", "Cleo", "Dora", "Emil")]
    pages = [browse(person) for person in people]
    for page in pages:
        join(page, project)
    for page in pages[:3]:
        answer(page, "right", PASSES)
        see_the_verdict(page, "passed")
    for page in pages[3:]:
        answer(page, "wrong", FAILS)
        see_the_verdict(page, "not passed")
        see_why(page)
    try_again(pages[3])
    answer(pages[3], "right", PASSES, left=True)
    see_the_verdict(pages[3], "passed")

    the_gate_opens(manager, tenant, project, address)
    start_working(pages[0], "Question")
    publish_a_major_version(manager, tenant, project)
    is_asked_again(pages[0])


def make_a_round(page: Page, tenant: Tenant, project: Project) -> None:
    page.goto(f"/w/{tenant.workspace.slug}/projects/{project.pk}/calibration/")
    page.get_by_role("link", name="New round").click()
    expect(page.get_by_text("80 more are needed for two attempts")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^60"))).to_contain_text("too few")
    page.get_by_label("Items per attempt").fill("21")
    page.get_by_label("Annotators", exact=True).focus()
    expect(page.get_by_role("row", name=re.compile("^21"))).to_contain_text("too few")
    expect(page.get_by_text("2 more are needed for two attempts")).to_be_visible()
    page.get_by_label("Annotators", exact=True).fill("6")
    page.get_by_label("Passes that open main batches").fill("4")
    page.get_by_label("Hours before a second attempt").fill("0")
    page.get_by_role("button", name="Draw the items").click()
    expect(page.get_by_text("need 42 different ones").first).to_be_visible()
    page.get_by_label("Items per attempt").fill(str(made.ITEMS))
    page.get_by_role("button", name="Draw the items").click()
    expect(page.get_by_text("$54.00")).to_be_visible()  # 20 items, 6 and 3 annotators, 0.30 each
    page.get_by_role("button", name="Fund and open the round").click()
    expect(page.get_by_text("Batches of your data wait")).to_be_visible()


def the_gate_is_closed(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Open the batch").click()
    expect(page.get_by_text("Round 1 needs 4 who pass, and 0 have passed so far.")).to_be_visible()


def join(page: Page, project: Project) -> None:
    page.goto("/work/")
    card = page.get_by_role("article").filter(has_text=project.name)
    card.get_by_role("link", name="Read and join").click()
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_text("First you answer items with a known right answer")).to_be_visible()
    page.get_by_role("button", name="I have read this and accept it").click()
    expect(page.get_by_text(re.compile("Calibration, paid: 0 done, at most 20"))).to_be_visible()


def answer(page: Page, verdict: str, count: int, *, left: bool = False) -> None:
    """Answer so many items; with `left`, an item may still be held from before.

    That is faster than answers are marked: the desk pauses now and then, and goes on by itself.
    """
    desk, paused = Desk(page), page.get_by_role("heading", name="Your answers are being marked")
    for _ in range(count + left):
        expect(desk.shown()).to_be_visible()
        expect(paused).to_have_count(0, timeout=LIVE_MS)
        if desk.has_work():
            desk.judge(verdict)


def see_the_verdict(page: Page, verdict: str) -> None:
    """A worker marks the answers a moment later."""
    own = re.sub(r"(/work/[^/]+/).*", r"\1calibration/", page.url)
    newest = page.locator("[aria-labelledby=attempts-title] li").first
    for _ in range(60):
        page.goto(own)
        if newest.get_by_text(verdict, exact=True).count():
            break
        page.wait_for_timeout(500)
    expect(newest.get_by_text(verdict, exact=True)).to_be_visible()


def see_why(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"0 of 4 judged answers were right"))).to_be_visible()
    first = page.get_by_role("article").first
    expect(first.get_by_text("wrong", exact=True)).to_be_visible()
    expect(first).to_contain_text("Right is")
    expect(first.get_by_role("link", name=re.compile("^R1 Be fair"))).to_be_visible()


def try_again(page: Page) -> None:
    page.get_by_role("button", name="Begin another attempt").click()
    expect(page.locator("[data-lease]")).to_be_visible()


def the_gate_opens(page: Page, tenant: Tenant, project: Project, address: str) -> None:
    page.goto(f"/w/{tenant.workspace.slug}/projects/{project.pk}/calibration/")
    page.get_by_role("link", name="Round 1").click()
    expect(page.get_by_text("Batches of your data may open: 4 annotators passed")).to_be_visible(
        timeout=LIVE_MS
    )
    page.get_by_text("Show as a table").click()
    rows = page.locator("#chart-round-funnel-table tbody tr")
    expect(rows).to_have_text(
        [
            re.compile(f"{name}\\s*{count}")
            for name, count in (
                ("Began", 5),
                ("Running", 0),
                ("Passed", 4),
                ("Not passed", 1),
                ("Left", 0),
            )
        ]
    )
    page.goto(address)
    page.get_by_role("button", name="Open the batch").click()
    expect(page.get_by_text("The batch is open.")).to_be_visible()


def start_working(page: Page, prompt: str) -> None:
    """An item of calibration may still be held; the next one is of the data."""
    page.goto(re.sub(r"(/work/[^/]+/).*", r"\1", page.url))
    desk = Desk(page)
    if desk.has_work() and not desk.prompt().startswith(prompt):
        desk.judge("right")
    expect(page.locator(".prompt")).to_contain_text(prompt)
    desk.judge("first")


def publish_a_major_version(page: Page, tenant: Tenant, project: Project) -> None:
    page.goto(f"/w/{tenant.workspace.slug}/projects/{project.pk}/guidelines/")
    page.locator("textarea[name=text]").fill("# Be fair\n\nEverything is new.")
    page.get_by_role("radio", name=re.compile("Major")).check()
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()


def is_asked_again(page: Page) -> None:
    """The item that is held may be finished; then the new version comes, and after it calibration."""
    desk = Desk(page)
    if desk.lease.is_visible():
        desk.press("1", "Enter")
    expect(page.get_by_role("article", name="version 2")).to_contain_text("Everything is new.")
    page.get_by_role("button", name="I have read this and accept it").click()
    expect(page.get_by_role("heading", name="You will calibrate once more")).to_be_visible()
