"""The orders of the reviewers' queue, as SQL. Each reads a bounded number of rows, however many answers wait."""

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from django.db import connection, models

WINDOW = 2_000
"""The queue is made of so many undecided answers: the first in its order. Others follow as these are decided."""
NEW_ANSWERS = 20
"""An annotator counts as new until so many answers are decided."""
_NOBODY = uuid.UUID(int=0)
_BETWEEN = "~"
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_BIGINT = range(-(2**63), 2**63)
MOST_SEED = 10**9


class Order(models.TextChoices):
    """What comes first in the queue."""

    FLAGGED = "flagged", "Flagged first"
    CONTESTED = "contested", "Contested first: answers differ most"
    NEW = "new", "New annotators first"
    OLDEST = "oldest", "Oldest first: time to decide ends soonest"
    RANDOM = "random", "Random sample"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is made of: the order, and the answers of one annotator, with one flag, or of one sample only.

    `seed` gives the random order, which is the same each time.
    """

    order: str = Order.FLAGGED
    seed: int = 0
    enrollment_id: uuid.UUID | None = None
    reason: str = ""
    sample_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item as it ranks in the queue. Items are ordered by `rank`, `who`, `due` and `annotation_id`."""

    rank: int
    who: uuid.UUID
    due: str
    annotation_id: uuid.UUID
    item_id: uuid.UUID

    @property
    def cursor(self) -> str:
        """The rank as text."""
        parts = (self.rank, self.who, self.due, self.annotation_id)
        return _BETWEEN.join(map(str, parts))

    @classmethod
    def read(cls, cursor: str) -> Self:
        """Return the item with the rank that a cursor states. Raises ValueError for a text that is no cursor."""
        rank, who, due, key = cursor.split(_BETWEEN)
        one = cls(int(rank), uuid.UUID(who), due, uuid.UUID(key), _NOBODY)
        moment = datetime.strptime(due, _TIME).replace(tzinfo=UTC)
        if one.cursor != cursor or moment.strftime(_TIME) != due or one.rank not in _BIGINT:
            raise ValueError("not written by `cursor`")
        return one


def new_seed() -> int:
    """Return a seed for a random order."""
    return random.SystemRandom().randrange(1, MOST_SEED)


# A LIMIT in a lateral query keeps the planner from reading a whole table to join it.
_COLUMNS = "a.id, a.item_id, a.enrollment_id, a.decide_by, a.state, a.purpose"
_DATA = "a.state = 'submitted' AND a.purpose = 'data'"
_OLDEST = f"""(SELECT {_COLUMNS} FROM projects_work_annotation a
    WHERE a.project_id = %(project)s AND {_DATA} ORDER BY a.decide_by, a.id LIMIT %(window)s)"""
_BY_PRIORITY = f"""(SELECT {_COLUMNS} FROM (
        SELECT annotation_id FROM projects_review_priority
        WHERE project_id = %(project)s AND waits AND {{column}} > 0
        ORDER BY {{column}} DESC, annotation_id LIMIT %(window)s) p
    CROSS JOIN LATERAL (SELECT * FROM projects_work_annotation WHERE id = p.annotation_id LIMIT 1) a)"""
_FLAGGED = _BY_PRIORITY.format(column="weight")
_CONTESTED = _BY_PRIORITY.format(column="contest")
_OF_NEW = f"""(SELECT {_COLUMNS} FROM (SELECT id FROM people ORDER BY decided, id LIMIT %(window)s) p
    CROSS JOIN LATERAL (
        SELECT * FROM projects_work_annotation a WHERE a.enrollment_id = p.id AND {_DATA}
        ORDER BY a.decide_by, a.id LIMIT %(each)s) a
    LIMIT %(window)s)"""
_OF_ANNOTATOR = f"""(SELECT {_COLUMNS} FROM projects_work_annotation a
    WHERE a.project_id = %(project)s AND a.enrollment_id = %(enrollment)s AND {_DATA}
    ORDER BY a.decide_by, a.id LIMIT %(window)s)"""
_OF_SAMPLE = f"""(SELECT {_COLUMNS} FROM projects_review_sampleanswer s
    CROSS JOIN LATERAL (SELECT * FROM projects_work_annotation WHERE id = s.annotation_id LIMIT 1) a
    WHERE s.sample_check_id = %(sample)s AND {_DATA} LIMIT %(window)s)"""
