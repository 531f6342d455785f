"""Fixtures that all tests share: the test database, workspaces, a project with its batch, and annotators.

The owner's login creates the test database; tests then work through the planes, as requests and services do.
Each run has a database of its own, so that runs do not disturb each other. A test that needs real commits (threads,
processes) uses `own_database`, a copy of it: the ledger refuses TRUNCATE, so a database cannot be emptied.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, Self

import pytest
from django.conf import settings
from django.db import connection, connections

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.celery import app as celery_app
from rlhfhub.events import dispatch
from rlhfhub.ground.dsn import database as parse_dsn
from rlhfhub.web import costly
from tests import databases, people
from tests.contract.summary import pytest_runtest_logreport, pytest_terminal_summary
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.stripe_emulator.fixtures import stripe_client, stripe_emulator, stripe_process

# Fixtures and hooks that pytest finds here by their names.
__all__ = [
    "pytest_runtest_logreport",
    "pytest_terminal_summary",
    "stripe_client",
    "stripe_emulator",
    "stripe_process",
]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_keepdb: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Make the test database, whatever fixture asks for it: pytest-django's own looks at names alone.

    Its name is this run's (and this xdist worker's), unless the database is to be kept. The migrations of a run are
    applied once: its workers copy the result.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    with django_db_blocker.unblock(), ExitStack() as at_the_end:
        if worker:
            # Each worker's own folder lies in the folder of the run.
            folder = tmp_path_factory.getbasetemp().parent
            at_the_end.enter_context(databases.of_worker(worker, folder))
        else:
            name = "test_rlhfhub" if django_db_keepdb else f"test_rlhfhub_{os.getpid()}"
            verbosity = request.config.option.verbose
            at_the_end.enter_context(
                databases.migrated(name, keep=django_db_keepdb, verbosity=verbosity)
            )
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_broker() -> None:
    """Send no task to a real broker: tests dispatch by `deliver`. The address in the environment overrides settings."""
    celery_app.connection_for_write = partial(celery_app.connection_for_write, url="memory://")


@pytest.fixture(autouse=True)
def _files(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    """Give each test its own storage folder."""
    settings.STORAGE_DIR = tmp_path_factory.mktemp("storage")
    settings.UPLOADS_DIR = settings.STORAGE_DIR / "uploads"


@pytest.fixture(autouse=True)
def _no_remembered_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count figures at each request: on a busy machine even a small count takes long enough to be cached."""
    monkeypatch.setattr(costly, "SHARE", 0)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Connect Django (in every thread) to a database of this test alone, where commits are real.

    Returns its name. Threads must close their connection when they end.
    """
    with django_db_blocker.unblock(), databases.copied() as name:
        yield name


@pytest.fixture
def as_site(own_database: str) -> Iterator[Callable[[], None]]:
    """Return a function that makes Django use the site's real login, which owns nothing. Call it after the setup."""
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
    """Set up the database for the fixtures below: the test's own if it asked for one, else a transaction."""
    own = "own_database" in request.fixturenames
    request.getfixturevalue("own_database" if own else "db")


@pytest.fixture
def workspace_a(database: None) -> Tenant:
    """A workspace with money on its balance: `.workspace .owner .secret .client`."""
    return make_workspace("Alpha")


@pytest.fixture
def workspace_b(database: None) -> Tenant:
    """Another workspace with money."""
    return make_workspace("Beta")


@pytest.fixture
def project(workspace_a: Tenant) -> Project:
    """A paid project of workspace A with published guidelines and overlap 3."""
    return make_project(workspace_a)


@pytest.fixture
def batch(project: Project) -> Batch:
    """A funded, open batch of five items in `project`."""
    return make_batch(project)


@pytest.fixture
def annotators(project: Project) -> list[people.Annotator]:
    """Three annotators of the market who are cleared for `project`, each with a desk key."""
    return [people.make_annotator(project, name) for name in ("Ada", "Ben", "Cleo")]


@pytest.fixture
def client_for() -> Callable[..., people.Client]:
    """`client_for(secret)` returns a client that sends this secret as its API key."""
    return people.client_for


@pytest.fixture
def deliver(database: None) -> Callable[[], int]:
    """`deliver()` hands waiting events to their handlers. Returns how many events it handled."""
    return dispatch.drain


@pytest.fixture
def queries() -> Callable[[], Any]:
    """`with queries() as sent:` collects the SQL statements of the block; `len(sent)` is their number."""
    return Statements


_BOUNDS = re.compile(r"(RELEASE |ROLLBACK TO )?SAVEPOINT|BEGIN|COMMIT|ROLLBACK$|RESET ROLE;")


class Statements:
    """The SQL sent inside the block, without BEGIN and COMMIT.

    In a test's transaction, savepoints and RESET ROLE take their place; these are left out too.
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
