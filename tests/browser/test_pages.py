"""The pages of strangers and annotators: nothing to scroll sideways for, no fault, accessible."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.desk_page import Desk
from tests.browser.furnished import Furnished
from tests.browser.page_checks import WIDTHS, height, look
from tests.browser.watch import Watch
from tests.people import make_user

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STRANGER = {
    "home": "/",
    "login": "/accounts/login/",
    "signup": "/accounts/signup/",
    "password-reset": "/accounts/password/reset/",
    "password-reset-done": "/accounts/password/reset/done/",
    "invitation": "/invitations/{invitation}/",
    "invitation-over": "/invitations/nothing/",
    "not-found": "/nothing-here/",
}
ANNOTATOR = {
    "work": "/work/",
    "work-guideline": "/work/{place}/guideline/",
    "desk": "/work/{place}/",
    "earnings": "/earnings/",
    "earnings-project": "/earnings/{place}/",
    "tokens": "/work/tokens/",
}
HARD = {
    "work-hard": "/work/",
    "work-guideline-hard": "/work/{hard_place}/guideline/",
    "desk-hard": "/work/{hard_place}/",
    "earnings-hard": "/earnings/",
    "tokens-hard": "/work/tokens/",
}
NEWCOMER = {"desk-empty": "/work/{empty_place}/", "earnings-empty": "/earnings/"}
# Of somebody who works nowhere.
OUTSIDER = {"tokens-nowhere": "/work/tokens/"}
VIEWS = {
    "stranger": STRANGER,
    "annotator": ANNOTATOR,
    "hard": HARD,
    "newcomer": NEWCOMER,
    "outsider": OUTSIDER,
}
ALL = [(who, name) for who, pages in VIEWS.items() for name in pages]


@pytest.mark.parametrize(("who", "name"), ALL, ids=[name for _, name in ALL])
def test_page(
    browse: Callable[..., Page],
    ground: Furnished,
    watch: Watch,
    screenshots: Path,
    who: str,
    name: str,
) -> None:
    watch.allow(r"status of 404 .*(nothing-here|invitations)")
    people = {
        "annotator": ground.people[0].user,
        "hard": ground.hard.user,
        "newcomer": ground.newcomer.user,
        "outsider": ground.tenant.owner,
    }
    found = []
    for width in WIDTHS:
        page = browse(people.get(who), width=width, height=height(width))
        page.goto(ground.address(VIEWS[who][name]))
        # The desk is a frame with a dock: its picture is what one sees.
        found += look(page, screenshots / f"{name}-{width}", whole=not name.startswith("desk"))
    assert not found, "\n".join(found)


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
    page.screenshot(path=screenshots / "admin-1440-light.jpg", type="jpeg")
    assert "staff" in page.title().lower()
