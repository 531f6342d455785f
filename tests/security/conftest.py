"""Two workspaces in a database of their own, created once per worker of a run; tests change nothing in it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django_scopes import scopes_disabled

from rlhfhub.events import watch
from rlhfhub.ground.dsn import database
from rlhfhub.tenancy import planes
from tests import databases
from tests.security.eyes import Truth
from tests.security.walk import Walker
from tests.security.world import World, make_world


@contextmanager
def _standing(database: str, storage: Path) -> Iterator[None]:
    """Connect Django to the database, as the owner, and to the storage folder inside the block."""
    before, settings.STORAGE_DIR = settings.STORAGE_DIR, storage
    try:
        with databases.entered(database):
            yield
    finally:
        settings.STORAGE_DIR = before


@dataclass(frozen=True)
class Made:
    """A world with its database and its storage folder."""

    world: World
    database: str
    storage: Path


@pytest.fixture(scope="session")
def made(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """The world of this worker, committed to its own database."""
    with django_db_blocker.unblock(), databases.kept() as name:
        storage = tmp_path_factory.mktemp("world")
        with _standing(name, storage):
            world = make_world()
        yield Made(world, name, storage)


@pytest.fixture(scope="module")
def world(made: Made, django_db_blocker: Any) -> Iterator[World]:
    """Connect Django to the world while the tests of a module run."""
    with (
        django_db_blocker.unblock(),
        _standing(made.database, made.storage),
        pytest.MonkeyPatch.context() as patched,
    ):
        # No watchdog may dispatch its events, however long the tests take.
        patched.setattr(watch, "PATIENCE", 86_400)
        yield made.world


@pytest.fixture
def _files(world: World) -> None:
    """Keep the storage folder of the world, where its exports were written."""


@pytest.fixture
def owner(world: World) -> Iterator[psycopg.Connection]:
    """A connection as the owner, to whom no wall applies."""
    with databases.connected() as connected:
        yield connected


@pytest.fixture
def truth(owner: psycopg.Connection) -> Truth:
    """The rows that exist, as the owner reads them."""
    return Truth(owner)


@pytest.fixture
def broken(world: World) -> Iterator[psycopg.Connection]:
    """A connection as the owner in a transaction that is rolled back: tests may break walls in it."""
    with (
        databases.connected() as connected,
        connected.transaction(force_rollback=True),
    ):
        yield connected


@pytest.fixture
def site(world: World) -> Iterator[psycopg.Connection]:
    """A connection as the site's real login to the world's database."""
    login = database(settings.DATABASE_URL)
    other = {"user": login["USER"], "password": login["PASSWORD"] or None}
    with databases.connected(**other) as connected:
        yield connected


@pytest.fixture
def as_the_site(world: World) -> Iterator[None]:
    """Make Django use the site's real login."""
    with databases.site_login():
        yield


def unfiltered(**_: Any) -> AbstractContextManager[None]:
    """Replaces `planes.scope`: the ORM filters nothing."""
    return scopes_disabled()


@pytest.fixture(params=["as it is", pytest.param("by the database alone", marks=pytest.mark.slow)])
def walker(
    request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Walker]:
    """Sends requests while Django uses the site's real login."""
    ready = Walker(world)
    request.getfixturevalue("as_the_site")
    if request.param != "as it is":
        monkeypatch.setattr(planes, "scope", unfiltered)
    yield ready
