"""A whole site in processes of its own: granian, a worker and the scheduler, on a database of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import redis
from django.conf import settings
from django.db import connections

from rlhfhub.ground.dsn import database as parse_dsn

CHECKOUT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
STOP_SECONDS = 15


class Site:
    """Addresses and processes of a running site. `stop` ends what `start` began, by process id."""

    def __init__(self, state: Path, static: Path) -> None:
        self.name = f"site-{uuid.uuid4().hex[:12]}"
        self.state = state
        self.storage = state / "storage"
        # Bound without listening, so that no other process gets the port; the web server shares it.
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.place.bind(("127.0.0.1", 0))
        self.port = self.place.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = self._environment(static)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def _environment(self, static: Path) -> dict[str, str]:
        name = str(connections["default"].settings_dict["NAME"])
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.browser.site_settings",
            "DATABASE_URL": _with_database(settings.DATABASE_URL, name),
            "DATABASE_OWNER_URL": _with_database(settings.DATABASE_OWNER_URL, name),
            "RLHFHUB_STATE": str(self.state),
            "RLHFHUB_STORAGE": str(self.storage),
            "STATIC_ROOT": str(static),
            "SECRET_KEY": settings.SECRET_KEY,
            "SITE_NAME": self.name,
            "PYTHONUNBUFFERED": "1",
            "CONN_MAX_AGE": "0",
            "WEB_THREADS": "4",
        }

    def start(self) -> None:
        """Start all processes. Returns when the site is ready."""
        celery = [sys.executable, "-m", "celery", "-A", "rlhfhub"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self._begin("worker", [*celery, "worker", "--concurrency=2", "--loglevel=INFO", *quiet])
        self._begin(
            "beat", [*celery, "beat", "--schedule", str(self.state / "beat"), "--loglevel=WARNING"]
        )
        self.start_web()

    def end_web(self) -> None:
        """End the web processes: the address refuses connections."""
        self.end("web")

    def start_web(self) -> None:
        """Start the web processes. Returns when the site is ready."""
        self._begin(
            "web",
            [sys.executable, "-m", "granian", "rlhfhub.rsgi:application", f"--port={self.port}"]
            + ["--interface=rsgi", "--http=1", "--no-ws", "--workers=2"]
            + ["--respawn-failed-workers", "--respawn-interval=0.2", "--log-level=warning"],
        )
        self._wait_until_ready()

    def _begin(self, name: str, command: list[str]) -> None:
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (
                    httpx.get(f"{self.url}/healthz/ready", timeout=5, trust_env=False).status_code
                    == 200
                ):
                    return
            if self.processes["web"].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    "the site does not start:\n" + self.log("web").read_text()[-4000:]
                )
            time.sleep(0.1)

    def log(self, name: str) -> Path:
        """Return the log file of `web`, `worker` or `beat`."""
        return self.state / f"{name}.log"

    def end(self, name: str) -> None:
        """End one process with its children."""
        process = self.processes.pop(name)
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        # Kills children that outlived their parent; nobody else is in this process group.
        _signal(process, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End all processes and delete their keys from the broker."""
        for process in self.processes.values():
            _signal(process, signal.SIGTERM)
        for name in list(self.processes):
            self.end(name)
        self.place.close()
        self._sweep_broker()

    def _sweep_broker(self) -> None:
        url = settings.CELERY_BROKER_URL
        if url.startswith("amqp"):
            return
        address = url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
        with redis.Redis.from_url(address) as broker:
            for key in broker.scan_iter(match=f"{self.name}:*"):
                broker.delete(key)

    def faults(self) -> list[str]:
        """Return the lines of the logs that report an error."""
        found = []
        for log in sorted(self.state.glob("*.log")):
            for line in log.read_text(errors="replace").splitlines():
                if any(
                    sign in line
                    for sign in ("Traceback", '"level": "error"', "CRITICAL", '"status": 5')
                ):
                    found.append(f"{log.name}: {line[:600]}")
        return found


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """Send the signal to the process and its children, which are one group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _with_database(url: str, name: str) -> str:
    """Return `url` with another database name."""
    known = parse_dsn(url)["NAME"]
    head, _, query = url.partition("?")
    assert head.endswith(f"/{known}"), "an address ends in the database's name"
    return head.removesuffix(known) + name + (f"?{query}" if query else "")


@contextlib.contextmanager
def running(state: Path, static: Path) -> Iterator[Site]:
    """Run a site inside the block."""
    site = Site(state, static)
    try:
        site.start()
        yield site
    finally:
        site.stop()


def collect_static(target: Path) -> None:
    """Collect the static files into `target`, under their hashed names."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.browser.site_settings",
        "STATIC_ROOT": str(target),
        "RLHFHUB_STATE": str(target.parent),
        "SITE_NAME": "none",
    }
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(
        command, cwd=CHECKOUT, env=environment, check=True, capture_output=True, text=True
    )
