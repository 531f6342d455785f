"""Fixtures of the browser tests: a Chromium, a running site, and a watch that fails a test whose page has errors."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from rlhfhub.devtools.browser import find_chromium
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import databases
from tests.browser.desk_page import Desk
from tests.browser.furnished import Furnished, furnish
from tests.browser.site import CHECKOUT, Site, running
from tests.browser.site_fixtures import _no_faults_in_the_logs, static_files
from tests.browser.watch import Watch
from tests.factories import make_batch, make_project, make_workspace
from tests.people import Annotator, make_annotator

__all__ = ["_no_faults_in_the_logs", "static_files"]
ARGUMENTS = [
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No other host resolves; the watch notes the attempt.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
PATIENCE_MS = 10_000


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one Chromium of this worker."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium is installed")
    expect.set_options(timeout=PATIENCE_MS)
    with _database_calls_beside_playwright(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def _database_calls_beside_playwright() -> Iterator[None]:
    """Allow database calls: Playwright's event loop runs in this thread, so Django takes it for asynchronous code."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@dataclass(frozen=True)
class Served:
    """A running site and the name of its database."""

    site: Site
    database: str


@pytest.fixture(scope="package")
def served(
    django_db_setup: None,
    django_db_blocker: Any,
    static_files: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The one site of this folder (per worker); each module creates its own workspaces in it."""
    with django_db_blocker.unblock(), databases.kept() as name, ExitStack() as until_the_end:
        with databases.entered(name):
            state = tmp_path_factory.mktemp("site")
            site = until_the_end.enter_context(running(state, static_files))
        yield Served(site, name)


@pytest.fixture(scope="module")
def site(served: Served, django_db_blocker: Any) -> Iterator[Site]:
    """The running site. Django is connected to its database, so the site shows what tests create by factories."""
    with django_db_blocker.unblock(), databases.entered(served.database):
        yield served.site


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Collects errors of the pages that this test opens; the test fails if one is left that it does not allow."""
    watch = Watch()
    yield watch
    assert watch.remaining() == []


@pytest.fixture
def browse(chromium: Browser, site: Site, watch: Watch) -> Iterator[Callable[..., Page]]:
    """`browse(user, width=…, dark=…, javascript=…)` opens a page in a new browser context, signed in as `user`."""
    opened: list[BrowserContext] = []

    def open_window(
        user: User | None = None,
        *,
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        javascript: bool = True,
        **options: Any,
    ) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale="en-GB",
            **options,
        )
        opened.append(context)
        context.set_default_timeout(PATIENCE_MS)
        watch.attach(context, javascript=javascript)
        if user:
            context.add_cookies([{"url": site.url, **session_cookie(user)}])
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()


def session_cookie(user: User) -> dict[str, str]:
    """Return the session cookie of the user, signed in without the page."""
    client = Client()
    with planes.at_door():
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
    }


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder for screenshots that people look at; ignored by git."""
    folder = CHECKOUT / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def ground(site: Site) -> Furnished:
    """A workspace in use, created once for the module."""
    return furnish(site)


@pytest.fixture
def ada(site: Site) -> Annotator:
    """An annotator who is cleared for a new paid project with an open batch of four items."""
    project = make_project(make_workspace())
    make_batch(project, items=4)
    return make_annotator(project, "Ada")


@pytest.fixture
def desk(browse: Callable[..., Page], ada: Annotator) -> Desk:
    """Ada's desk, which shows a lease."""
    desk = Desk(browse(ada.user))
    desk.open(ada.enrollment)
    assert desk.has_work()
    return desk
