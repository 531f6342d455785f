"""A temporary database with tables and policies, on the same server as the site's own."""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from rlhfhub.devtools import environment
from rlhfhub.devtools.server_session import server_session
from rlhfhub.devtools.servers import places

DATABASE = "rlhfhub_bench"
BROKER_NUMBER = "9"


class Ground:
    """The benchmark's database and broker, which it also sets in this process's environment."""

    def __init__(self, state: Path) -> None:
        self.state = state
        found = environment.site_environment()
        self.admin_url = found.get("RLHFHUB_ADMIN_URL", "")
        self.owner_url = _at(found["DATABASE_OWNER_URL"], DATABASE)
        os.environ |= found | {
            "DATABASE_URL": _at(found["DATABASE_URL"], DATABASE),
            "DATABASE_OWNER_URL": self.owner_url,
            "CELERY_BROKER_URL": _other_broker(found["CELERY_BROKER_URL"]),
            # The owner's login makes keys for annotators who are not enrolled yet.
            "RLHFHUB_LOGIN": "owner",
        }

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the site's processes: other files than `make run`, and the site's login."""
        own = {"RLHFHUB_STATE": str(self.state), "RLHFHUB_STORAGE": str(self.state / "storage")}
        return os.environ | own | {"RLHFHUB_LOGIN": "site"}

    def make(self) -> None:
        """Drop the database if it exists, and make it and its tables. Raises CalledProcessError."""
        self.drop()
        if self.admin_url:
            self._manage("create_roles", "--admin-url", self.admin_url)
        else:
            self._beside("CREATE DATABASE {}")
        self._manage("migrate", "--verbosity", "0")
        self._manage("collectstatic", "--noinput", "--verbosity", "0")

    def drop(self) -> None:
        """Drop the database, even if somebody is connected."""
        self._beside("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def owner(self) -> psycopg.Connection:
        """Connect in autocommit mode as the tables' owner, to whom policies do not apply."""
        return psycopg.connect(self.owner_url, autocommit=True)

    def _beside(self, statement: str) -> None:
        # A new server has no owner's login yet.
        address = self.admin_url or _at(self.owner_url, "postgres")
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(sql.SQL(statement).format(sql.Identifier(DATABASE)))

    def _manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        owned = self.environment | {"RLHFHUB_LOGIN": "owner"}
        subprocess.run(
            command, cwd=places.CHECKOUT, env=owned, check=True, stdout=subprocess.DEVNULL
        )


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _other_broker(url: str) -> str:
    """Return the URL of another numbered database of the same broker, if it has those, to keep messages apart."""
    if url.startswith("redis+socket"):
        return f"{url.partition('?')[0]}?virtual_host={BROKER_NUMBER}"
    return _at(url, BROKER_NUMBER) if url.startswith("redis") else url


@contextlib.contextmanager
def prepared(*, keep: bool) -> Iterator[Ground]:
    """Make the database, and drop it afterwards unless `keep`.

    Raises: BlockingIOError when another benchmark is running.
    """
    state = places.state_directory() / "bench"
    state.mkdir(exist_ok=True)
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with server_session(), contextlib.ExitStack() as stack:
            ground = Ground(state)
            ground.make()
            if not keep:
                stack.callback(ground.drop)
            yield ground
