"""The pages of strangers and annotators, by tests/routes.py: nothing to scroll sideways for, no fault, accessible."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.desk_page import Desk
from tests.browser.furnished import Furnished
from tests.browser.page_checks import WIDTHS, faults_of_look, height, look, looked
from tests.browser.watch import Watch
from tests.identities import OWNER
from tests.people import make_user
from tests.routes import PAGES
from tests.row import Look, Row

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOOKS = [(row, one) for row in PAGES for one in row.looks if one.who != OWNER]


@pytest.mark.parametrize(("row", "look_at"), LOOKS, ids=[one.name for _, one in LOOKS])
def test_page(
    browse: Callable[..., Page],
    ground: Furnished,
    watch: Watch,
    screenshots: Path,
    row: Row,
    look_at: Look,
) -> None:
    watch.allow(r"status of 404 .*invitations")
    assert faults_of_look(browse, ground, row, look_at, screenshots) == []


def test_a_page_that_is_not_there(
    browse: Callable[..., Page], watch: Watch, screenshots: Path
) -> None:
    watch.allow(r"status of 404 .*nothing-here")
    assert looked(browse, None, "/nothing-here/", screenshots / "not-found") == []


@pytest.mark.parametrize("path", ["/", "/work/", "/w/{slug}/"])
def test_a_phone_shows_the_whole_menu(
    browse: Callable[..., Page], ground: Furnished, path: str
) -> None:
    page = browse(ground.tenant.owner, width=WIDTHS[1], height=height(WIDTHS[1]))
    page.goto(path.format(slug=ground.tenant.workspace.slug))
    links = page.locator(".topbar-nav")
    assert links.evaluate("nav => nav.scrollWidth - nav.clientWidth") <= 0


DESK_STATES = {
    "missing": ["Enter"],
    "chosen": ["1"],
    "writing": ["r", "T", "o", "o"],
    "help": ["Escape", "?"],
    "return": ["?", "x"],
    "drawer": ["x", "g"],
}


@pytest.mark.parametrize("width", WIDTHS)
def test_desk_in_all_its_states(
    browse: Callable[..., Page], ground: Furnished, screenshots: Path, width: int
) -> None:
    # Another person at each width: a draft would come along.
    person = ground.people[1 + WIDTHS.index(width)]
    desk = Desk(browse(person.user, width=width, height=height(width)))
    desk.open(person.enrollment)
    found = []
    for state, keys in DESK_STATES.items():
        desk.press(*keys)
        desk.page.wait_for_timeout(250)
        found += look(desk.page, screenshots / f"desk-{state}-{width}", whole=False)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["/api/v1/docs/", "/admin/login/"])
def test_pages_of_packages_stay_on_this_machine(browse: Callable[..., Page], path: str) -> None:
    page = browse()
    page.goto(path)
    page.wait_for_load_state("networkidle")


def test_staff(browse: Callable[..., Page], ground: Furnished, screenshots: Path) -> None:
    page = browse(make_user("Staff", is_staff=True))
    page.goto("/admin/")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=screenshots / "admin-1440-light.png")
    assert "staff" in page.title().lower()
