"""Fixtures for tests that need a whole site: a database of the package's own, and processes that serve it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from tests.browser.site import Site, collect_static, running


@contextmanager
def copied_database() -> Iterator[str]:
    """A copy of the test template; Django's connection of this process leads there inside the block."""
    connections.close_all()
    target = connections["default"].settings_dict
    template, name = target["NAME"], f"{target['NAME']}_{uuid.uuid4().hex[:8]}"
    assert template.startswith("test_")
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    _administer(target, copy)
    target["NAME"] = name
    try:
        yield name
    finally:
        connections.close_all()
        target["NAME"] = template
        _administer(target, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(target: dict[str, Any], statement: sql.Composed) -> None:
    with psycopg.connect(
        host=target["HOST"] or target["OPTIONS"].get("host"),
        port=target["PORT"] or None,
        user=target["USER"],
        password=target["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as admin:
        admin.execute(statement)


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's static files, collected once a run."""
    target = tmp_path_factory.getbasetemp() / "static" / "files"
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        collect_static(target)
    return target


@pytest.fixture(scope="package")
def site(
    django_db_setup: None,
    django_db_blocker: Any,
    static_files: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """A running site of this package's own; what tests make through the factories is there at once."""
    with (
        django_db_blocker.unblock(),
        copied_database(),
        running(tmp_path_factory.mktemp("site"), static_files) as site,
    ):
        yield site


@pytest.fixture(autouse=True)
def _no_faults_in_the_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """No process of the site may have failed while the test ran."""
    site: Site | None = request.getfixturevalue("site") if "site" in request.fixturenames else None
    before = len(site.faults()) if site else 0
    yield
    if site:
        assert site.faults()[before:] == []
