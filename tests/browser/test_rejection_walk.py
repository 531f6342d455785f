"""A rejection from both sides in a browser: rejected by a rule, told, appealed, decided by a third person, and paid."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.models import Appeal
from projects.work.models import Annotation
from rlhfhub.devtools.waiting import wait_until
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.browser.desk_page import Desk
from tests.browser.site import Site
from tests.exports.made import run_export
from tests.factories import PRICE, Tenant, make_batch, make_deposit, make_project, make_workspace
from tests.people import Annotator, make_annotator, make_user
from tests.review.money import COST, all_hold, balances, earned, slots, state_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS = 40
WRONG = "The reason names no source, which the rule asks for."
STATEMENT = "The second sentence names the source: the manual, chapter 4."
OUTCOME = "The source is named in the second sentence, so the rule was followed."


class Walk:
    """A workspace whose whole balance pays for two answers, one to each of two items, and two annotators."""

    def __init__(self) -> None:
        self.tenant: Tenant = make_workspace("Careful Lab", money=2 * COST)
        self.project: Project = make_project(self.tenant, name="Which reply is calmer")
        self.batch = make_batch(self.project, 2, plan=Plan(overlap=1, share_percent=0))
        self.ada: Annotator = make_annotator(self.project, "Ada")
        self.ben: Annotator = make_annotator(self.project, "Ben")

    def path(self, rest: str) -> str:
        return f"/w/{self.tenant.workspace.slug}/{rest}"

    def expect_money(self, **expected: int) -> None:
        """Wait until the workspace's accounts hold these and no more; then every invariant holds too."""
        wait_until(lambda: balances(self.tenant) == expected, SECONDS, f"{expected}")
        all_hold()


def test_from_a_rejection_to_the_pay_after_an_appeal(
    browse: Callable[..., Page], site: Site
) -> None:
    walk = Walk()
    owner, annotator, staff = browse(walk.tenant.owner), browse(walk.ada.user), browse(_staff())
    answer = answers(walk, annotator, browse(walk.ben.user))
    walk.expect_money(batch_budget=2 * COST)
    reject(walk, owner, answer)
    walk.expect_money(batch_budget=COST, rejection_hold=COST)
    replacement_waits(walk, owner)
    export_without_it(walk, owner)
    read_and_appeal(walk, annotator)
    decide(walk, staff, answer)
    walk.expect_money(batch_budget=COST)
    wait_until(lambda: earned(walk.ada) == PRICE, SECONDS, "pay from the hold")
    told_and_paid(annotator)
    assert state_of(answer, walk.tenant) == "accepted"
    replacement_is_dropped(walk, owner)
    the_export_is_marked(walk, owner)


def test_a_replacement_is_made_when_the_reserve_is_filled_and_both_slots_stay(
    browse: Callable[..., Page], site: Site
) -> None:
    walk = Walk()
    owner, staff = browse(walk.tenant.owner), browse(_staff())
    answer = answers(walk, browse(walk.ada.user), browse(walk.ben.user))
    reject(walk, owner, answer)
    replacement_waits(walk, owner)
    make_deposit(walk.tenant.workspace, COST)
    owner.goto(walk.path(f"batches/{walk.batch.pk}/"))
    owner.get_by_label("More answers").fill("1")
    owner.get_by_role("button", name="Fill up").click()
    wait_until(lambda: slots(walk.tenant) == {"filled": 2, "open": 1}, SECONDS, "the new slot")
    walk.expect_money(batch_budget=2 * COST, rejection_hold=COST)
    annotator = browse(walk.ada.user)
    read_and_appeal(walk, annotator)
    decide(walk, staff, answer)
    walk.expect_money(batch_budget=2 * COST)
    second = Desk(browse(walk.ben.user))
    second.open(walk.ben.enrollment)
    assert second.has_work()
    second.press("1", "Enter")
    wait_until(lambda: slots(walk.tenant) == {"filled": 3}, SECONDS, "the second answer")
    with planes.in_workspace(walk.tenant.pk):
        item = Annotation.objects.get(pk=answer).item_id
        states = Annotation.objects.filter(item=item).order_by("submitted_at")
        assert list(states.values_list("state", flat=True)) == ["accepted", "submitted"]
    all_hold()


def _staff() -> User:
    return make_user("Stella Staff", is_staff=True)


