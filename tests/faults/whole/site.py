"""The whole site as `make run` starts it, in a state directory of its own: servers, web, workers, scheduler."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from rlhfhub.devtools import environment, health
from rlhfhub.devtools.servers import postgres
from rlhfhub.devtools.servers.binaries import broker_program
from rlhfhub.ground.dsn import database as parse_dsn

# Five minutes: other tests load the machine while the database is made.
READY_SECONDS = 300
STOP_SECONDS = 60
# The caller's own servers must not be used: this site starts servers, and they are killed.
NAMED = ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL", "RLHFHUB_ADMIN_URL")


class WholeSite:
    """A supervisor with all it starts, and a cache server that tests can stop."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.cache_socket = state / "cache.sock"
        self.cache: subprocess.Popen[bytes] | None = None
        self.process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when the site is ready."""
        self.start_cache()
        own = {name: value for name, value in os.environ.items() if name not in NAMED}
        own = {name: value for name, value in own.items() if not name.startswith("MAKE")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rlhfhub.devtools.supervisor"],
                cwd=environment.checkout(),
                env=own
                | {
                    "RLHFHUB_STATE": str(self.state),
                    "PORT": str(self.port),
                    "CACHE_URL": f"unix://{self.cache_socket}?db=0",
                    "DJANGO_SETTINGS_MODULE": "rlhfhub.settings.development",
                    # Tests share two cores; what is judged here is not the disk.
                    "RLHFHUB_PG_SETTINGS": "shared_buffers=64MB",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not health.is_ready(self.url + "/"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the site does not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop the site and the cache."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
            self.process.kill()
            self.process.wait()
        self.stop_cache()

    @property
    def log(self) -> Path:
        """What the supervisor says."""
        return self.state / "supervisor.log"

    # ---- the cache ----

    def start_cache(self) -> None:
        """Start a cache server and wait until its socket is there."""
        self.cache = subprocess.Popen(
            [str(broker_program()), "--port", "0", "--unixsocket", str(self.cache_socket)]
            + ["--save", "", "--appendonly", "no", "--dir", str(self.state)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not self.cache_socket.exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    def stop_cache(self) -> None:
        """Kill the cache server: its address refuses from now on."""
        if self.cache is not None:
            self.cache.kill()
            self.cache.wait()
            self.cache = None
        self.cache_socket.unlink(missing_ok=True)

    # ---- processes ----

    def pids(self, *words: str) -> list[int]:
        """The supervisor's own children whose command line has all these words."""
        assert self.process is not None
        return [pid for pid in children(self.process.pid) if all(w in _command(pid) for w in words)]

    def database(self) -> int:
        """The process id of PostgreSQL's postmaster."""
        pid = postgres.server_pid(postgres.find())
        assert pid is not None
        return pid

    def database_is_ready(self) -> bool:
        """Whether PostgreSQL takes connections."""
        return postgres.is_ready(postgres.find())


def children(pid: int) -> list[int]:
    """The children of a process, whichever of its threads started them."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


@contextlib.contextmanager
def running(state: Path, patch: pytest.MonkeyPatch) -> Iterator[WholeSite]:
    """Run a whole site inside the block, and connect Django to its database as the owner."""
    patch.setenv("RLHFHUB_STATE", str(state))
    site = WholeSite(state)
    target = connections["default"].settings_dict
    before = dict(target)
    try:
        site.start()
        connections.close_all()
        target.update(parse_dsn(postgres.find().url(environment.OWNER, environment.DATABASE)))
        target["OPTIONS"] = {**before["OPTIONS"], **target["OPTIONS"]}
        yield site
    finally:
        connections.close_all()
        target.clear()
        target.update(before)
        site.stop()