# Annotators who have undecided answers, and how many of the first answers of each are decided.
_PEOPLE = f"""people AS MATERIALIZED (
    SELECT e.id, (
        SELECT count(*) FROM (
            SELECT state FROM projects_work_annotation WHERE enrollment_id = e.id
            ORDER BY submitted_at LIMIT {NEW_ANSWERS}) f
        WHERE f.state IN ('accepted', 'rejected')) AS decided
    FROM projects_enrollment_enrollment e
    CROSS JOIN LATERAL (
        SELECT 1 FROM projects_work_annotation w
        WHERE w.enrollment_id = e.id AND w.state = 'submitted' LIMIT 1) waits
    WHERE e.project_id = %(project)s)"""
_HAS_FLAG = """EXISTS (SELECT 1 FROM projects_review_flag f
    WHERE f.annotation_id = c.id AND f.reason = %(reason)s)"""

_QUEUE = """
    WITH {people} chosen AS MATERIALIZED ({source}),
    found AS (
        SELECT DISTINCT ON (c.item_id) ({rank})::bigint AS rank, {who} AS who, c.decide_by AS due, c.id, c.item_id
        FROM chosen c LEFT JOIN LATERAL (
            SELECT contest, weight FROM projects_review_priority WHERE annotation_id = c.id LIMIT 1) p ON true
        WHERE {filters} ORDER BY c.item_id, rank, who, due, c.id
    )
    SELECT rank, who, to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), id, item_id FROM found
    {after} ORDER BY rank, who, due, id LIMIT %(limit)s
"""
_AFTER = (
    "WHERE (rank, who, due, id) > (%(rank)s, %(who)s::uuid, %(due)s::timestamptz, %(id)s::uuid)"
)
_RANKS = {
    Order.OLDEST: "0",
    Order.FLAGGED: "-COALESCE(p.weight, 0)",
    Order.CONTESTED: "-COALESCE(p.contest, 0)",
    Order.NEW: f"COALESCE((SELECT q.decided FROM people q WHERE q.id = c.enrollment_id), {NEW_ANSWERS})",
    Order.RANDOM: "hashtextextended(c.item_id::text, %(seed)s)",
}


def ranked(
    project_id: uuid.UUID, filters: Filters, after: Ranked | None, *, limit: int
) -> list[Ranked]:
    """Return up to `limit` items with undecided answers for data, as they rank. Workspace plane."""
    query = _QUEUE.format(
        people=f"{_PEOPLE}," if filters.order == Order.NEW else "",
        source=_source(filters),
        rank=_RANKS[Order(filters.order)],
        who="c.enrollment_id" if filters.order == Order.NEW else f"'{_NOBODY}'::uuid",
        filters=_conditions(filters),
        after=_AFTER if after else "",
    )
    values = {
        "project": project_id,
        "enrollment": filters.enrollment_id,
        "reason": filters.reason,
        "sample": filters.sample_id,
        "seed": filters.seed,
        "window": WINDOW,
        "each": max(WINDOW // 10, 1),
        "limit": limit,
    }
    if after:
        values |= {
            "rank": after.rank,
            "who": after.who,
            "due": after.due,
            "id": after.annotation_id,
        }
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [Ranked(*row) for row in cursor.fetchall()]


def _source(filters: Filters) -> str:
    """Return the query of the answers that the queue is made of."""
    if filters.sample_id:
        return _OF_SAMPLE
    if filters.enrollment_id:
        return _OF_ANNOTATOR
    if filters.reason:
        return _FLAGGED
    first = {Order.FLAGGED: _FLAGGED, Order.CONTESTED: _CONTESTED, Order.NEW: _OF_NEW}
    found = first.get(Order(filters.order))
    if filters.order == Order.NEW or found is None:
        return found or _OLDEST
    return f"{found} UNION {_OLDEST}"


def _conditions(filters: Filters) -> str:
    conditions = ["c.state = 'submitted' AND c.purpose = 'data'"]
    if filters.reason:
        conditions.append(_HAS_FLAG)
    if filters.enrollment_id:
        conditions.append("c.enrollment_id = %(enrollment)s")
    return " AND ".join(conditions)
