"""Collects faults of the pages that a test opens: errors, blocked content, requests to other machines."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error("CSP violation: " + event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile);
});
"""
_LOUD = {"error", "warning"}


class Watch:
    """Collects faults of every context it is attached to; `allow` names those that a test provokes."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.allowed: list[re.Pattern[str]] = []

    def allow(self, *patterns: str) -> None:
        """Allow faults that match one of these patterns."""
        self.allowed.extend(re.compile(pattern) for pattern in patterns)

    def attach(self, context: BrowserContext, *, javascript: bool) -> None:
        """Listen to everything that happens in `context`."""
        if javascript:
            context.add_init_script(_REPORT_VIOLATIONS)
        context.on("page", self._page)
        context.on("request", self._request)
        context.on("response", self._response)

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in _LOUD:
            where = message.location.get("url", "")
            self.faults.append(f"console {message.type}: {message.text} ({where})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            self.faults.append(f"request leaves this machine: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"status {response.status}: {response.url}")

    def remaining(self) -> list[str]:
        """Return the faults that no pattern allows."""
        return [
            fault for fault in self.faults if not any(known.search(fault) for known in self.allowed)
        ]
