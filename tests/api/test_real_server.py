"""The import over a real server: a large body, a chunked one, a slow sender, and the server's memory."""

import json
import os
import socket
import time

import psycopg
import pytest

from tests.api.server import Server
from tests.factories import make_batch, make_project, make_workspace

ITEMS = int(os.environ.get("IMPORT_ITEMS", "10000"))
MIB = 1 << 20


@pytest.fixture
def ground(own_database):
    """A tenant with an empty batch, in a database with real commits."""
    tenant = make_workspace()
    return tenant, make_batch(make_project(tenant), items=0)


@pytest.fixture
def server(own_database, ground, tmp_path):
    with Server(own_database, tmp_path) as running:
        yield running


def _rows(count):
    text = "Lorem ipsum dolor sit amet, consetetur. " * 17
    for number in range(count):
        item = {
            "external_id": f"r{number}",
            "prompt": f"Question {number}?",
            "responses": [{"text": f"A{number} {text}"}, {"text": f"B{number} {text}"}],
        }
        yield json.dumps(item).encode() + b"\n"


def _blocks(count):
    block = bytearray()
    for number, row in enumerate(_rows(count)):
        block += (b"," if block or number else b"[") + row
        if len(block) > MIB:
            yield bytes(block)
            block.clear()
    yield bytes(block) + b"]"


def _import(server, tenant, batch, body, end="/", **headers):
    connection = server.connect()
    kind = {"Authorization": f"Bearer {tenant.secret}", "Content-Type": "application/x-ndjson"}
    path = f"/api/v1/batches/{batch.pk}/items{end}"
    chunked = "Content-Length" not in headers and not isinstance(body, bytes)
    connection.request("POST", path, body, {**kind, **headers}, encode_chunked=chunked)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


@pytest.mark.parametrize(
    ("end", "status", "words"),
    [
        ("", 404, "/items/"),
        ("?on_error=skip", 404, "/items/?on_error=skip"),
        ("/?on_eror=skip", 400, "on_eror"),
    ],
)
@pytest.mark.slow
def test_an_address_that_is_almost_right(server, ground, end, status, words):
    """Refused in words that name what is wrong, by the headers of a body that is long: nothing is imported."""
    tenant, batch = ground
    small = next(_rows(1))
    for body in (small, b"".join(_rows(4000))):
        got, answer = _import(server, tenant, batch, body, end)
        assert got == status and words in answer["detail"]
    batch.refresh_from_db()
    assert batch.items_count == 0
    assert _import(server, tenant, batch, small)[0] == 201


@pytest.mark.slow
def test_a_large_import(server, ground):
    """In one request, an array in chunks; the server holds a small part of it at any time."""
    tenant, batch = ground
    before = server.peak_memory()
    started = time.monotonic()
    status, receipt = _import(server, tenant, batch, _blocks(ITEMS))
    seconds = time.monotonic() - started
    assert (status, receipt["created"]) == (201, ITEMS), receipt
    grown = server.peak_memory() - before
    print(
        f"\n{ITEMS} items in {seconds:.1f} s, {ITEMS / seconds:.0f}/s; memory grew by {grown:.0f} MiB to "
        f"{before + grown:.0f} MiB"
    )
    assert grown < 150


@pytest.mark.slow
def test_a_large_import_with_a_length(server, ground, tmp_path):
    """As a file is sent."""
    tenant, batch = ground
    path = tmp_path / "items.jsonl"
    path.write_bytes(b"".join(_rows(1000)))
    with path.open("rb") as file:
        length = {"Content-Length": str(path.stat().st_size)}
        status, receipt = _import(server, tenant, batch, file, **length)
    assert (status, receipt["created"]) == (201, 1000), receipt


@pytest.mark.slow
def test_a_slow_sender_holds_no_transaction(server, ground):
    """While half a body has come, no connection of the site stands in a transaction; when it breaks off,
    nothing has come in."""
    tenant, batch = ground
    body = b"".join(_rows(20))
    with socket.create_connection(("127.0.0.1", server.port)) as sender:
        sender.sendall(
            f"POST /api/v1/batches/{batch.pk}/items/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {tenant.secret}\r\nContent-Type: application/x-ndjson\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body[: len(body) // 2]
        )
        time.sleep(1)
        with psycopg.connect(server.dsn) as look:
            states = look.execute(
                "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        assert states and all(state != "idle in transaction" for (state,) in states)
    time.sleep(0.5)
    assert tenant.client.get(f"/api/v1/batches/{batch.pk}/").json()["items_count"] == 0


@pytest.mark.slow
def test_a_refusal_in_the_middle_of_a_large_body_arrives(server, ground):
    """A sender that is refused early still gets its answer."""
    tenant, batch = ground
    other = make_workspace()
    status, answer = _import(server, other, batch, _blocks(5000))
    assert (status, answer["code"]) == (404, "not_found")
    status, answer = _import(server, tenant, batch, b"{}\n")
    assert (status, answer["errors"][0]["row"]) == (400, 1)


@pytest.mark.slow
def test_a_large_file_in_a_form(server, ground):
    """Longer than what is read before its sender is known; nothing of it is left lying about."""
    tenant, batch = ground
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="items.jsonl"\r\n\r\n'
    body = head + b"".join(_rows(4000)) + b"\r\n--b--\r\n"
    assert len(body) > 4 * MIB
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    status, receipt = _import(server, tenant, batch, body, **kind)
    assert (status, receipt["created"]) == (201, 4000), receipt
    assert list((server.log.parent / "storage" / "uploads").iterdir()) == []
