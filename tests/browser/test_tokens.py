"""An annotator makes a token on the page, works by it over HTTP, and revokes it; with scripts and without."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_checks import WIDTHS, height, look
from tests.browser.records import answers_of
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.journey.caller import Caller
from tests.people import Annotator

pytestmark = pytest.mark.browser
SECRET = re.compile(r"^rlh_[\w-]{30,}$")


def make(page: Page, name: str) -> str:
    """Make a token on the page. Returns its secret."""
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the token").click()
    shown = page.get_by_label("New API token")
    expect(shown).to_have_value(SECRET)
    return shown.input_value()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "plain"])
def test_made_used_and_revoked(
    browse: Callable[..., Page], site: Site, ada: Annotator, watch: Watch, javascript: bool
) -> None:
    page = browse(ada.user, javascript=javascript)
    page.goto("/work/")
    page.get_by_role("button", name="Account menu").click()
    page.get_by_role("link", name="Tokens").click()
    secret = make(page, "My laptop")
    caller = Caller(site, secret)
    with caller.http:
        lease = caller.post("desk/lease/")
        answer = {"answer": {"preference": {"choice": lease["responses"][0]["key"]}}}
        caller.post(f"desk/leases/{lease['id']}/submit/", answer, status=201)
        assert len(answers_of(ada)) == 1
        page.goto("/work/tokens/")
        row = page.get_by_role("row").filter(has_text="My laptop")
        expect(row).not_to_contain_text("never")
        assert secret not in page.content()
        page.on("dialog", lambda dialog: dialog.accept())
        row.get_by_role("button", name="Revoke My laptop").click()
        expect(page.get_by_text("The token is revoked.")).to_be_visible()
        expect(row).to_contain_text("revoked")
        caller.post("desk/lease/", status=401)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_secret_is_copied(
    browse: Callable[..., Page], ada: Annotator, screenshots: Path, width: int
) -> None:
    rights = ["clipboard-read", "clipboard-write"]
    page = browse(ada.user, width=width, height=height(width), permissions=rights)
    page.goto("/work/tokens/")
    secret = make(page, "My laptop")
    found = look(page, screenshots / f"tokens-made-{width}")
    assert not found, "\n".join(found)
    page.get_by_role("button", name="Copy the token").click()
    expect(page.locator("[data-copy][data-done]")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
