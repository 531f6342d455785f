"""A page looked at wide and narrow, light and dark: what is wrong with it, and its picture."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from rlhfhub.tenancy.models import User
from tests.browser.accessibility import violations

WIDTHS = (1440, 390)
SCHEMES = ("light", "dark")


def height(width: int) -> int:
    """Of a usual screen as wide as that."""
    return 900 if width > 800 else 844


def look(page: Page, picture: Path, *, whole: bool = True) -> list[str]:
    """Look at the page in light and dark. Returns its faults, and keeps a picture of each."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        target = picture.with_name(f"{picture.name}-{scheme}.jpg")
        page.screenshot(path=target, full_page=whole, type="jpeg", quality=85)
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
    """Open the address as this user, wide and narrow, and look. Returns all its faults."""
    found = []
    for width in WIDTHS:
        page = browse(user, width=width, height=height(width))
        page.goto(address)
        found += look(page, picture.with_name(f"{picture.name}-{width}"), whole=whole)
    return found


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands."""
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
