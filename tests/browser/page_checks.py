"""Checks and screenshots of a page, wide and narrow, light and dark."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from rlhfhub.tenancy.models import User
from tests.browser.accessibility import violations
from tests.browser.furnished import Furnished
from tests.row import Look, Row

WIDTHS = (1440, 390)
SCHEMES = ("light", "dark")


def height(width: int) -> int:
    """Return the height of a usual screen of this width."""
    return 900 if width > 800 else 844


def schemes_at(width: int) -> tuple[str, ...]:
    """Return the color schemes that a page is looked at in: one a width, and both with RLHFHUB_ALL_LOOKS."""
    if os.environ.get("RLHFHUB_ALL_LOOKS"):
        return SCHEMES
    return SCHEMES[:1] if width > 800 else SCHEMES[1:]


def look(page: Page, picture: Path, *, whole: bool = True) -> list[str]:
    """Save a screenshot of the page in the schemes of its width, and check it in them. Returns its faults."""
    found = []
    size = page.viewport_size
    assert size
    for scheme in schemes_at(size["width"]):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        target = picture.with_name(f"{picture.name}-{scheme}.png")
        page.screenshot(path=target, full_page=whole)
        found += [f"{picture.name} {scheme}: {fault}" for fault in faults(page)]
    return found


def looked(
    browse: Callable[..., Page],
    user: User | None,
    address: str,
    picture: Path,
    *,
    whole: bool = True,
) -> list[str]:
    """Open the address as this user, wide and narrow, and `look` at it. Returns all its faults."""
    found = []
    for width in WIDTHS:
        page = browse(user, width=width, height=height(width))
        page.goto(address)
        found += look(page, picture.with_name(f"{picture.name}-{width}"), whole=whole)
    return found


def faults_of_look(
    browse: Callable[..., Page], furnished: Furnished, row: Row, look_at: Look, screenshots: Path
) -> list[str]:
    """Open the look of a row of tests/routes.py as its identity, wide and narrow. Returns all faults."""
    return looked(
        browse,
        furnished.user(look_at.who),
        furnished.address(row, look_at),
        screenshots / look_at.name,
        # The desk scrolls inside the viewport: a screenshot of the viewport shows all there is.
        whole=row.name != "desk",
    )


def faults(page: Page) -> list[str]:
    """Return the faults of the page in its present state."""
    return sideways(page) + violations(page) + unnamed(page)


def sideways(page: Page) -> list[str]:
    """Return the elements that make the page scroll sideways."""
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
    """Return what the page lacks of a title of its own and one main heading."""
    wrong = []
    if not re.fullmatch(r".+ · RLHFHub", page.title()):
        wrong.append(f"title: {page.title()!r}")
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.locator('h1').count()} main headings")
    return wrong
