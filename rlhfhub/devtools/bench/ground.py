"""The ground of a benchmark: a throw-away database with tables and walls, beside the site's own on the same server."""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections
from psycopg import sql

from rlhfhub.celery import app
from rlhfhub.devtools import environment
from rlhfhub.devtools.servers import places, postgres, valkey
from rlhfhub.ground import dsn

DATABASE = "rlhfhub_bench"
BROKER_NUMBER = "9"


class Ground:
    """Addresses of the benchmark's database and broker, and the environment of its processes."""

    def __init__(self, present: Mapping[str, str], state: Path) -> None:
        self.state = state
        self.owner_url = _renamed(present["DATABASE_OWNER_URL"])
        self.site_url = _renamed(present["DATABASE_URL"])
        self.admin_url = present.get("RLHFHUB_ADMIN_URL", "")
        self.environment = {
            **present,
            "DATABASE_URL": self.site_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "CELERY_BROKER_URL": _other_broker(present["CELERY_BROKER_URL"]),
            "RLHFHUB_STATE": str(state),
            "RLHFHUB_STORAGE": str(state / "storage"),
        }
        # What this process itself starts (funding) rings at the same door as the site.
        app.conf.broker_url = self.environment["CELERY_BROKER_URL"]

    def manage(self, *arguments: str) -> None:
        """Run a command of manage.py here. Raises CalledProcessError."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=environment.checkout(),
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def make(self) -> None:
        """The database anew, migrated."""
        self.drop()
        if self.admin_url:
            self.manage("create_roles", "--admin-url", self.admin_url)
        else:
            with self._beside() as server:
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        self.manage("migrate", "--verbosity", "0")

    def drop(self) -> None:
        """Away with it, whoever is connected."""
        connections.close_all()
        with self._beside() as server:
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE))
            )

    def _beside(self) -> psycopg.Connection:
        # On a server that was never used there is no owner yet.
        return psycopg.connect(
            self.admin_url or _renamed(self.owner_url, "postgres"), autocommit=True
        )

    def owner(self) -> psycopg.Connection:
        """A connection as the tables' owner, whom policies do not bind; in autocommit mode."""
        return psycopg.connect(self.owner_url, autocommit=True)

    def enter(self) -> None:
        """Django's own connection of this process leads here from now on, under the owner's login."""
        connections.close_all()
        target: dict[str, Any] = connections["default"].settings_dict
        options = target["OPTIONS"]
        target.update(dsn.database(self.owner_url))
        target["OPTIONS"] = options | target["OPTIONS"]


def _renamed(url: str, name: str = DATABASE) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _other_broker(url: str) -> str:
    """Another numbered database of the same broker, where it has such; our messages are then only ours."""
    if url.startswith("redis+socket"):
        return url.split("?")[0] + f"?virtual_host={BROKER_NUMBER}"
    if url.startswith("redis"):
        return urlunsplit(urlsplit(url)._replace(path=f"/{BROKER_NUMBER}"))
    return url


@contextlib.contextmanager
def laid(*, keep: bool) -> Iterator[Ground]:
    """The ground, made and afterwards dropped (unless kept). Embedded servers that did not run do so meanwhile."""
    state = places.state_directory() / "bench"
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock, contextlib.ExitStack() as stack:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _serve(stack)
        present = {**os.environ, **environment.site_environment()}
        ground = Ground(present, state)
        ground.make()
        if not keep:
            stack.callback(ground.drop)
        ground.enter()
        yield ground


def _serve(stack: contextlib.ExitStack) -> None:
    if environment.uses_embedded_database():
        cluster = postgres.find()
        if postgres.server_pid(cluster) is None:
            postgres.start()
            stack.callback(postgres.stop)
    if environment.uses_embedded_broker():
        broker = valkey.find()
        if not valkey.answers(broker):
            valkey.start()
            stack.callback(valkey.stop)
