"""The reviewers' queue by keyboard: every key does what the sheet says, and the page stays where it is."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from projects.plan.models import Project
from projects.review.models import BulkAccept
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.people import make_annotator

pytestmark = pytest.mark.browser
NOTE = "The reason names no source."


@dataclass
class Reviewed:
    """A project with answers to review."""

    tenant: Tenant
    project: Project

    @property
    def address(self) -> str:
        return reverse("review", args=[self.tenant.workspace.slug, self.project.pk])

    def states(self) -> dict[str, int]:
        """How many answers are in each state."""
        with planes.in_workspace(self.tenant.pk):
            rows = Annotation.objects.filter(project=self.project)
            return dict(Counter(rows.values_list("state", flat=True)))


@pytest.fixture
def reviewed(site: Site) -> Reviewed:
    """Two annotators have answered three items each."""
    tenant = make_workspace()
    project = make_project(tenant, overlap=2)
    make_batch(project, items=3)
    for annotator in (make_annotator(project, "Ada"), make_annotator(project, "Ben")):
        for _ in range(3):
            assert annotator.submit(annotator.lease() or {}).status_code == 201
    return Reviewed(tenant, project)


def test_a_reviewer_works_through_the_queue_by_keyboard(
    browse: Callable[..., Page], reviewed: Reviewed, watch: Watch
) -> None:
    watch.allow(r"status of 422")
    page = browse(reviewed.tenant.owner)
    page.goto(f"{reviewed.address}?order=oldest")
    here = page.url
    answers, current = page.locator("[data-answer]"), page.locator("[data-answer]:focus")
    expect(answers).to_have_count(6)
    press = page.keyboard.press

    press("?")
    expect(page.locator("#review-keys")).to_be_visible()
    press("?")
    expect(page.locator("#review-keys")).to_be_hidden()

    press("j")
    first = current.get_attribute("aria-labelledby")
    press("j")
    assert current.get_attribute("aria-labelledby") != first
    press("k")
    assert current.get_attribute("aria-labelledby") == first

    # Accept the first answer: it is decided in its card, and the next one has the focus.
    press("a")
    expect(answers).to_have_count(5)
    expect(page.locator("#announcer")).to_have_text("Accepted.")
    expect(current).to_have_count(1)
    assert reviewed.states() == {"accepted": 1, "submitted": 5}

    # Send the next one back. A note that says nothing is refused in place.
    press("r")
    note = page.locator("[data-form='return'] textarea")
    expect(note).to_be_focused()
    page.keyboard.type("no")
    press("Tab")
    press("Enter")
    expect(page.locator("[data-form='return'] .field-bad")).to_be_visible()
    expect(note).to_be_focused()
    note.fill(NOTE)
    press("Tab")
    press("Enter")
    expect(answers).to_have_count(4)
    # The focus comes a moment after the card.
    expect(current).to_have_count(1)

    # Reject with a coded reason, a rule and a note. Escape closes the forms first.
    press("x")
    expect(page.locator("[data-form='reject'] input[type='radio']").first).to_be_focused()
    press("Escape")
    expect(page.locator("[data-form]")).to_have_count(0)
    expect(current).to_have_count(1)
    press("x")
    expect(page.locator("[data-form='reject'] input[type='radio']").first).to_be_focused()
    press("Space")
    page.locator("[data-form='reject'] select").select_option("R1")
    page.locator("[data-form='reject'] textarea").fill(NOTE)
    press("Tab")
    press("Enter")
    expect(answers).to_have_count(3)
    assert page.url == here
    assert reviewed.states() == {"accepted": 1, "rejected": 1, "returned": 1, "submitted": 3}

    # Tick two, accept them together, and undo it.
    expect(current).to_have_count(1)
    press("Space")
    press("j")
    press("Space")
    expect(page.locator("[data-ticked]")).to_have_text("2")
    page.get_by_role("button", name="Accept the ticked").click()
    expect(page.get_by_text("2 answers are accepted in ten minutes")).to_be_visible()
    expect(page.get_by_text("unless undone")).to_have_count(2)
    press("u")
    expect(page.get_by_text("Undone. Nothing was accepted.")).to_be_visible()
    assert page.url == here
    assert reviewed.states()["submitted"] == 3
    with planes.in_workspace(reviewed.tenant.pk):
        [bulk] = BulkAccept.objects.filter(project=reviewed.project)
        assert isinstance(bulk.cancelled_by_id, uuid.UUID)


def test_it_works_without_scripts(browse: Callable[..., Page], reviewed: Reviewed) -> None:
    page = browse(reviewed.tenant.owner, javascript=False)
    page.goto(f"{reviewed.address}?order=oldest")
    here = page.url
    page.get_by_role("button", name="Accept the answer of").first.click()
    assert page.url == here
    page.get_by_role("link", name="Send back or reject").first.click()
    page.locator("[data-form='return'] textarea").fill(NOTE)
    page.get_by_role("button", name="Send back").click()
    assert page.url == here
    page.locator("input[name='annotation']").first.check()
    page.get_by_role("button", name="Accept the ticked").click()
    page.get_by_role("button", name="Undo").click()
    assert page.url == here
    assert reviewed.states() == {"accepted": 1, "returned": 1, "submitted": 4}
