"""The pages of a workspace's members: nothing to scroll sideways for, no fault, accessible."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.furnished import Furnished
from tests.browser.page_checks import WIDTHS, height, look
from tests.browser.watch import Watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = {
    "workspaces": "/",
    "workspace-new": "/workspaces/new/",
    "workspace": "{base}/",
    "project": "{base}/projects/{project}/",
    "project-empty": "{base}/projects/{empty}/",
    "project-hard": "{base}/projects/{hard_project}/",
    "project-new": "{base}/projects/new/",
    "items": "{base}/projects/{project}/items/",
    "items-empty": "{base}/projects/{empty}/items/",
    "items-hard": "{base}/projects/{hard_project}/items/",
    "item": "{base}/items/{item}/",
    "item-returned": "{base}/items/{item_returned}/",
    "item-hard": "{base}/items/{item_hard}/",
    "item-imported": "{base}/items/{item_imported}/",
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


@pytest.mark.parametrize("name", PAGES)
def test_page(
    browse: Callable[..., Page], ground: Furnished, watch: Watch, screenshots: Path, name: str
) -> None:
    watch.allow(r"status of 404 .*nothing-here")
    found = []
    for width in WIDTHS:
        page = browse(ground.tenant.owner, width=width, height=height(width))
        page.goto(ground.address(PAGES[name]))
        found += look(page, screenshots / f"{name}-{width}")
    assert not found, "\n".join(found)
