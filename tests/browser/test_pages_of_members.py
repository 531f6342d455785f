"""The pages of a workspace's members, by tests/routes.py: nothing to scroll sideways for, no fault, accessible."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.furnished import Furnished
from tests.browser.page_checks import faults_of_look
from tests.browser.watch import Watch
from tests.identities import OWNER
from tests.routes import PAGES
from tests.row import Look, Row

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOOKS = [(row, one) for row in PAGES for one in row.looks if one.who == OWNER]


@pytest.mark.parametrize(("row", "look_at"), LOOKS, ids=[one.name for _, one in LOOKS])
def test_page(
    browse: Callable[..., Page],
    ground: Furnished,
    watch: Watch,
    screenshots: Path,
    row: Row,
    look_at: Look,
) -> None:
    watch.allow(r"status of 404 .*nothing-here")
    assert faults_of_look(browse, ground, row, look_at, screenshots) == []
