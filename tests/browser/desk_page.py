"""A page object of the desk, used by keyboard."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect


class Desk:
    """The desk's page: reads its parts and presses its keys."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lease = page.locator("[data-lease]")
        self.empty = page.locator("#_empty")
        self.over = page.locator("#_error")
        self.note = page.locator("[data-note]")
        self.reason = page.locator("[data-reason]")
        self.submit_button = page.locator(".dock-submit")

    def open(self, enrollment: Any) -> None:
        """Go to the desk of an enrollment."""
        self.page.goto(f"/work/{enrollment.pk}/")

    def shown(self) -> Locator:
        """Whichever part is shown: a lease, the empty desk, or the end of a lease."""
        return self.lease.or_(self.empty).or_(self.over)

    def has_work(self) -> bool:
        """Wait for the page and its script, which reads the keys. Returns whether it shows a lease."""
        expect(self.shown()).to_be_visible()
        self.page.wait_for_load_state()
        return self.lease.is_visible()

    def lease_id(self) -> str:
        """Return the id of the lease that is shown; empty if none."""
        return self.lease.get_attribute("data-lease") or ""

    def prompt(self) -> str:
        """Return the visible text of the prompt."""
        return self.page.locator(".prompt .reading").last.inner_text().strip()

    def responses(self) -> list[str]:
        """Return the visible texts of the responses, A first."""
        return [text.strip() for text in self.page.locator(".response-body").all_inner_texts()]

    def chosen(self) -> str:
        """Return the choice: `1`, `2` or `tie`; empty while nothing is chosen."""
        ticked = self.page.locator("[data-choose]:checked")
        return ticked.get_attribute("data-choose") or "" if ticked.count() else ""

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def expect_next(self, before: str) -> None:
        """Wait until the page no longer shows the lease `before`."""
        expect(self.page.locator(f"[data-lease='{before}']")).to_have_count(0)
        expect(self.shown()).to_be_visible()

    def judge(self, verdict: str, reason: str = "") -> None:
        """Choose the response that begins with `verdict`, else a tie; submit by keyboard, wait for the next lease."""
        lease = self.lease_id()
        texts = self.responses()
        places = [n for n, text in enumerate(texts, 1) if text.lower().startswith(verdict)]
        self.press(str(places[0]) if places else "0")
        if reason:
            self.press("r")
            self.page.keyboard.type(reason)
            self.press("Control+Enter")
        else:
            self.press("Enter")
        self.expect_next(lease)

    def item_number(self) -> int:
        """Return the number of the item, which tests.factories wrote into its prompt."""
        found = re.search(r"Question (\d+)\?", self.prompt())
        assert found, self.prompt()
        return int(found[1])
