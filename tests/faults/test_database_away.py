"""While PostgreSQL is stopped: 503 with Retry-After and one log line per request. Afterwards all works again."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from django.test import Client

from projects.plan import services
from projects.plan.models import Project
from rlhfhub.devtools.servers import postgres
from rlhfhub.tenancy import planes
from tests import databases
from tests.api.server import Server
from tests.factories import Tenant
from tests.faults.private_postgres import private_postgres
from tests.pages.conftest import browser_of

SOON = 7.0
CSRF = "c" * 32
FINE = {200, 201, 303, 422}


@pytest.fixture(scope="module")
def seed() -> Iterator[dict[str, str]]:
    with private_postgres() as found:
        yield found


@pytest.fixture
def server(seed: dict[str, str], settings: Any, tmp_path: Path) -> Iterator[Any]:
    """The site on a server of its own, whose database connections are persistent."""
    settings.DATABASE_URL = seed["url"]
    with Server(urlsplit(seed["url"]).path[1:], tmp_path) as running:
        assert {status for status, *_ in asked(running, seed).values()} <= FINE
        yield running


def asked(server: Any, seed: dict[str, str]) -> dict[str, tuple[int, Any, bytes]]:
    """Pages and REST, GET and POST, with the middleware's transaction and with their own."""
    key, cookie = (
        {"Authorization": f"Bearer {seed['secret']}"},
        {"Cookie": f"sessionid={seed['session']}; csrftoken={CSRF}"},
    )
    item = (
        b'{"external_id": "%d", "prompt": "p", "responses": [{"text": "a"}, {"text": "b"}]}'
        % time.time_ns()
    )
    form = {**cookie, "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": CSRF}
    requests = (
        ("GET", "/api/v1/projects/", key, None),
        (
            "POST",
            "/api/v1/projects/",
            {**key, "Content-Type": "application/json"},
            b'{"name": "new"}',
        ),
        ("GET", f"/api/v1/batches/{seed['batch']}/items/", key, None),
        (
            "POST",
            f"/api/v1/batches/{seed['batch']}/items/",
            {**key, "Content-Type": "application/x-ndjson"},
            item,
        ),
        ("GET", f"/w/{seed['slug']}/", cookie, None),
        ("GET", f"/w/{seed['slug']}/projects/{seed['project']}/", cookie, None),
        ("GET", "/", {}, None),
        ("GET", "/accounts/login/", {}, None),
        ("POST", f"/w/{seed['slug']}/batches/{seed['batch']}/import/", form, b"text="),
    )
    return {
        f"{method} {path}": _ask(server, method, path, *rest) for method, path, *rest in requests
    }


def _ask(
    server: Any, method: str, path: str, headers: Any, body: bytes | None
) -> tuple[int, Any, bytes]:
    connection = server.connect(30)
    connection.request(method, path, body, headers)
    response: http.client.HTTPResponse = connection.getresponse()
    found = response.status, response.headers, response.read()
    connection.close()
    return found


@pytest.mark.slow
def test_a_stopped_database_is_told_in_words_and_in_one_line(
    server: Any, seed: dict[str, str]
) -> None:
    mark = server.log.stat().st_size
    postgres.stop()
    begun = time.monotonic()
    answers = asked(server, seed)
    ready, live = (_ask(server, "GET", f"/healthz/{name}", {}, None) for name in ("ready", "live"))
    took = time.monotonic() - begun
    postgres.start()
    back = {status for status, *_ in asked(server, seed).values()}
    assert _ask(server, "GET", "/healthz/ready", {}, None)[1]
    for what, (status, headers, body) in answers.items():
        assert (status, headers["Retry-After"]) == (503, "10"), what
        if "/api/" in what:
            assert json.loads(body)["code"] == "database_away"
        else:
            assert b"cannot reach its database" in body, what
            assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert b"othing was changed" not in body
    assert (ready[0], json.loads(ready[2])["database"]) == (503, "database_away")
    assert live[0] == 200
    assert took < SOON
    assert back <= FINE
    _one_line_each(server.log, mark, answers)


def _one_line_each(log: Path, mark: int, answers: dict[str, Any]) -> None:
    """Of the requests that failed each has its own line, and none another."""
    text = log.read_bytes()[mark:].decode()
    assert "Traceback" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    failed = [line for line in lines if line.get("status") == 503 and "healthz" not in line["path"]]
    assert [f"{line['method']} {line['path']}" for line in failed] == list(answers)
    assert all(line["reason"].startswith("database_away: ") for line in failed)
    assert {line["event"] for line in lines} == {"request"}


@pytest.mark.slow
def test_no_connection_left_is_as_no_database(server: Any, seed: dict[str, str]) -> None:
    admin = postgres.find().url(postgres.SUPERUSER, "postgres")
    with psycopg.connect(admin, autocommit=True) as superuser:
        superuser.execute("ALTER ROLE rlhfhub_app CONNECTION LIMIT 0")
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rlhfhub_app'"
        )
        answers = asked(server, seed)
        superuser.execute("ALTER ROLE rlhfhub_app CONNECTION LIMIT -1")
    assert {status for status, *_ in answers.values()} == {503}
    assert {status for status, *_ in asked(server, seed).values()} <= FINE


@pytest.mark.slow
@pytest.mark.parametrize("by", ["key", "page"])
def test_a_connection_lost_at_the_commit_promises_nothing(
    own_database: str, workspace_a: Tenant, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server cannot know whether the commit succeeded, so the answer must not say that nothing changed."""
    made = services.create_project

    def then_lost(**fields: Any) -> Project:
        project = made(**fields)
        with databases.connected() as other:
            other.execute(
                "SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid]
            )
        return project

    monkeypatch.setattr(services, "create_project", then_lost)
    answer = _create_project(workspace_a, by)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "check whether it arrived" in answer.content.decode()
    with planes.in_workspace(workspace_a.pk):
        assert not Project.objects.exists()
    monkeypatch.undo()
    assert _create_project(workspace_a, by).status_code in (201, 303)


def _create_project(tenant: Tenant, by: str) -> Any:
    if by == "key":
        client = Client(
            raise_request_exception=False, headers={"Authorization": f"Bearer {tenant.secret}"}
        )
        return client.post("/api/v1/projects/", '{"name": "new"}', "application/json")
    browser = browser_of(tenant.owner, raise_request_exception=False)
    fields = {"template": "pairwise", "name": "new", "access": "members", "overlap": "3"}
    fields |= {"estimated_seconds": "60", "lease_minutes": "30", "auto_accept_hours": "72"}
    return browser.post(f"/w/{tenant.workspace.slug}/projects/new/", fields)
