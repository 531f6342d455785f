"""The REST docs and the staff's site work under their Content-Security-Policy: the watch fails on a violation."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.furnished import Furnished
from tests.people import make_user

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STAFF = (
    "/admin/",
    "/admin/projects_plan/project/",
    "/admin/billing_ledger/account/",
    "/admin/billing_ledger/journal/",
    "/admin/projects_work/annotation/",
    "/admin/rlhfhub_tenancy/auditentry/",
    "/admin/password_change/",
)


def test_the_docs_show_and_try_an_operation(browse: Callable[..., Page]) -> None:
    page = browse(None)
    page.goto("/api/v1/docs/")
    # Swagger UI shows operations as one scrolls to them.
    expect(page.get_by_text("/api/v1/alerts/{alert}/", exact=True).first).to_be_visible()
    page.locator(".opblock-get").first.click()
    page.get_by_role("button", name="Try it out").first.click()
    expect(page.get_by_role("button", name="Execute").first).to_be_visible()


def test_staff_work_in_the_admin(browse: Callable[..., Page], ground: Furnished) -> None:
    page = browse(make_user("Stella Staff", is_staff=True))
    for path in STAFF:
        page.goto(path)
        expect(page.locator("#main, main, #content").first).to_be_visible()
    # Alpine runs: without 'unsafe-eval' the search lies over the page.
    page.goto("/admin/projects_plan/project/")
    page.get_by_role("link", name="Filters").or_(page.get_by_text("Filters")).first.click()
    expect(page.get_by_text("By access").first).to_be_visible()
