"""Automated accessibility checks by axe-core, run in the page; nothing is fetched."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

_AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """(tags) => axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})"""


def violations(page: Page) -> list[str]:
    """Return the violations of WCAG 2.2 AA that axe-core finds, one line for each element."""
    if not page.evaluate("'axe' in window"):
        # The debugger evaluates it, so the page's Content-Security-Policy does not apply.
        page.evaluate(_AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(_RUN, TAGS)["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:300]} {node['failureSummary'][:600]}"
        for rule in found
        for node in rule["nodes"]
    ]
