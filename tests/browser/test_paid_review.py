"""A paid reviewer's desk: labels by keyboard, the answer in sight, wide and narrow; and the words beside the answer."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from projects.items.services import Plan
from projects.review.models import Source
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.browser.desk_page import Desk
from tests.browser.page_checks import WIDTHS, height, look
from tests.browser.records import answers_of
from tests.browser.site import Site
from tests.factories import make_batch, make_project, make_workspace, publish_guidelines
from tests.paid_reviews import ask, opened, project_of
from tests.people import make_annotator

pytestmark = pytest.mark.browser
RULES = "# Be fair\n\nRead both.\n\n# Facts before style\n\nA wrong fact loses.\n\n# Ties\n\nOnly if nothing differs."


def test_a_reviewer_labels_an_answer(
    browse: Callable[..., Page], site: Site, screenshots: Path
) -> None:
    tenant = make_workspace("Reviewed")
    project = make_project(tenant, publish=False)
    publish_guidelines(project, RULES)
    project.refresh_from_db()
    batch = make_batch(project, 3, plan=Plan(overlap=1, share_percent=0))
    author = make_annotator(project)
    for _ in range(3):
        lease = author.lease()
        assert lease
        author.submit(lease, 0, "The first one names its source, the second one does not.")
    review = opened(ask(batch, tenant))
    reviewer = make_annotator(project_of(review))
    found = []
    for width in WIDTHS:
        desk = Desk(browse(reviewer.user, width=width, height=height(width)))
        desk.open(reviewer.enrollment)
        assert desk.has_work()
        expect(desk.page.get_by_text("names its source")).to_be_visible()
        found += look(desk.page, screenshots / f"desk-review-{width}", whole=False)
    assert found == []
    first = desk.lease_id()
    desk.press("Enter")
    expect(desk.note).to_have_text("Choose one first.")
    desk.press("3", "2")
    chosen = [
        one.get_attribute("data-choose") for one in desk.page.locator("[data-choose]:checked").all()
    ]
    assert chosen == ["broken", "R2"]
    desk.page.locator("textarea:visible").fill("It names no source.")
    desk.press("Control+Enter")
    desk.expect_next(first)
    [answer] = answers_of(reviewer)
    said = {"verdict": "broken", "rule": "R2", "note": "It names no source."}
    assert answer.answer == said
    assert (answer.units, answer.judged) == (["verdict", "rule"], [2, 1])
    with_words = reverse("review_one", args=[tenant.workspace.slug, project.pk, source_of(answer)])
    for name, address in (
        ("advice", with_words),
        ("paid-review-form", reverse("paid_review", args=[tenant.workspace.slug, batch.pk])),
    ):
        for width in WIDTHS:
            page = browse(tenant.owner, width=width, height=height(width))
            page.goto(address)
            found += look(page, screenshots / f"{name}-{width}")
    assert found == []


def source_of(verdict: Annotation) -> uuid.UUID:
    """The id of the answer that the verdict judges."""
    with planes.as_system():
        rows = Source.objects.values_list("annotation_id", flat=True)
        return rows.get(item=verdict.item_id)
