"""Uploads that cannot be taken: each a clear 4xx that names row and field, nothing changed, never a 500."""

import gzip
import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from projects.items.models import Batch, Item
from rlhfhub.tenancy import planes
from tests.api.unchanged import nothing_changes
from tests.api.uploads import GOOD, JSON, NDJSON, lines, send
from tests.factories import fund_batch, make_batch, make_item, make_items, make_project


@pytest.fixture
def draft(project):
    """A batch that takes items."""
    return make_batch(project, items=0)


def _gz(body):
    return gzip.compress(body)


def _zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x", "y")
    return out.getvalue()


GZ = {"HTTP_CONTENT_ENCODING": "gzip"}
MANY = lines(*make_items(500))
FILES = {
    # name: (body, content type, headers, status, code)
    "truncated gzip": (_gz(MANY)[:-20], NDJSON, GZ, 400, "truncated_gzip"),
    "truncated gzip, unannounced": (_gz(MANY)[:-20], "application/gzip", {}, 400, "truncated_gzip"),
    "gzip with a wrong checksum": (_gz(MANY)[:-8] + b"\0" * 8, NDJSON, GZ, 400, "bad_gzip"),
    "announced gzip that is none": (MANY, NDJSON, GZ, 400, "bad_gzip"),
    "gzip and something behind": (_gz(MANY) + b"more", NDJSON, GZ, 400, "bad_gzip"),
    "gzip in gzip": (_gz(_gz(MANY)), NDJSON, GZ, 400, "not_json"),
    "a gzip bomb": (_gz(b" " * (64 << 20)), NDJSON, GZ, 413, "gzip_bomb"),
    "brotli": (MANY, NDJSON, {"HTTP_CONTENT_ENCODING": "br"}, 415, "unsupported_encoding"),
    "a zip": (_zip(), NDJSON, {}, 400, "not_json"),
    "UTF-16": (MANY.decode().encode("utf-16"), NDJSON, {}, 400, "not_json"),
    "nothing": (b"", NDJSON, {}, 400, "empty"),
    "blanks": (b" \n \n", NDJSON, {}, 400, "empty"),
    "an empty array": (b"[]", JSON, {}, 400, "empty"),
    "a form of fields": (
        b"a=b",
        "application/x-www-form-urlencoded",
        {},
        415,
        "unsupported_media_type",
    ),
    "XML": (b"<x/>", "application/xml", {}, 415, "unsupported_media_type"),
    "an unfinished array": (b"[" + json.dumps(GOOD).encode(), JSON, {}, 400, None),
    "a form without a boundary": (b"x", "multipart/form-data", {}, 400, "bad_form"),
    "a broken form": (b"x", "multipart/form-data; boundary=b", {}, 400, None),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_files(workspace_a, draft, name, settings):
    """What cannot be read at all."""
    body, kind, headers, status, code = FILES[name]
    with nothing_changes():
        response = send(workspace_a.client, draft, body, kind, **headers)
    assert response.status_code == status, response.content
    assert code is None or response.json()["code"] == code, response.content
    assert response.json()["detail"]
    assert list(Path(settings.STORAGE_DIR).glob("uploads/*")) == []


class _Endless:
    """A stream of `size` bytes that are never all there."""

    def __init__(self, size, head=b'{"prompt": "'):
        self.left, self.head = size, head

    def read(self, size=-1):
        block = self.head or b"x" * min(self.left, size if size >= 0 else self.left, 1 << 20)
        self.head = b""
        self.left -= len(block)
        return block

    readline = read


def _stream(client, batch, stream, length, kind=NDJSON, terminated=False):
    environ = {
        "wsgi.input": stream,
        "CONTENT_LENGTH": str(length),
        "wsgi.input_terminated": terminated,
    }
    return client.generic(
        "POST", f"/api/v1/batches/{batch.pk}/items/", b"", content_type=kind, **environ
    )


def test_a_line_of_200_megabytes(workspace_a, draft):
    """Refused as one long line, and never held in memory."""
    size = 200 << 20
    tracemalloc.start()
    with nothing_changes():
        response = _stream(workspace_a.client, draft, _Endless(size), size)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert response.status_code == 400
    assert response.json()["errors"][0]["row"] == 1
    assert "longer than" in response.json()["errors"][0]["message"]
    assert peak < 40 << 20


def test_a_body_over_the_cap(workspace_a, draft, settings):
    """Refused by its announced length, and by its real one."""
    settings.IMPORT_MAX_BYTES = 1 << 20
    with nothing_changes():
        announced = _stream(workspace_a.client, draft, _Endless(2 << 20), 2 << 20)
        unannounced = _stream(workspace_a.client, draft, _Endless(2 << 20), "", terminated=True)
    for response in (announced, unannounced):
        assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_an_upload_that_breaks_off(workspace_a, draft):
    """A file cut between two rows looks complete; its Content-Length shows that it is not."""
    body = lines(*make_items(3))
    with nothing_changes():
        response = _stream(workspace_a.client, draft, io.BytesIO(body), len(body) + 500)
    assert (response.status_code, response.json()["code"]) == (400, "interrupted")

    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError("connection reset")

    with nothing_changes():
        response = _stream(workspace_a.client, draft, Broken(), 500)
    assert (response.status_code, response.json()["code"]) == (400, "interrupted")


def test_forms(workspace_a, draft):
    """Exactly one file named `file`, and nothing else."""
    path = f"/api/v1/batches/{draft.pk}/items/"

    def upload(**parts):
        return workspace_a.client.post(path, parts, format="multipart")

    def file(body, name="items.jsonl"):
        made = io.BytesIO(body)
        made.name = name
        return made

    with nothing_changes():
        for response, field in (
            (upload(other=file(MANY)), "other"),
            (upload(file=file(MANY), colour="red"), "colour"),
            (upload(file="text"), "file"),
        ):
            assert response.status_code == 400, response.content
            assert response.json()["errors"][0]["field"] == field
    assert upload(file=file(_gz(MANY), "items.jsonl.gz")).json()["created"] == 500
    assert upload(file=file(MANY)).json()["duplicates"] == 500


def test_on_error_is_one_of_two(workspace_a, draft):
    """And nothing is read before it is known."""
    with nothing_changes():
        response = send(workspace_a.client, draft, MANY, query="?on_error=ignore")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "on_error")


