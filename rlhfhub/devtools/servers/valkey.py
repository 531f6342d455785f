"""The embedded broker: Valkey on a private unix socket, with its queue on disk."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rlhfhub.devtools.servers import places
from rlhfhub.devtools.servers.binaries import broker_program
from rlhfhub.devtools.servers.places import ServerError
from rlhfhub.devtools.waiting import wait_until

START_SECONDS = 20


@dataclass(frozen=True)
class Broker:
    """One Valkey server: its program, directory and socket."""

    program: Path
    directory: Path
    socket: Path

    @property
    def url(self) -> str:
        """The broker URL for Celery."""
        return f"redis+socket://{quote(str(self.socket), safe='/')}?virtual_host=0"

    @property
    def cache_url(self) -> str:
        """The URL for the site's cache: another database of the same server."""
        return f"unix://{quote(str(self.socket), safe='/')}?db=1"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.directory / "log"

    @property
    def pidfile(self) -> Path:
        """The file with a running server's process id."""
        return self.directory / "pid"

    def command(self, *, daemon: bool) -> list[str]:
        """Return the command line, as a daemon or as a child process."""
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.directory),
            "--pidfile": str(self.pidfile),
            "--appendonly": "yes",
            "--appendfsync": "everysec",
            "--save": "",
            # A full broker must refuse writes: evicting keys would lose messages.
            "--maxmemory-policy": "noeviction",
            "--daemonize": "yes" if daemon else "no",
            "--loglevel": "notice",
            "--logfile": str(self.log),
        }
        return [str(self.program), *(part for pair in options.items() for part in pair)]


def find() -> Broker:
    """Return the broker of the current state directory, whether it runs or not."""
    directory = places.state_directory() / "valkey"
    places.make_private(directory, None)
    sockets = places.socket_directory(directory / "run", None)
    return Broker(broker_program(), directory, sockets / "valkey.sock")


def answers(broker: Broker) -> bool:
    """Return whether the server answers PING."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        client.connect(str(broker.socket))
        client.sendall(b"PING\r\n")
        return client.recv(64).startswith(b"+PONG")
    return False


def wait_until_ready(broker: Broker, alive: Callable[[], bool] | None = None) -> None:
    """Wait until the server answers (a long queue is read from disk first)."""
    _wait(broker, lambda: answers(broker), "the broker's start", alive)


def start() -> Broker:
    """Start the broker as a daemon, unless it is running already."""
    with places.locked("valkey"):
        broker = find()
        if not answers(broker):
            broker.socket.unlink(missing_ok=True)
            subprocess.run(
                broker.command(daemon=True),
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            wait_until_ready(broker)
    return broker


def stop() -> bool:
    """Stop the broker. Returns False when none was running."""
    with places.locked("valkey"):
        broker = find()
        if not answers(broker):
            return False
        pid = int(broker.pidfile.read_text())
        os.kill(pid, signal.SIGTERM)
        _wait(broker, lambda: not answers(broker), f"the end of the broker (process {pid})")
        return True


def _wait(
    broker: Broker, done: Callable[[], bool], what: str, alive: Callable[[], bool] | None = None
) -> None:
    try:
        wait_until(done, START_SECONDS, what, 0.05, alive)
    except TimeoutError as error:
        raise ServerError(f"{error}; its log is {broker.log}") from None
