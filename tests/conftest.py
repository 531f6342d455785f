"""The ground of the tests.

The test database is made by the owner's login and worked through the planes, as requests and services do.
Each run has a database of its own, so runs do not meet; a test that needs real commits (threads, processes)
takes `own_database`, a copy made from the template, for the ledger refuses TRUNCATE.
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Self

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.celery import app as celery_app
from rlhfhub.events import dispatch
from rlhfhub.ground.dsn import database as parse_dsn
from rlhfhub.web import costly
from tests import databases, people
from tests.factories import Tenant, make_batch, make_project, make_workspace


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_keepdb: bool,
) -> Iterator[None]:
    """Makes the test database whatever fixture asks for it: pytest-django's own looks at names alone.

    Its name is this run's (and this xdist worker's), unless the database is to be kept.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = "test_rlhfhub" if django_db_keepdb else f"test_rlhfhub_{os.getpid()}"
    verbosity = request.config.option.verbose
    connections["default"].settings_dict["TEST"]["NAME"] = f"{name}_{worker}".rstrip("_")
    with django_db_blocker.unblock():
        made = setup_databases(
            verbosity=verbosity, interactive=False, keepdb=django_db_keepdb, aliases={"default"}
        )
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=verbosity)


@pytest.fixture(scope="session", autouse=True)
def _no_broker() -> None:
    """Rings go nowhere: `deliver` dispatches. (Of Celery's settings the environment's address would win.)"""
    celery_app.connection_for_write = partial(celery_app.connection_for_write, url="memory://")


@pytest.fixture(autouse=True)
def _files(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    """Every test stores in a folder of its own."""
    settings.STORAGE_DIR = tmp_path_factory.mktemp("storage")
    settings.UPLOADS_DIR = settings.STORAGE_DIR / "uploads"


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """No figure is remembered: on a busy machine a small count takes long enough to be."""
    monkeypatch.setattr(costly, "SHARE", 0)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of this test's own, with real commits; Django's connection (of every thread) leads there.

    Returns its name. Threads must close their connection when they end.
    """
    with django_db_blocker.unblock(), databases.copied() as name:
        yield name


@pytest.fixture
def as_site(own_database: str) -> Iterator[Callable[[], None]]:
    """Call it when the ground is laid: from there on the test logs in as the site's real login, which owns nothing."""
    site = parse_dsn(settings.DATABASE_URL)
    target = connections["default"].settings_dict
    before = {name: target[name] for name in ("USER", "PASSWORD")}

    def change() -> None:
        connections.close_all()
        target.update(USER=site["USER"], PASSWORD=site["PASSWORD"])

    yield change
    connections.close_all()
    target.update(before)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> None:
    """What the fixtures below stand on: the test's own database if it asked for one, else a transaction."""
    own = "own_database" in request.fixturenames
    request.getfixturevalue("own_database" if own else "db")


@pytest.fixture
def workspace_a(database: None) -> Tenant:
    """A workspace with money: `.workspace .owner .secret .client`."""
    return make_workspace("Alpha")


@pytest.fixture
def workspace_b(database: None) -> Tenant:
    """Another one."""
    return make_workspace("Beta")


@pytest.fixture
def project(workspace_a: Tenant) -> Project:
    """A paid project of workspace A, its guidelines in force, overlap 3."""
    return make_project(workspace_a)


@pytest.fixture
def batch(project: Project) -> Batch:
    """Five items, funded and open."""
    return make_batch(project)


@pytest.fixture
def annotators(project: Project) -> list[people.Annotator]:
    """Three of the market, cleared for `project`, each with a desk key."""
    return [people.make_annotator(project, name) for name in ("Ada", "Ben", "Cleo")]


@pytest.fixture
def client_for() -> Callable[..., people.Client]:
    """A client that sends this secret as its API key."""
    return people.client_for


@pytest.fixture
def deliver(database: None) -> Callable[[], int]:
    """Hands waiting events to their handlers. Returns how many."""
    return dispatch.drain


@pytest.fixture
def queries() -> Callable[[], Any]:
    """`with queries() as seen:` counts the statements sent; savepoints of the test's own transaction are left out."""
    return Statements


_BOUNDS = re.compile(r"(RELEASE |ROLLBACK TO )?SAVEPOINT|BEGIN|COMMIT|ROLLBACK$|RESET ROLE;")


class Statements:
    """The SQL sent inside the block, without BEGIN and COMMIT.

    Left out too is what stands for them in a test's transaction: savepoints, and standing outside again.
    """

    def __enter__(self) -> Self:
        self.texts: list[str] = []
        self._watch = connection.execute_wrapper(self._note)
        self._watch.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._watch.__exit__(*error)

    def _note(self, execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
        text = " ".join(str(statement).split())
        if not _BOUNDS.match(text):
            self.texts.append(text)
        return execute(statement, params, many, context)

    def __len__(self) -> int:
        return len(self.texts)

    def __str__(self) -> str:
        return "\n".join(f"{number:3} {text[:160]}" for number, text in enumerate(self.texts, 1))