def test_skipping_bad_rows(workspace_a, draft):
    """On request, valid rows are imported and the receipt lists the others."""
    body = lines(GOOD, {**make_item(2), "prompt": 7}, make_item(3), GOOD)
    response = send(workspace_a.client, draft, body, query="?on_error=skip")
    assert response.status_code == 201
    receipt = response.json()
    assert (receipt["received"], receipt["created"], receipt["duplicates"]) == (4, 2, 1)
    assert [(r["row"], r["field"]) for r in receipt["rejected"]] == [(2, "prompt")]


def test_an_id_that_is_there_with_other_content(workspace_a, project, draft):
    """Named by row when whole, left out when skipping; the same content is a duplicate."""
    make_batch(project, items=2)
    with planes.in_workspace(workspace_a.pk):
        other = Batch.objects.exclude(pk=draft.pk).get()
    assert other.items_count == 2
    body = lines(make_item(1), make_item(2, prompt="Changed?"), make_item(3))
    with nothing_changes():
        response = send(workspace_a.client, draft, body)
    assert (response.status_code, response.json()["errors"][0]["row"]) == (400, 2)
    assert response.json()["errors"][0]["field"] == "external_id"
    receipt = send(workspace_a.client, draft, body, query="?on_error=skip").json()
    assert (receipt["created"], receipt["duplicates"], receipt["rejected_count"]) == (1, 1, 1)


def test_more_after_duplicates(workspace_a, project, draft):
    """What was there already leaves a gap in the order, and later uploads go on behind it."""
    make_batch(project, items=4)
    for first, created in ((3, 8), (8, 5), (8, 0), (18, 10)):
        response = send(workspace_a.client, draft, lines(*make_items(10, first)))
        assert (response.status_code, response.json()["created"]) == (201, created)
    rows = workspace_a.client.get(f"/api/v1/batches/{draft.pk}/items/").json()["results"]
    assert [row["external_id"] for row in rows] == [f"item-{n}" for n in range(5, 28)]


