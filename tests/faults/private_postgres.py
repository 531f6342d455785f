"""A PostgreSQL server for one test, which may stop it, with the site's roles and tables."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from rlhfhub.devtools import environment
from rlhfhub.devtools.servers import postgres

CHECKOUT = Path(__file__).resolve().parents[2]
SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "RLHFHUB_ADMIN_URL")
_SEED = """
import json, django
django.setup()
from django.test import Client
from tests.factories import make_batch, make_project, make_workspace
tenant = make_workspace("Away")
project = make_project(tenant)
batch = make_batch(project, items=0)
client = Client()
client.force_login(tenant.owner)
print(json.dumps({
    "secret": tenant.secret, "slug": tenant.workspace.slug, "project": str(project.pk), "batch": str(batch.pk),
    "session": client.cookies[django.conf.settings.SESSION_COOKIE_NAME].value,
}))
"""


@contextmanager
def private_postgres() -> Iterator[dict[str, str]]:
    """Start a server, migrate it and create a key, a session, a project and a batch. `postgres.stop()` stops it."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="rlhfhub-") as state,
    ):
        # PostgreSQL runs as another user, who must be able to enter the folder.
        Path(state).chmod(0o755)
        for name in SERVERS:
            patch.delenv(name, raising=False)
        patch.setenv("RLHFHUB_STATE", state)
        patch.setenv("RLHFHUB_PG_SETTINGS", "fsync=off")
        cluster = postgres.start()
        try:
            for name, url in environment.server_addresses().items():
                patch.setenv(name, url)
            patch.setenv("SECRET_KEY", settings.SECRET_KEY)
            admin = cluster.url(postgres.SUPERUSER, "postgres")
            _manage("create_roles", "--admin-url", admin)
            _manage("migrate", "--verbosity", "0", RLHFHUB_LOGIN="owner")
            patch.setenv("STATIC_ROOT", f"{state}/static")
            as_the_web = {"DJANGO_SETTINGS_MODULE": "rlhfhub.settings.development"}
            _manage("collectstatic", "--noinput", "--verbosity", "0", **as_the_web)
            yield {"url": os.environ["DATABASE_URL"], **json.loads(_python("-c", _SEED))}
        finally:
            postgres.stop()


def _manage(*command: str, **more: str) -> str:
    return _python("manage.py", *command, **more)


def _python(*command: str, **more: str) -> str:
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "rlhfhub.settings.test"} | more
    done = subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
