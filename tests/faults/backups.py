"""A backup and a restored site, made by the commands in README, and annotators who work meanwhile."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from projects.exports.models import Export
from projects.plan.models import Project
from rlhfhub.devtools.servers import binaries
from rlhfhub.ground.dsn import database as parse_dsn
from tests import people
from tests.browser.site import CHECKOUT
from tests.factories import Tenant

PATIENCE = 60
README = (CHECKOUT / "README.md").read_text()
BACK_UP, RESTORE = re.findall(
    r"```sh\n(.*?)```", README.partition("### Backup and restore\n")[2], re.DOTALL
)[:2]


def walk(commands: str, **variables: str) -> str:
    """Run commands of README in a shell that stops at the first failure. Returns their output."""
    done = attempt(commands, **variables)
    assert done.returncode == 0, done.stdout
    return done.stdout


def attempt(commands: str, **variables: str) -> subprocess.CompletedProcess[str]:
    programs = [str(Path(sys.executable).parent), str(binaries.postgres_programs())]
    return subprocess.run(
        ["bash", "-e", "-u", "-o", "pipefail", "-c", commands],
        cwd=CHECKOUT,
        env=os.environ
        | {
            "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
            "DJANGO_SETTINGS_MODULE": "rlhfhub.settings.development",
        }
        | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@dataclass
class Backup:
    """A backup, and the ids of the answers that the site had acknowledged before it began."""

    folder: Path
    tenant: Tenant
    project: Project
    annotators: list[people.Annotator]
    finished: Export
    acknowledged: list[str]


@dataclass
class Elsewhere:
    """The addresses and the storage folder of a restored site."""

    owner_url: str
    site_url: str
    admin_url: str
    storage: Path

    @property
    def variables(self) -> dict[str, str]:
        return {
            "DATABASE_OWNER_URL": self.owner_url,
            "DATABASE_URL": self.site_url,
            "ADMIN_URL": self.admin_url,
            "RLHFHUB_STORAGE": str(self.storage),
        }


class Load:
    """Annotators who work, each in a thread, until the block ends; keeps the ids of acknowledged answers."""

    def __init__(self, annotators: list[people.Annotator]) -> None:
        self.acknowledged: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(one,)) for one in annotators]

    def _work(self, annotator: people.Annotator) -> None:
        try:
            while not self._stop.is_set() and (lease := annotator.lease()):
                answer = annotator.submit(lease)
                assert answer.status_code == 201, answer.content
                self.acknowledged.append(answer.json()["id"])
        finally:
            connection.close()

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def wait_for(self, count: int) -> None:
        """Wait until so many more answers are acknowledged."""
        wanted = len(self.acknowledged) + count
        waited = threading.Event()
        for _ in range(PATIENCE * 20):
            if len(self.acknowledged) >= wanted:
                return
            waited.wait(0.05)
        raise AssertionError("nobody works")


@contextmanager
def leading_to(url: str, files: Path) -> Iterator[None]:
    """Connect Django (in every thread) to this database and this storage folder inside the block."""
    target = connections["default"].settings_dict
    before, was = {name: target[name] for name in parse_dsn(url)}, settings.STORAGE_DIR
    connections.close_all()
    target.update(parse_dsn(url))
    settings.STORAGE_DIR = files
    try:
        yield
    finally:
        connections.close_all()
        target.update(before)
        settings.STORAGE_DIR = was
