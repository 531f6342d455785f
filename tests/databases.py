"""Databases for tests with real commits: copies of the template, each dropped when its test is over."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from rlhfhub.ground.dsn import database as parse_dsn


def connected(**other: Any) -> psycopg.Connection:
    """A connection of one's own to where Django's leads, with these arguments instead."""
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
def copied() -> Iterator[str]:
    """A copy of Django's database, to which Django's connection (of every thread) leads meanwhile."""
    with kept() as name, entered(name):
        yield name


@contextmanager
def kept() -> Iterator[str]:
    """A copy of Django's database, for several to enter one after the other; nobody is led there yet."""
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
    """Django's connection (of every thread) leads to this database meanwhile."""
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
    """A database is copied only while nobody is in it: who was left behind there (a thread that ended) is sent away."""
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
    """Drop the database, whoever is connected. Only a superuser may send the server's own vacuum away: wait for it."""
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
    """Django logs in as the site's real login, which owns nothing, in every thread."""
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
