"""A kept connection that died with the database is replaced, and nobody sees it."""

import psycopg
import pytest
from django.db import connection

from tests.factories import Tenant


@pytest.mark.slow
def test_the_first_request_after_a_restart_is_answered(
    own_database: str, workspace_a: Tenant
) -> None:
    """The server ends our connection behind our back, as a restart does."""
    client = workspace_a.client
    assert client.get("/api/v1/projects/").status_code == 200
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    target = connection.settings_dict
    with psycopg.connect(
        host=target["HOST"], user=target["USER"], dbname=own_database, autocommit=True
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    assert client.get("/api/v1/projects/").status_code == 200
    assert connection.connection.info.backend_pid != pid
