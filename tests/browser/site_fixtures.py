"""Fixtures for tests that need a whole site: a database of the module's own, and processes that serve it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.browser.site import Site, collect_static, running


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's static files, collected once a run."""
    target = tmp_path_factory.getbasetemp() / "static" / "files"
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        collect_static(target)
    return target


@pytest.fixture(scope="module")
def site(
    django_db_setup: None,
    django_db_blocker: Any,
    static_files: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """A running site with a new database. Django is connected to it, so the site shows what tests create."""
    with (
        django_db_blocker.unblock(),
        databases.copied(),
        running(tmp_path_factory.mktemp("site"), static_files) as site,
    ):
        yield site


@pytest.fixture(autouse=True)
def _no_faults_in_the_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test if a process of the site logged an error while it ran."""
    site: Site | None = request.getfixturevalue("site") if "site" in request.fixturenames else None
    before = len(site.faults()) if site else 0
    yield
    if site:
        assert site.faults()[before:] == []
