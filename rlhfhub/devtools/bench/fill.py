"""Fills tables by SQL as the owner: items by the thousand from the demo's real ones, and a project's long past."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg

from projects.items.models import Batch
from rlhfhub.devtools.bench.people import Place
from rlhfhub.devtools.demo_data import ITEMS

CHUNK = 50_000

# Content is that of the demo's items, stored by a real import; every copy asks its own question.
_ITEMS = """
    WITH base AS (
        SELECT row_number() OVER (ORDER BY seq) - 1 AS k, prompt -> 0 ->> 'content' AS question, responses, metadata
        FROM projects_items_item WHERE batch_id = %(model)s)
    INSERT INTO projects_items_item
        (id, workspace_id, project_id, batch_id, seq, external_id, prompt, responses, context, metadata, sha256,
         content_key, created_at)
    SELECT rlhfhub_uuid7(), b.workspace_id, b.project_id, b.id, n, 'item-' || n,
           jsonb_build_array(jsonb_build_object('role', 'user', 'content', base.question || ' (' || n || ')')),
           base.responses, '{}', base.metadata, md5(n::text) || md5(b.id::text),
           md5(b.id::text || n)::uuid, clock_timestamp()
    FROM projects_items_batch b
    CROSS JOIN generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    JOIN base ON base.k = n %% (SELECT count(*) FROM base)
    WHERE b.id = %(batch)s ORDER BY n
"""


def items(owner: psycopg.Connection, *, model: uuid.UUID, batch: Batch, count: int) -> None:
    """`count` items in an empty batch, made from those of the batch `model`."""
    for first in range(1, count + 1, CHUNK):
        last = min(first + CHUNK - 1, count)
        owner.execute(_ITEMS, {"model": model, "batch": batch.pk, "first": first, "last": last})
    owner.execute(
        "UPDATE projects_items_batch SET items_count = %s WHERE id = %s", [count, batch.pk]
    )


_LEASES = """
    INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
        form_id, guideline_version_id, seed, shown, keys, leased_at, expires_at, ended_at, ended_as,
        return_reason, return_note)
    SELECT gen_random_uuid(), s.workspace_id, s.project_id, s.id, s.item_id, %(enrollment)s, %(person)s, p.form_id,
        p.guideline_version_id, 1, '{0,1}', '{k1,k2}', now(), now() + interval '30 minutes', now(), 'submitted', '', ''
    FROM projects_items_item i JOIN projects_work_slot s ON s.item_id = i.id AND s.number = %(number)s
    JOIN projects_plan_project p ON p.id = s.project_id
    WHERE i.batch_id = %(batch)s AND i.seq >= %(first)s AND i.seq < %(end)s AND s.state = 'open'
"""
_ANNOTATIONS = """
    INSERT INTO projects_work_annotation (id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id,
        enrollment_id, annotator_id, form_id, guideline_version_id, answer, label, price_minor, fee_minor, currency,
        seconds, state, submitted_at, decide_by)
    SELECT rlhfhub_uuid7(), l.workspace_id, l.project_id, s.batch_id, l.item_id, l.slot_id, l.id, l.enrollment_id,
        l.annotator_id, l.form_id, l.guideline_version_id,
        jsonb_build_object('preference', jsonb_build_object('choice', (r.n > 0)::int),
                           'reason', 'It follows the instruction better.'),
        r.n, s.price_minor, s.fee_minor, s.currency, 30, 'accepted', now(), now() + interval '3 days'
    FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
    CROSS JOIN LATERAL (SELECT CASE WHEN hashtext(l.item_id::text) %% 2 = 0 THEN 1 ELSE -1 END AS n) r
    WHERE l.enrollment_id = %(enrollment)s AND l.ended_as = 'submitted'
"""
_DECISIONS = """
    INSERT INTO projects_review_decision (id, workspace_id, annotation_id, verdict, by, reviewer_id, decided_at)
    SELECT rlhfhub_uuid7(), workspace_id, id, 'accepted', 'clock', NULL, now()
    FROM projects_work_annotation WHERE enrollment_id = %(enrollment)s
"""
_LEASED = """
    UPDATE projects_work_slot s SET state = 'leased', holder_id = l.annotator_id
    FROM projects_work_lease l WHERE l.enrollment_id = %(enrollment)s AND s.id = l.slot_id AND s.state = 'open'
"""
_FILLED = """
    UPDATE projects_work_slot s SET state = 'filled'
    FROM projects_work_lease l WHERE l.enrollment_id = %(enrollment)s AND s.id = l.slot_id AND s.state = 'leased'
"""
_CURSOR = """
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq)
    SELECT rlhfhub_uuid7(), s.workspace_id, l.enrollment_id, s.batch_id, l.annotator_id, max(s.seq)
    FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id WHERE l.enrollment_id = %(enrollment)s
    GROUP BY 2, 3, 4, 5
"""
_CONSENSUS = """
    INSERT INTO projects_quality_consensus
        (id, workspace_id, project_id, batch_id, item_id, first, tie, second, label, probability, updated_at)
    SELECT rlhfhub_uuid7(), workspace_id, project_id, batch_id, item_id, count(*) FILTER (WHERE label = -1),
        count(*) FILTER (WHERE label = 0), count(*) FILTER (WHERE label = 1), min(label), .9, now()
    FROM projects_work_annotation WHERE batch_id = %(batch)s GROUP BY 2, 3, 4, 5
    ON CONFLICT (item_id) DO NOTHING
"""


def past(
    owner: psycopg.Connection, *, batch: Batch, place: Place, number: int, first: int, count: int
) -> int:
    """The annotator answered slot `number` of these items, where it was open, and was accepted. Returns how many."""
    values = {
        "batch": batch.pk,
        "enrollment": place.enrollment_id,
        "person": place.person.id,
        "number": number,
        "first": first,
        "end": first + count,
    }
    with owner.transaction():
        made = owner.execute(_LEASES, values).rowcount
        for statement in (_LEASED, _ANNOTATIONS, _FILLED, _DECISIONS, _CURSOR):
            owner.execute(statement, values)
    return made


def consensus(owner: psycopg.Connection, batch: Batch) -> None:
    """What the dispatcher would have kept of that past."""
    owner.execute(_CONSENSUS, {"batch": batch.pk})


def settle(owner: psycopg.Connection) -> None:
    """What autovacuum does in time."""
    owner.execute("VACUUM (ANALYZE)")


def upload(path: Path, count: int) -> int:
    """`count` items as a customer sends them, one a line. Returns the file's size."""
    with path.open("wb") as file:
        for line in lines(count):
            file.write(line)
    return path.stat().st_size


def lines(count: int) -> Iterator[bytes]:
    """The demo's items again and again, each with an id and a question of its own."""
    base = [json.loads(line) for line in ITEMS.read_text().splitlines()]
    for number in range(count):
        item = base[number % len(base)]
        question = f"{item['prompt']} ({number})"
        text = json.dumps(
            {**item, "external_id": f"item-{number}", "prompt": question}, ensure_ascii=False
        )
        yield text.encode() + b"\n"
