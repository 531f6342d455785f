"""Faults inflicted on a running site: killed processes, a restarted database, a full disk, no cache, slow clients."""

import contextlib
import os
import random
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.faults.whole.site import WholeSite, children

# A process under this limit cannot write longer files, as if the disk were full.
SMALLEST_DISK = 16 * 1024
# The web server ends itself when one of its processes dies twice within 5.5 s.
SPARED_SECONDS = 7
DATABASE_SECONDS = 60


@dataclass
class Storm:
    """Causes faults, and notes when the database could not be reached."""

    site: WholeSite
    rng: random.Random = field(default_factory=lambda: random.Random(8))
    happened: list[str] = field(default_factory=list)
    # Seconds of the monotonic clock between which PostgreSQL could not be reached.
    database_away: list[tuple[float, float]] = field(default_factory=list)
    kills: int = 0

    def note(self, what: str) -> None:
        self.happened.append(what)

    def kill_web_process(self) -> None:
        """Kill (-9) one of the web server's processes."""
        self._kill(random_child(self.site, self.rng, "granian"), "web process")

    def kill_worker_process(self) -> None:
        """Kill (-9) one process of a worker's pool."""
        self._kill(random_child(self.site, self.rng, "celery", " worker"), "worker process")

    def kill_whole_worker(self) -> None:
        """Kill (-9) a worker and its pool."""
        pid = self.rng.choice(self.site.pids("celery", " worker"))
        for one in (pid, *children(pid)):
            self._kill(one, "whole worker")

    def kill_scheduler(self) -> None:
        self._kill(self.site.pids("celery", " beat")[0], "scheduler")

    def kill_broker(self) -> None:
        self._kill(self.site.pids("valkey")[0], "broker")

    def _kill(self, pid: int | None, what: str) -> None:
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.kills += 1
                self.note(f"killed a {what}")

    def restart_database(self, number: int = signal.SIGINT) -> None:
        """Stop PostgreSQL by a signal (SIGINT: in order, SIGKILL: at once); the supervisor starts it again."""
        pid, began = self.site.database(), time.monotonic()
        os.kill(pid, number)
        self.note(f"ended PostgreSQL by signal {number}")
        wait_for(lambda: not _lives(pid), DATABASE_SECONDS)
        gone = time.monotonic()
        wait_for(self.site.database_is_ready, DATABASE_SECONDS)
        self.database_away.append((gone, time.monotonic()))
        self.note(f"PostgreSQL was away for {time.monotonic() - began:.1f} s")

    @contextlib.contextmanager
    def full_disk(self) -> Iterator[None]:
        """Inside the block no web or worker process can write more than a few KiB into a file."""
        self._limit_files(SMALLEST_DISK)
        self.note("the disk is full")
        try:
            yield
        finally:
            self._limit_files(resource.RLIM_INFINITY)
            self.note("the disk has room")

    def _limit_files(self, size: int) -> None:
        mains = [*self.site.pids("granian"), *self.site.pids("celery", " worker")]
        for pid in [one for main in mains for one in (main, *children(main))]:
            with contextlib.suppress(ProcessLookupError):
                hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))

    @contextlib.contextmanager
    def absent_cache(self) -> Iterator[None]:
        """Inside the block the cache refuses connections."""
        self.site.stop_cache()
        self.note("the cache is away")
        try:
            yield
        finally:
            self.site.start_cache()
            self.note("the cache is back")


def random_child(site: WholeSite, rng: random.Random, *words: str) -> int | None:
    """Return a random child of those supervised processes that have these words in their command."""
    found = [child for pid in site.pids(*words) for child in children(pid)]
    return rng.choice(found) if found else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(what: Callable[[], object], seconds: float) -> bool:
    """Wait until `what` is true. Returns whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextlib.contextmanager
def slow_clients(site: WholeSite, senders: int, readers: int, path: str) -> Iterator[None]:
    """Hold slow clients during the block: `senders` never finish a form, `readers` never read `path`."""
    sockets = []
    host = f"127.0.0.1:{site.port}"
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\na="
    sends = f"POST /accounts/login/ HTTP/1.1\r\nHost: {host}\r\n{form}".encode()
    reads = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    try:
        for first in [sends] * senders + [reads] * readers:
            # The server may reset a slow connection; that is one of the answers it may give.
            with contextlib.suppress(OSError):
                client = socket.socket()
                sockets.append(client)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.settimeout(5)
                client.connect(("127.0.0.1", site.port))
                client.sendall(first)
        yield
    finally:
        for client in sockets:
            client.close()
