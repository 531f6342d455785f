"""What a command among these tests runs on: embedded servers, a migrated database of its own, and no broker."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rlhfhub.devtools import roles
from rlhfhub.devtools.server_session import server_session
from rlhfhub.devtools.servers import places
from rlhfhub.devtools.test_run import TEST_SETTINGS


@contextmanager
def own_servers(name: str) -> Iterator[None]:
    """Start the servers in var/NAME, unless the environment names others, and set Django up with a new database."""
    os.environ.setdefault("RLHFHUB_STATE", str(places.CHECKOUT / "var" / name))
    os.environ.setdefault("RLHFHUB_PG_SETTINGS", TEST_SETTINGS)
    os.environ["DJANGO_SETTINGS_MODULE"] = "rlhfhub.settings.test"
    with server_session():
        roles.make()
        # Imported late: Django's settings read the servers' addresses.
        import django

        django.setup()
        from rlhfhub.celery import app
        from tests import databases

        connect = app.connection_for_write
        app.connection_for_write = lambda *given, **named: connect("memory://")
        with databases.migrated(f"test_{name}_{os.getpid()}"):
            yield
