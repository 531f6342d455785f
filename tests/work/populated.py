"""A project with a long past, made by SQL as the owner: finished items in front, fresh ones behind."""

import uuid

from django.db import connection

from projects.items.models import Batch
from tests.people import Annotator

_ITEMS = """
    INSERT INTO projects_items_item
        (id, workspace_id, project_id, batch_id, seq, external_id, prompt, responses, context, metadata, sha256, created_at)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, %(batch)s, %(base)s + n, 'past-' || %(base)s + n, '[{"role": "user", "content": "Q"}]',
           '[{"messages": [{"role": "assistant", "content": "a"}]}, {"messages": [{"role": "assistant", "content": "b"}]}]', '{}', '{}', repeat('0', 64), now() FROM generate_series(1, %(count)s) n
"""

_LEASES = """
    INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id, form_id,
        guideline_version_id, seed, shown, keys, leased_at, expires_at, ended_at, ended_as, return_reason, return_note)
    SELECT gen_random_uuid(), s.workspace_id, s.project_id, s.id, s.item_id, %(enrollment)s, %(person)s, p.form_id,
        p.guideline_version_id, 1, '{0,1}', '{k1,k2}', now(), now(), now(), 'submitted', '', ''
    FROM projects_work_slot s JOIN projects_plan_project p ON p.id = s.project_id
    WHERE s.batch_id = %(batch)s AND s.number = %(number)s AND s.state = 'open'
    ORDER BY s.seq LIMIT %(count)s
"""

_ANNOTATIONS = """
    INSERT INTO projects_work_annotation (id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id, enrollment_id,
        annotator_id, form_id, guideline_version_id, answer, label, price_minor, fee_minor, currency, seconds, state,
        submitted_at, decide_by)
    SELECT rlhfhub_uuid7(), l.workspace_id, l.project_id, s.batch_id, l.item_id, l.slot_id, l.id, l.enrollment_id,
        l.annotator_id, l.form_id, l.guideline_version_id, '{"preference": {"choice": 0}}', -1, s.price_minor, s.fee_minor,
        s.currency, 30, 'submitted', now(), now() + interval '3 days'
    FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
    WHERE s.batch_id = %(batch)s AND l.enrollment_id = %(enrollment)s
"""

_FILL = """
    UPDATE projects_work_slot s SET state = 'leased', holder_id = %(person)s
    FROM projects_work_lease l WHERE l.slot_id = s.id AND s.batch_id = %(batch)s AND l.enrollment_id = %(enrollment)s;
    UPDATE projects_work_slot s SET state = 'filled' WHERE state = 'leased' AND batch_id = %(batch)s;
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq)
    SELECT rlhfhub_uuid7(), workspace_id, %(enrollment)s, batch_id, %(person)s, max(seq)
    FROM projects_work_slot WHERE batch_id = %(batch)s AND holder_id = %(person)s GROUP BY workspace_id, batch_id;
"""


def add_items(batch: Batch, count: int) -> None:
    """`count` more small items, not yet funded."""
    values = {
        "workspace": batch.workspace_id,
        "project": batch.project_id,
        "batch": batch.pk,
        "count": count,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, {**values, "base": batch.items_count})
        cursor.execute(
            "UPDATE projects_items_batch SET items_count = items_count + %s WHERE id = %s",
            [count, batch.pk],
        )


def answer_all(batch: Batch, annotator: Annotator, *, number: int, count: int) -> None:
    """The annotator has answered slot `number` of the first `count` items, and their cursor stands behind."""
    values = {
        "batch": str(batch.pk),
        "person": str(annotator.user.pk),
        "enrollment": str(annotator.enrollment.pk),
        "number": number,
        "count": count,
    }
    with connection.cursor() as cursor:
        for statement in (_LEASES, _ANNOTATIONS, _FILL):
            cursor.execute(statement, values)


def settle() -> None:
    """What autovacuum does in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def queue_length(batch_id: uuid.UUID) -> int:
    """Open slots of the batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM projects_work_slot WHERE batch_id = %s AND state = 'open'",
            [batch_id],
        )
        return int(cursor.fetchone()[0])
