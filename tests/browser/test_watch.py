"""The watch reports the faults that it exists for."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page

from tests.browser.watch import Watch

pytestmark = pytest.mark.browser


def test_faults_are_seen(browse: Callable[..., Page], watch: Watch) -> None:
    page = browse()
    page.goto("/accounts/login/")
    assert watch.remaining() == []
    page.evaluate("setTimeout(() => { throw new Error('broken on purpose') }, 0)")
    page.evaluate("document.body.setAttribute('onclick', 'alert(1)'); document.body.click()")
    page.wait_for_timeout(300)
    with suppress(Error):
        page.goto("https://elsewhere.example/")
    seen = "\n".join(watch.faults)
    for sign in ("broken on purpose", "CSP violation", "leaves this machine"):
        assert sign in seen
    watch.allow("broken on purpose", "CSP", "Content Security Policy", "elsewhere.example")
