"""A world of two workspaces in a database of its own, made once for each module; tests change nothing in it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
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


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Committed for good; Django's connection leads there while the module runs, as the owner."""
    storage, settings.STORAGE_DIR = settings.STORAGE_DIR, tmp_path_factory.mktemp("world")
    with (
        django_db_blocker.unblock(),
        databases.copied(),
        pytest.MonkeyPatch.context() as patched,
    ):
        # Nobody dispatches its events, however long the walks take.
        patched.setattr(watch, "PATIENCE", 86_400)
        yield make_world()
    settings.STORAGE_DIR = storage


@pytest.fixture
def _files(world: World) -> None:
    """The exports of the world stay where they were written."""


@pytest.fixture
def owner(world: World) -> Iterator[psycopg.Connection]:
    """The owner's login, which passes all walls: it tells what there is to be seen."""
    with databases.connected() as connected:
        yield connected


@pytest.fixture
def truth(owner: psycopg.Connection) -> Truth:
    """What there is to be seen."""
    return Truth(owner)


@pytest.fixture
def broken(world: World) -> Iterator[psycopg.Connection]:
    """The owner's login inside a transaction that is rolled back: walls may be broken in it."""
    with (
        databases.connected() as connected,
        connected.transaction(force_rollback=True),
    ):
        yield connected


@pytest.fixture
def site(world: World) -> Iterator[psycopg.Connection]:
    """The site's real login, in the world's database."""
    login = database(settings.DATABASE_URL)
    other = {"user": login["USER"], "password": login["PASSWORD"] or None}
    with databases.connected(**other) as connected:
        yield connected


@pytest.fixture
def as_the_site(world: World) -> Iterator[None]:
    """Django, too, logs in as the site's real login."""
    with databases.site_login():
        yield


def unfiltered(**_: Any) -> AbstractContextManager[None]:
    """In the place of `planes.scope`: the ORM's filter is gone."""
    return scopes_disabled()


@pytest.fixture(params=["as it is", "by the database alone"])
def walker(
    request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Walker]:
    """Asks as the site's real login."""
    ready = Walker(world)
    request.getfixturevalue("as_the_site")
    if request.param != "as it is":
        monkeypatch.setattr(planes, "scope", unfiltered)
    yield ready
