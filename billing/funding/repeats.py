"""Repeats: items shown once more to a person who answered them, paid from what the batch has set aside for repeats."""

import random
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from billing.deposits import freezing
from billing.funding import reserve, selectors, services
from billing.funding.models import Funding
from projects.items import pools
from projects.items.models import Batch, Item
from projects.work.services import kept
from projects.work.services.kept import Kept

REPEAT = "repeat:"
LATER_ITEMS, LATER_DAYS = 200, 3
"""An answer can be asked for again after so many items that its annotator answered since, or after so many days."""
MOST_WAITING = 2
AHEAD = 30
"""A repeat stands somewhere among the next so many items of its annotator, of whom two at most wait at a time."""
MOST_AT_ONCE = 200

# Answers that are due to be repeated: of active annotators who have fewer repeats than the percentage of their answers.
# Which of them are repeated is drawn by the hash of their ids under the seed of the batch's funding run.
_DUE = """
    WITH person AS (
        SELECT e.id, e.annotator_id,
               (SELECT count(*) FROM projects_work_annotation a
                WHERE a.enrollment_id = e.id AND a.batch_id = %(batch)s AND a.purpose = 'data') AS answers,
               (SELECT count(*) FROM projects_work_slot s
                WHERE s.kept_for_id = e.id AND s.batch_id = %(batch)s) AS repeats,
               (SELECT count(*) FROM projects_work_slot s
                WHERE s.kept_for_id = e.id AND s.batch_id = %(batch)s AND s.state IN ('open', 'leased')) AS waiting,
               GREATEST(now() - %(days)s * interval '1 day', (
                   SELECT a.submitted_at FROM projects_work_annotation a WHERE a.enrollment_id = e.id
                   ORDER BY a.submitted_at DESC LIMIT 1 OFFSET %(items)s - 1)) AS before
        FROM projects_enrollment_enrollment e WHERE e.project_id = %(project)s AND e.state = 'active'
    )
    SELECT person.id, due.item_id FROM person CROSS JOIN LATERAL (
        SELECT a.item_id FROM projects_work_annotation a
        WHERE a.enrollment_id = person.id AND a.batch_id = %(batch)s AND a.purpose = 'data'
          AND a.submitted_at < person.before
          AND NOT EXISTS (SELECT 1 FROM projects_work_slot s JOIN projects_items_item i ON i.id = s.item_id
                          WHERE s.kept_for_id = person.id AND i.repeat_of_id = a.item_id)
        ORDER BY uuid_hash_extended(a.id, %(seed)s)
        LIMIT GREATEST(0, LEAST(person.answers * %(percent)s / 100 - person.repeats,
                                %(most)s - person.waiting))) due
    ORDER BY random()
"""


@dataclass(frozen=True, slots=True)
class _Due:
    enrollment_id: uuid.UUID
    item_id: uuid.UUID


def draw(*, batch_id: uuid.UUID) -> int:
    """Make the repeats of an open batch that are due, as far as they are paid for. Workspace plane.

    Returns: how many were made, at most 200.
    """
    rows = Batch.objects.select_for_update(of=("self",)).select_related("form", "project")
    batch = rows.get(pk=batch_id)
    if batch.status != Batch.Status.OPEN or batch.funding != Batch.Funding.FUNDED:
        return 0
    if freezing.is_frozen(batch.workspace_id):
        return 0
    due = _due(batch)[: min(MOST_AT_ONCE, selectors.repeats_left(batch))]
    if not due:
        return 0
    run = reserve.begun(batch=batch, items=len(due), purpose=Funding.Purpose.REPEAT)
    terms = services.terms_of(run, batch)
    made = kept.keep_funded(batch_id=batch.pk, kept=_copied(batch, due), terms=terms)
    reserve.finish(run)
    return made


def _due(batch: Batch) -> list[_Due]:
    """The repeats that are due in random order; of each item one, so that one run makes one slot of it."""
    seed = Funding.objects.values_list("seed", flat=True).get(
        batch=batch, purpose=Funding.Purpose.PLAN
    )
    values: dict[str, Any] = {
        "batch": batch.pk,
        "project": batch.project_id,
        "percent": batch.repeat_percent,
        "seed": seed,
        "days": LATER_DAYS,
        "items": LATER_ITEMS,
        "most": MOST_WAITING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        by_item = {item: _Due(enrollment, item) for enrollment, item in cursor.fetchall()}
    return list(by_item.values())


def _copied(batch: Batch, due: list[_Due]) -> list[Kept]:
    pool = pools.pool_of(batch.project)
    items = Item.objects.in_bulk([one.item_id for one in due])
    draw = random.SystemRandom()
    return [
        Kept(_copy(items[one.item_id], pool), one.enrollment_id, draw.randint(1, AHEAD))
        for one in due
    ]


def _copy(item: Item, pool: Batch) -> uuid.UUID:
    name = REPEAT + item.external_id
    return pools.copied(item=item, pool=pool, external_id=name, is_repeat=True).pk
