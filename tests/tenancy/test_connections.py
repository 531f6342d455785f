"""A persistent connection that died with the database is replaced without an error; waiting for a lock times out."""

import pytest
from django.db import connection

from tests import databases
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of


@pytest.mark.slow
def test_the_first_request_after_a_restart_is_answered(
    own_database: str, workspace_a: Tenant
) -> None:
    """The server ends our connection behind our back, as a restart does."""
    client = workspace_a.client
    assert client.get("/api/v1/projects/").status_code == 200
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with databases.connected() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    assert client.get("/api/v1/projects/").status_code == 200
    assert connection.connection.info.backend_pid != pid


@pytest.mark.slow
def test_who_waits_for_a_lock_in_vain_is_told_to_come_again(
    own_database: str, workspace_a: Tenant
) -> None:
    """An import holds its batch for as long as it takes; closing it meanwhile gives up and changes nothing."""
    batch = make_batch(make_project(workspace_a))
    page = f"/w/{workspace_a.workspace.slug}/batches/{batch.pk}/close/"
    browser = browser_of(workspace_a.owner)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    with (
        databases.connected() as other,
        other.transaction(),
    ):
        other.execute("SELECT 1 FROM projects_items_batch WHERE id = %s FOR UPDATE", [batch.pk])
        answer = workspace_a.client.post(f"/api/v1/batches/{batch.pk}/close/")
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert answer["Retry-After"] == "5"
        answer = browser.post(page)
        assert answer.status_code == 503
        assert "Nothing was changed" in answer.content.decode()
    assert workspace_a.client.post(f"/api/v1/batches/{batch.pk}/close/").status_code == 200
