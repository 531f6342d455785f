"""How steadily people judge: their first answers against their answers to the same items once more. Workspace plane."""

import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from projects.kinds.protocol import Scale
from projects.quality.models import RepeatJudgment
from projects.stats.intervals import Estimate
from projects.stats.kappa import cohen_kappa

PERSON_REPEATS = 60
"""With fewer repeats, a person's own figure is too uncertain to be told."""


@dataclass(frozen=True, slots=True)
class Consistency:
    """How often answers to repeats equal the first answers.

    `repeats` are the repeats answered, `judgments` what was judged in them twice, `same` how many of these are equal.
    `kappa` is Cohen's kappa of first against later judgments, weighted (quadratic) if `is_weighted`: if the scale's
    categories have an order. Its fields are None where the judgments do not define it.
    """

    repeats: int
    judgments: int
    same: int
    kappa: Estimate
    is_weighted: bool

    @property
    def share(self) -> float:
        """The share of equal judgments, 0 to 1."""
        return self.same / self.judgments


_COUNTED = """
    SELECT first, again, count(*) FROM projects_quality_repeatjudgment
    WHERE project_id = %(project)s AND question = %(question)s
      AND (%(enrollment)s::uuid IS NULL OR enrollment_id = %(enrollment)s)
    GROUP BY first, again
"""


def consistency_of(project_id: uuid.UUID, question: str, scale: Scale) -> Consistency | None:
    """Return the consistency of all annotators of a project on a question; None without an answered repeat."""
    return _consistency(project_id, question, scale, None, 1)


def own_consistency(
    project_id: uuid.UUID, question: str, scale: Scale, enrollment_id: uuid.UUID
) -> Consistency | None:
    """Return one annotator's consistency on a question; None with fewer than 60 answered repeats."""
    return _consistency(project_id, question, scale, enrollment_id, PERSON_REPEATS)


def _consistency(
    project_id: uuid.UUID, question: str, scale: Scale, enrollment_id: uuid.UUID | None, least: int
) -> Consistency | None:
    rows = RepeatJudgment.objects.filter(project_id=project_id, question=question)
    if enrollment_id:
        rows = rows.filter(enrollment_id=enrollment_id)
    repeats = rows.values("annotation_id").distinct().count()
    if repeats < least:
        return None
    of: dict[str, Any] = {"project": project_id, "question": question, "enrollment": enrollment_id}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, of)
        table = np.array(cursor.fetchall(), dtype=np.int64)
    values = [category.value for category in scale.categories]
    first, again = (np.array([values.index(value) for value in column]) for column in table.T[:2])
    count = table[:, 2]
    is_weighted = scale.level != "nominal"
    return Consistency(
        repeats=repeats,
        judgments=int(count.sum()),
        same=int(count[first == again].sum()),
        kappa=cohen_kappa(
            np.repeat(first, count),
            np.repeat(again, count),
            len(values),
            "quadratic" if is_weighted else None,
        ),
        is_weighted=is_weighted,
    )
