"""Every page, wide and narrow, light and dark: nothing to scroll sideways for, no fault, accessible."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from rlhfhub.tenancy.models import User
from tests.browser.accessibility import violations
from tests.browser.desk_page import Desk
from tests.browser.furnished import Furnished, furnish
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.people import make_user

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = (1440, 390)
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def ground(site: Site) -> Furnished:
    return furnish(site)


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
OWNER = {
    "workspaces": "/",
    "workspace-new": "/workspaces/new/",
    "workspace": "{base}/",
    "project": "{base}/projects/{project}/",
    "project-empty": "{base}/projects/{empty}/",
    "project-hard": "{base}/projects/{hard_project}/",
    "project-new": "{base}/projects/new/",
    "guidelines": "{base}/projects/{project}/guidelines/",
    "guidelines-empty": "{base}/projects/{empty}/guidelines/",
    "review": "{base}/projects/{project}/review/",
    "review-hard": "{base}/projects/{hard_project}/review/",
    "review-empty": "{base}/projects/{empty}/review/",
    "exports": "{base}/projects/{project}/exports/",
    "exports-empty": "{base}/projects/{empty}/exports/",
    "batch-draft": "{base}/batches/{draft}/",
    "batch-imported": "{base}/batches/{imported}/",
    "batch-funded": "{base}/batches/{funded}/",
    "batch-open": "{base}/batches/{open}/",
    "batch-closed": "{base}/batches/{closed}/",
    "members": "{base}/members/",
    "keys": "{base}/keys/",
    "money": "{base}/money/",
    "foreign": "/w/nothing-here/",
    "account-email": "/accounts/email/",
    "account-password": "/accounts/password/change/",
    "account-logout": "/accounts/logout/",
}
ANNOTATOR = {
    "work": "/work/",
    "work-guideline": "/work/{place}/guideline/",
    "desk": "/work/{place}/",
    "earnings": "/earnings/",
}
HARD = {
    "work-hard": "/work/",
    "work-guideline-hard": "/work/{hard_place}/guideline/",
    "desk-hard": "/work/{hard_place}/",
    "earnings-hard": "/earnings/",
}
NEWCOMER = {"desk-empty": "/work/{empty_place}/", "earnings-empty": "/earnings/"}
VIEWS = {
    "stranger": STRANGER,
    "owner": OWNER,
    "annotator": ANNOTATOR,
    "hard": HARD,
    "newcomer": NEWCOMER,
}
ALL = [(who, name) for who, pages in VIEWS.items() for name in pages]


def address(ground: Furnished, who: str, name: str) -> str:
    return VIEWS[who][name].format(
        base=ground.base,
        project=ground.project.pk,
        empty=ground.empty.pk,
        hard_project=ground.hard.enrollment.project_id,
        invitation=ground.invitation,
        place=ground.people[0].enrollment.pk,
        hard_place=ground.hard.enrollment.pk,
        empty_place=ground.newcomer.enrollment.pk,
        **{name: batch.pk for name, batch in ground.batches.items()},
    )


def person(ground: Furnished, who: str) -> User | None:
    return {
        "stranger": None,
        "owner": ground.tenant.owner,
        "annotator": ground.people[0].user,
        "hard": ground.hard.user,
        "newcomer": ground.newcomer.user,
    }[who]


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
    path = address(ground, who, name)
    found = []
    for width in WIDTHS:
        page = browse(person(ground, who), width=width, height=900 if width > 800 else 844)
        page.goto(path)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            # The desk is a frame with a dock: its picture is what one sees.
            whole = not name.startswith("desk")
            page.screenshot(path=screenshots / f"{name}-{width}-{scheme}.png", full_page=whole)
            found += [f"{width} {scheme}: {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", WIDTHS)
def test_desk_in_all_its_states(
    browse: Callable[..., Page], ground: Furnished, screenshots: Path, width: int
) -> None:
    # Another person at each width: a draft would come along.
    person = ground.people[1 + WIDTHS.index(width)]
    desk = Desk(browse(person.user, width=width, height=900 if width > 800 else 844))
    desk.open(person.enrollment)
    found = []
    for state, keys in DESK_STATES.items():
        desk.press(*keys)
        desk.page.wait_for_timeout(250)
        for scheme in SCHEMES:
            desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            desk.page.screenshot(path=screenshots / f"desk-{state}-{width}-{scheme}.png")
            found += [f"{state} {scheme}: {fault}" for fault in faults(desk.page)]
    assert not found, "\n".join(found)


DESK_STATES = {
    "missing": ["Enter"],
    "chosen": ["1"],
    "writing": ["r", "T", "o", "o"],
    "help": ["Escape", "?"],
    "return": ["?", "x"],
    "drawer": ["x", "g"],
}


def faults(page: Page) -> list[str]:
    return sideways(page) + violations(page) + unnamed(page)


def sideways(page: Page) -> list[str]:
    """Elements that stick out of the page, where the page itself would have to be scrolled for them."""
    return page.evaluate(
        """() => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) return [];
          const out = [...document.body.querySelectorAll("*")].filter(
            (one) => one.getBoundingClientRect().right > root.clientWidth + 1);
          const shown = out.slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
          return ["scrolls sideways: " + root.scrollWidth + " " + shown];
        }"""
    )


def unnamed(page: Page) -> list[str]:
    """Every page has a title of its own, one main heading, and a language."""
    wrong = []
    if not re.fullmatch(r".+ · RLHFHub", page.title()):
        wrong.append(f"title: {page.title()!r}")
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.locator('h1').count()} main headings")
    return wrong


@pytest.mark.parametrize("path", ["/api/v1/docs/", "/admin/login/"])
def test_pages_of_packages_stay_on_this_machine(browse: Callable[..., Page], path: str) -> None:
    page = browse()
    page.goto(path)
    page.wait_for_load_state("networkidle")


def test_staff(browse: Callable[..., Page], ground: Furnished, screenshots: Path) -> None:
    page = browse(make_user("Staff", is_staff=True))
    page.goto("/admin/")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=screenshots / "admin-1440-light.png", full_page=True)
    assert "staff" in page.title().lower()
