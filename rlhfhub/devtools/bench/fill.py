"""Fills tables with the owner's login: thousands of items made from the demo's, and a project's long history."""

import json
import uuid
from pathlib import Path

import psycopg

from projects.items.models import Batch
from rlhfhub.devtools.bench import sql
from rlhfhub.devtools.bench.people import Place
from rlhfhub.devtools.demo_data import ITEMS

CHUNK = 50_000


def items(owner: psycopg.Connection, *, model: uuid.UUID, batch: Batch, count: int) -> None:
    """Put `count` items into an empty batch, made from the items of the batch `model`."""
    ids = {"model": model, "batch": batch.pk}
    for first in range(1, count + 1, CHUNK):
        owner.execute(sql.ITEMS, ids | {"first": first, "last": min(first + CHUNK - 1, count)})
    owner.execute(sql.COUNTED, {"last": count, "batch": batch.pk})


def past(
    owner: psycopg.Connection, *, batch: Batch, place: Place, number: int, first: int, count: int
) -> int:
    """Make accepted answers of the annotator for slot `number` of these items, if it is open.

    Returns: the number of answers made.
    """
    ids = {"batch": batch.pk, "enrollment": place.enrollment_id, "person": place.person.id}
    values = ids | {"number": number, "first": first, "end": first + count}
    with owner.transaction():
        made = [owner.execute(statement, values).rowcount for statement in sql.PAST]
    return made[0]


def vacuum(owner: psycopg.Connection) -> None:
    """Vacuum and analyze all tables now, which autovacuum would only do later."""
    owner.execute("VACUUM (ANALYZE)")


def keyed(count: int) -> bytes:
    """Return `count` keyed items in the import format, each with the right answer of three people."""
    rows = []
    for number, line in zip(range(count), ITEMS.read_text().splitlines(), strict=False):
        item = json.loads(line)
        answer = {"preference": {"choice": "0"}}
        key = [{"by": by, "answer": answer} for by in ("Ann", "Bo", "Cy")]
        own = {"external_id": f"keyed-{number}", "prompt": f"{item['prompt']} (keyed)", "key": key}
        rows.append(json.dumps(item | own))
    return "\n".join(rows).encode()


def upload(path: Path, count: int) -> None:
    """Write `count` items in the import format, made from the demo's, each with its own id and question."""
    base = [json.loads(line) for line in ITEMS.read_text().splitlines()]
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            item = base[number % len(base)]
            own = {"external_id": f"item-{number}", "prompt": f"{item['prompt']} ({number})"}
            file.write(json.dumps(item | own, ensure_ascii=False) + "\n")
