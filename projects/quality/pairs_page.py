"""The pairs of annotators that the quality page lists, read from stored figures only. Workspace plane."""

import uuid
from dataclasses import dataclass

from django.db import connection

#: The pairs that a page lists.
MOST = 10


@dataclass(frozen=True, slots=True)
class ShownPair:
    """Two annotators who judged `shared` of the same: `agreement` is the share judged alike, 0 to 1.

    `kappa` is Cohen's, weighted (quadratic) if the scale has an order; None where both always judge the same.
    """

    one: str
    other: str
    shared: int
    agreement: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class PairOrder:
    """An order of the pairs: its title, and the columns of the statement."""

    title: str
    columns: str


#: The orders that the table has; the first is the usual one.
ORDERS = {
    "shared": PairOrder("Most shared", "shared DESC"),
    "high": PairOrder("Largest agreement", "agreement DESC, shared DESC"),
    "low": PairOrder("Smallest agreement", "agreement, shared DESC"),
}

# Of each annotator's pairs the largest are kept, so a pair may be kept of one of both only.
_PAIRS = """
    SELECT one.pseudonym, other.pseudonym, p.shared, p.agreement, p.kappa FROM (
        SELECT DISTINCT ON (LEAST(f.enrollment_id, b.enrollment), GREATEST(f.enrollment_id, b.enrollment))
               LEAST(f.enrollment_id, b.enrollment) AS first, GREATEST(f.enrollment_id, b.enrollment) AS second,
               b.shared, b.agreement, b.kappa
        FROM projects_quality_annotatorfigures f
        CROSS JOIN LATERAL jsonb_to_recordset(f.beside)
            AS b(enrollment uuid, shared integer, agreement float8, kappa float8)
        WHERE f.project_id = %s AND f.question = %s) p
    JOIN projects_enrollment_enrollment one ON one.id = p.first
    JOIN projects_enrollment_enrollment other ON other.id = p.second
    ORDER BY {}, one.pseudonym, other.pseudonym LIMIT %s
"""


def pairs_of(project_id: uuid.UUID, question: str, order: str) -> list[ShownPair]:
    """Return the first pairs of annotators in one of `ORDERS`, who both judged ten units or more."""
    with connection.cursor() as cursor:
        query = _PAIRS.format(ORDERS[order].columns)
        cursor.execute(query, [project_id, question, MOST])
        return [ShownPair(*row) for row in cursor.fetchall()]
