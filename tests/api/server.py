"""Runs the site's web process on a free port and on a test's own database."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _with_name(dsn, name):
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


class Server:
    """A server process with one worker of eight threads, which uses the site's login."""

    def __init__(self, database, folder):
        self.port, self.dsn = _free_port(), _with_name(settings.DATABASE_URL, database)
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "rlhfhub.settings.development",
            "DATABASE_URL": self.dsn,
            "RLHFHUB_STATE": str(folder),
            "RLHFHUB_STORAGE": str(folder / "storage"),
            "CELERY_BROKER_URL": "memory://",
            "WEB_THREADS": "8",
        }
        command = [
            sys.executable,
            "-m",
            "granian",
            "rlhfhub.rsgi:application",
            "--interface=rsgi",
            "--http=1",
            "--no-ws",
            f"--port={self.port}",
            "--log-level=error",
        ]
        self.log = folder / "log"
        self.process = subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w")
        )

    def __enter__(self):
        for _ in range(300):
            try:
                if self.get("/healthz/live").status == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(timeout=20)

    def connect(self, timeout=600):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def get(self, path):
        connection = self.connect()
        connection.request("GET", path)
        return connection.getresponse()

    def ask(self, method, path, secret, body=None, kind="application/json", **headers):
        """Send a request. Returns status and answer. `body` is JSON, bytes or (with a length) blocks of bytes."""
        if body is not None and not isinstance(body, bytes) and "Content-Length" not in headers:
            body = json.dumps(body).encode()
        connection = self.connect(60)
        sent = {"Authorization": f"Bearer {secret}", "Content-Type": kind, **headers}
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else None

    def peak_memory(self):
        """Return the peak memory of the worker, in MiB."""
        (worker,) = (
            Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        )
        lines = Path(f"/proc/{worker}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
