"""How annotators did on gold. Workspace plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from projects.items.keys.selectors import PEOPLE
from projects.stats.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class Hits:
    """How many judged answers there are, and how many of them take the key's side."""

    judged: int = 0
    hits: int = 0

    @property
    def share(self) -> float | None:
        """The share of hits, 0 to 1; None without a judged answer."""
        return self.hits / self.judged if self.judged else None

    @property
    def low(self) -> float | None:
        """The lower end of the share's 95 % interval (Wilson)."""
        ends = wilson_interval(self.hits, self.judged)
        return ends and ends[0]

    @property
    def high(self) -> float | None:
        """The upper end of the share's 95 % interval."""
        ends = wilson_interval(self.hits, self.judged)
        return ends and ends[1]


# Answers judged by a key that has been retired since count no more: it may have been wrong.
_BY_ENROLLMENT = """
    SELECT g.enrollment_id, count(*), count(*) FILTER (WHERE g.hit) FROM projects_quality_goldanswer g
    WHERE g.enrollment_id = ANY(%s) AND g.question = %s AND g.purpose = 'gold' AND g.hit IS NOT NULL
      AND %s <= (SELECT count(*) FROM projects_items_key k
                 WHERE k.item_id = g.item_id AND k.question = g.question AND k.retired_at IS NULL)
    GROUP BY g.enrollment_id
"""


def gold_of(enrollment_ids: Sequence[uuid.UUID], question: str) -> dict[uuid.UUID, Hits]:
    """Return each annotator's answers to gold on a question, by enrollment; without a judged one it is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_ENROLLMENT, [list(enrollment_ids), question, PEOPLE])
        return {enrollment: Hits(judged, hits) for enrollment, judged, hits in cursor.fetchall()}