def answers(walk: Walk, first: Page, second: Page) -> uuid.UUID:
    """Each annotator holds and judges one item. Returns the id of the first one's answer."""
    desks = [Desk(first), Desk(second)]
    for desk, person in zip(desks, (walk.ada, walk.ben), strict=True):
        desk.open(person.enrollment)
        assert desk.has_work()
    for desk in desks:
        lease = desk.lease_id()
        desk.press("1", "Enter")
        desk.expect_next(lease)
    with planes.in_workspace(walk.tenant.pk):
        return Annotation.objects.get(annotator_id=walk.ada.user.pk).pk


def reject(walk: Walk, page: Page, answer: uuid.UUID) -> None:
    page.goto(walk.path(f"projects/{walk.project.pk}/review/{answer}/"))
    card = page.locator("section", has=page.get_by_role("heading", name="Reject", exact=True))
    card.get_by_label("a rule of the guidelines was not followed").check()
    card.get_by_label("Rule that was broken").select_option(index=1)
    card.get_by_label("What is wrong").fill(WRONG)
    card.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Rejected. The annotator may appeal for seven days.")).to_be_visible()


def replacement_waits(walk: Walk, page: Page) -> None:
    def said() -> bool:
        page.goto(walk.path(f"batches/{walk.batch.pk}/"))
        return page.get_by_text("1 rejected answer waits to be given by somebody else").count() > 0

    wait_until(said, SECONDS, "a replacement that waits")
    assert slots(walk.tenant) == {"filled": 2}


def replacement_is_dropped(walk: Walk, page: Page) -> None:
    page.goto(walk.path(f"batches/{walk.batch.pk}/"))
    expect(page.get_by_text("to be given by somebody else")).to_have_count(0)
    assert slots(walk.tenant) == {"filled": 2}


def export_without_it(walk: Walk, page: Page) -> None:
    """An export made while the rejection stands says nothing of changes."""
    run_export(walk.tenant, walk.project, include_undecided=True)
    page.goto(walk.path(f"projects/{walk.project.pk}/exports/"))
    expect(page.get_by_text("counts again")).to_have_count(0)


def the_export_is_marked(walk: Walk, page: Page) -> None:
    page.goto(walk.path(f"projects/{walk.project.pk}/exports/"))
    expect(page.get_by_text(re.compile(r"1 rejected answer\s+counts\s+again"))).to_be_visible()


def read_and_appeal(walk: Walk, page: Page) -> None:
    """The annotator finds the notice, reads the rule and the note, and appeals."""

    def told() -> bool:
        page.goto("/notices/")
        return page.get_by_role("link", name=re.compile("reject", re.I)).count() > 0

    wait_until(told, SECONDS, "the notice of the rejection")
    page.get_by_role("link", name=re.compile("reject", re.I)).first.click()
    page.goto(f"/work/{walk.ada.enrollment.pk}/decisions/")
    expect(page.get_by_text(WRONG)).to_be_visible()
    page.get_by_text("Appeal against this rejection").click()
    page.get_by_label("Your appeal").fill(STATEMENT)
    page.get_by_role("button", name="Send the appeal").click()
    expect(page.get_by_text("rejected, your appeal waits")).to_be_visible()


def decide(walk: Walk, page: Page, answer: uuid.UUID) -> None:
    """One of the staff reads the case without names, and says that the rule was followed."""
    with planes.in_workspace(walk.tenant.pk):
        appeal = Appeal.objects.get(annotation=answer)
    page.goto(f"/admin/projects_review/appeal/{appeal.pk}/change/")
    page.get_by_role("link", name="Read the case and decide").first.click()
    expect(page.get_by_text(STATEMENT)).to_be_visible()
    expect(page.get_by_text(WRONG)).to_be_visible()
    assert "Ada" not in page.locator("#content").inner_text()
    page.locator("textarea[name=note]").fill(OUTCOME)
    page.get_by_role("button", name="The rule was followed: pay").click()
    expect(page.get_by_text("Decided. Both sides are told.")).to_be_visible()


def told_and_paid(page: Page) -> None:
    """The page of decisions gives the outcome with its reason."""
    page.reload()
    expect(page.get_by_text("accepted after your appeal")).to_be_visible()
    expect(page.get_by_text(OUTCOME)).to_be_visible()
