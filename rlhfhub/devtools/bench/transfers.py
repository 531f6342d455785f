"""Bulk ways in and out, each beside COPY of the same rows: import, funding, export."""

import http.client
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psycopg

from projects.items.models import Batch
from rlhfhub.devtools.bench.site import Site
from rlhfhub.devtools.rest import Rest
from rlhfhub.devtools.waiting import wait_until

BLOCK = 1 << 20
LONGEST = 3600.0


def upload(site: Site, key: str, batch: Batch, path: Path) -> tuple[float, dict[str, Any]]:
    """POST the file as NDJSON. Returns the seconds until the receipt, and the receipt."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=LONGEST)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    started = time.perf_counter()
    with path.open("rb") as file:
        length = {"Content-Length": str(path.stat().st_size)}
        connection.request(
            "POST", f"/api/v1/batches/{batch.pk}/items/", body=file, headers=headers | length
        )
        answer = connection.getresponse()
        body = answer.read()
    seconds = time.perf_counter() - started
    connection.close()
    if answer.status != 201:
        raise RuntimeError(f"import: {answer.status} {body[:300]!r}")
    receipt: dict[str, Any] = json.loads(body)
    return seconds, receipt


def fund(rest: Rest, batch: Batch) -> float:
    """Seconds from the request until every slot is there."""
    started = time.perf_counter()
    path = f"batches/{batch.pk}/fund/"
    rest.post(path)
    wait_until(lambda: rest.get(path)["state"] == "funded", LONGEST, "the funding", every=0.05)
    return time.perf_counter() - started


@dataclass(frozen=True)
class Exported:
    """A finished export and how long it took."""

    seconds: float
    rows: int
    downloads: dict[str, int]


def export(rest: Rest, project: object) -> Exported:
    """Ask for an export and follow it to its end."""
    started = time.perf_counter()
    made = rest.post(f"projects/{project}/exports/", {"format": "dpo"})
    path = f"exports/{made['id']}/"
    wait_until(
        lambda: rest.get(path)["state"] in ("finished", "failed"), LONGEST, "the export", every=0.05
    )
    seconds = time.perf_counter() - started
    found = rest.get(path)
    if found["state"] != "finished":
        raise RuntimeError(f"export: {found['error']}")
    return Exported(
        seconds, found["rows"], {file["path"]: file["bytes"] for file in found["files"]}
    )


def copy_again(
    owner: psycopg.Connection, table: str, where: str, value: object, path: Path
) -> float:
    """Seconds to COPY these rows of a table, from a file, into an empty one with the same columns, keys and indexes."""
    columns = ", ".join(_columns(owner, table))
    with path.open("wb") as file:
        query = f"COPY (SELECT {columns} FROM {table} WHERE {where}) TO STDOUT"  # noqa: S608  our own names
        _copy_out(owner, query, value, file)
    owner.execute(
        f"DROP TABLE IF EXISTS bench_copy; CREATE TABLE bench_copy (LIKE {table} INCLUDING ALL)"
    )
    started = time.perf_counter()
    into = f"COPY bench_copy ({columns}) FROM STDIN"
    with owner.cursor() as cursor, cursor.copy(into) as copy, path.open("rb") as file:
        while block := file.read(BLOCK):
            copy.write(block)
    seconds = time.perf_counter() - started
    owner.execute("DROP TABLE bench_copy")
    path.unlink()
    return seconds


_PAIRS = """
    COPY (SELECT json_build_object('prompt', i.prompt, 'chosen', i.responses -> r.chosen::int -> 'messages',
                 'rejected', i.responses -> (1 - r.chosen)::int -> 'messages')
          FROM projects_exports_exportrow r JOIN projects_items_item i ON i.id = r.item_id
          WHERE r.export_id = (SELECT id FROM projects_exports_export WHERE project_id = %s AND state = 'finished'
                               ORDER BY number DESC LIMIT 1)
          ORDER BY r.number) TO STDOUT
"""


def copy_pairs(owner: psycopg.Connection, project: object, path: Path) -> float:
    """Seconds to COPY the last export's pairs as JSON lines into a file."""
    started = time.perf_counter()
    with path.open("wb") as file:
        _copy_out(owner, _PAIRS, project, file)
    seconds = time.perf_counter() - started
    path.unlink()
    return seconds


def _copy_out(owner: psycopg.Connection, query: str, value: object, file: BinaryIO) -> None:
    with owner.cursor() as cursor, cursor.copy(query, [value]) as copy:
        for block in copy:
            file.write(block)


def _columns(owner: psycopg.Connection, table: str) -> list[str]:
    rows = owner.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s "
        "ORDER BY ordinal_position",
        [table],
    )
    return [row[0] for row in rows.fetchall()]
