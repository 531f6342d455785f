"""How annotators did on gold. Workspace plane."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    JOIN (SELECT item_id FROM projects_items_key
          WHERE project_id IN (SELECT project_id FROM projects_enrollment_enrollment WHERE id = ANY(%(enrollments)s))
            AND question = %(question)s AND retired_at IS NULL
          GROUP BY item_id HAVING count(*) >= %(people)s) k ON k.item_id = g.item_id
    WHERE g.enrollment_id = ANY(%(enrollments)s) AND g.question = %(question)s AND g.purpose = 'gold'
      AND g.hit IS NOT NULL
    GROUP BY g.enrollment_id
"""


def gold_of(enrollment_ids: Sequence[uuid.UUID], question: str) -> dict[uuid.UUID, Hits]:
    """Return each annotator's answers to gold on a question, by enrollment; without a judged one it is left out."""
    of: dict[str, Any] = {
        "enrollments": list(enrollment_ids),
        "question": question,
        "people": PEOPLE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_ENROLLMENT, of)
        return {enrollment: Hits(judged, hits) for enrollment, judged, hits in cursor.fetchall()}


_BY_PROJECT = """
    SELECT g.project_id, count(*), count(*) FILTER (WHERE g.hit)
    FROM unnest(%(projects)s::uuid[], %(questions)s::text[]) AS p(id, question)
    JOIN projects_quality_goldanswer g ON g.project_id = p.id AND g.question = p.question
    JOIN (SELECT project_id, question, item_id FROM projects_items_key
          WHERE project_id = ANY(%(projects)s) AND retired_at IS NULL
          GROUP BY project_id, question, item_id HAVING count(*) >= %(people)s) k
      ON k.project_id = p.id AND k.question = p.question AND k.item_id = g.item_id
    WHERE g.purpose = 'gold' AND g.hit IS NOT NULL
    GROUP BY g.project_id
"""


def gold_of_projects(questions: Mapping[uuid.UUID, str]) -> dict[uuid.UUID, Hits]:
    """Return all answers to gold on one question of each project, by project; without a judged one it is left out."""
    of: dict[str, Any] = {
        "projects": list(questions),
        "questions": list(questions.values()),
        "people": PEOPLE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_PROJECT, of)
        return {project: Hits(judged, hits) for project, judged, hits in cursor.fetchall()}