def test_a_funded_batch_takes_nothing(workspace_a, project):
    """409."""
    batch = make_batch(project, items=1, fund=False)
    fund_batch(batch)

    with nothing_changes():
        response = send(workspace_a.client, batch, lines(GOOD))
    assert (response.status_code, response.json()["code"]) == (409, "not_draft")


def test_every_way_in(workspace_a, draft):
    """Array, lines, gzip announced and not, and with a byte order mark; text comes back as it was sent."""
    client = workspace_a.client
    strange = make_item(
        1, prompt="é 𝄞 \u2028 <script>", metadata={"n": 1.5, "far": [1e300, {"x": None}]}
    )
    ways = [
        (json.dumps([strange]).encode(), JSON, {}),
        (lines(make_item(2)), NDJSON, {}),
        (_gz(lines(make_item(3))), NDJSON, GZ),
        (_gz(lines(make_item(4))), "application/gzip", {}),
        (b"\xef\xbb\xbf" + lines(make_item(5)), "text/plain", {}),
        (json.dumps(make_item(6), indent=2).encode(), JSON, {}),
    ]
    for body, kind, headers in ways:
        response = send(client, draft, body, kind, **headers)
        assert (response.status_code, response.json()["created"]) == (201, 1), response.content
    rows = client.get(f"/api/v1/batches/{draft.pk}/items/").json()["results"]
    assert [row["external_id"] for row in rows] == [f"item-{n}" for n in range(1, 7)]
    assert rows[0]["prompt"] == [{"role": "user", "content": strange["prompt"]}]
    assert rows[0]["metadata"] == strange["metadata"]
    assert [r["messages"][0]["content"] for r in rows[0]["responses"]] == [
        r["text"] for r in strange["responses"]
    ]


def test_a_chunked_upload(workspace_a, draft):
    """Without an announced length only what ends by itself is known to be whole."""
    rows, array = lines(*make_items(3)), json.dumps(make_items(3)).encode()

    def sent(body):
        stream = io.BytesIO(body)
        response = _stream(workspace_a.client, draft, stream, "", terminated=True)
        return response.status_code, response.json().get("code", response.json().get("created"))

    with nothing_changes():
        assert sent(rows) == sent(lines(make_item(1))) == (411, "length_required")
        assert sent(array[:-2])[0] == 400
        assert sent(_gz(rows)[:-9]) == (400, "truncated_gzip")
    assert sent(array) == (201, 3)
    assert sent(_gz(lines(*make_items(3, 10)))) == (201, 3)


def test_foreign_missing_and_revoked(workspace_a, workspace_b, draft, client_for):
    """Another workspace's batch gives 404, like a missing one; a key without the scope gives 403."""
    body = lines(GOOD)
    missing = make_project(workspace_a)  # an id, but not a batch's
    with nothing_changes():
        foreign = send(workspace_b.client, draft, body)
        nowhere = send(workspace_a.client, missing, body)
        nobody = send(client_for(), draft, body)
        unknown = send(client_for("rlh_unknown"), draft, body)
    assert foreign.status_code == nowhere.status_code == 404
    assert foreign.content == nowhere.content
    assert nobody.status_code == unknown.status_code == 401
    with planes.in_workspace(workspace_a.pk):
        assert not Item.objects.exists()


def test_an_upload_that_ends_beside_ours(workspace_a, draft, settings):
    """The folder is deleted between listing it and reading it."""
    place = settings.STORAGE_DIR / "uploads"
    place.mkdir(parents=True)
    (place / "ended").symlink_to(place / "gone")
    assert send(workspace_a.client, draft, lines(GOOD)).status_code == 201


def test_what_killed_processes_left_goes_after_a_day(workspace_a, draft, settings):
    """Folders of ours, and files that Django kept of a form; not what is coming in now."""
    place = settings.UPLOADS_DIR
    (place / "old-folder").mkdir(parents=True)
    for name in ("old-folder/rows", "old.upload", "new.upload"):
        (place / name).write_bytes(b"x")
    for name in ("old-folder", "old.upload"):
        os.utime(place / name, (0, 0))
    assert send(workspace_a.client, draft, lines(GOOD)).status_code == 201
    assert [path.name for path in place.iterdir()] == ["new.upload"]
