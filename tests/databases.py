"""Test databases: one with the migrations applied, and copies of it, each dropped when nobody needs it any more."""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from psycopg import sql

from rlhfhub.ground.dsn import database as parse_dsn


def connected(**other: Any) -> psycopg.Connection:
    """Open a new connection to Django's database; `other` replaces connection arguments."""
    target = connections["default"].settings_dict
    arguments: dict[str, Any] = {
        "host": target["HOST"] or target["OPTIONS"].get("host"),
        "port": target["PORT"] or target["OPTIONS"].get("port"),
        "user": target["USER"],
        "password": target["PASSWORD"] or None,
        "dbname": target["NAME"],
        "autocommit": True,
    }
    return psycopg.connect(**{**arguments, **other})


@contextmanager
def migrated(name: str, *, keep: bool = False, verbosity: int = 0) -> Iterator[None]:
    """Create the database `name`, apply the migrations, and connect Django to it inside the block."""
    connections["default"].settings_dict["TEST"]["NAME"] = name
    made = setup_databases(verbosity=verbosity, interactive=False, keepdb=keep, aliases={"default"})
    try:
        yield
    finally:
        if not keep:
            teardown_databases(made, verbosity=verbosity)


@contextmanager
def of_worker(worker: str, folder: Path) -> Iterator[None]:
    """Connect Django to a database of this xdist worker: a copy of the one that the run migrates.

    The first worker to ask makes the original, and drops it at its end; whoever asks after that makes it again.
    `folder` is shared by all workers of the run.
    """
    original = f"test_rlhfhub_{os.environ['PYTEST_XDIST_TESTRUNUID'][:12]}"
    name = f"{original}_{worker}"
    with ExitStack() as at_the_end:
        with _alone(folder):
            if not _exists(original):
                with migrated(original, keep=True):
                    connections.close_all()
                at_the_end.callback(_drop_alone, original, folder)
            _copy(original, name)
        at_the_end.callback(drop, name)
        at_the_end.enter_context(entered(name))
        yield


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let only one worker of the run at a time into the block."""
    with (folder / "database.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _exists(name: str) -> bool:
    with connected(dbname="postgres") as admin:
        found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _drop_alone(name: str, folder: Path) -> None:
    with _alone(folder):
        drop(name)


@contextmanager
def copied() -> Iterator[str]:
    """Copy Django's database, and connect Django (in every thread) to the copy inside the block."""
    with kept() as name, entered(name):
        yield name


@contextmanager
def kept() -> Iterator[str]:
    """Copy Django's database for the block; `entered` connects Django to the copy."""
    template = connections["default"].settings_dict["NAME"]
    name = f"{template}_{uuid.uuid4().hex[:8]}"
    if not template.startswith("test_"):
        raise RuntimeError(f"{template} is no test database")
    connections.close_all()
    _copy(template, name)
    try:
        yield name
    finally:
        drop(name)


@contextmanager
def entered(name: str) -> Iterator[None]:
    """Connect Django (in every thread) to this database inside the block."""
    target = connections["default"].settings_dict
    before = target["NAME"]
    connections.close_all()
    target["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        target["NAME"] = before


def _copy(template: str, name: str, patience: float = 10) -> None:
    """Copy a database. PostgreSQL copies only unused ones, so connections that ended threads left open are closed."""
    until = time.monotonic() + patience
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with connected(dbname="postgres") as admin:
        while True:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = %s AND backend_type = 'client backend'",
                [template],
            )
            try:
                admin.execute(copy)
            except psycopg.errors.ObjectInUse:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
            else:
                return


def drop(name: str, patience: float = 10) -> None:
    """Drop the database and close its connections. Only a superuser may stop the server's autovacuum: wait for it."""
    until = time.monotonic() + patience
    with connected(dbname="postgres") as admin:
        while True:
            try:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            except psycopg.errors.InsufficientPrivilege:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
            else:
                return


@contextmanager
def site_login() -> Iterator[None]:
    """Make Django (in every thread) use the site's real login, which owns nothing, inside the block."""
    login = parse_dsn(settings.DATABASE_URL)
    target = connections["default"].settings_dict
    before = {name: target[name] for name in ("USER", "PASSWORD")}
    connections.close_all()
    target.update({name: login[name] for name in before})
    try:
        yield
    finally:
        connections.close_all()
        target.update(before)
