"""Keeping the figures that annotators are shown of themselves, and reading them."""

import uuid
from dataclasses import dataclass

from django.db import connection

from projects.enrollment.models import Enrollment
from projects.quality.gold.shown import ShownGold, shown_gold
from projects.quality.own.models import OwnFigures

#: A figure is shown from so many compared answers on, and moves after as many more.
BY = 10

_SHOW = """
    INSERT INTO projects_quality_ownfigures AS shown (id, workspace_id, project_id, enrollment_id, annotator_id,
        agreement, agreement_low, agreement_high, compared, shown_on)
    SELECT rlhfhub_uuid7(), f.workspace_id, f.project_id, f.enrollment_id, e.annotator_id,
        f.agreement, f.agreement_low, f.agreement_high, f.compared, (clock_timestamp() AT TIME ZONE 'UTC')::date
    FROM projects_quality_annotatorfigures f JOIN projects_enrollment_enrollment e ON e.id = f.enrollment_id
    WHERE f.project_id = %(project)s AND f.question = %(question)s AND f.compared >= %(by)s
    ON CONFLICT (enrollment_id) DO UPDATE SET agreement = EXCLUDED.agreement,
        agreement_low = EXCLUDED.agreement_low, agreement_high = EXCLUDED.agreement_high,
        compared = EXCLUDED.compared, shown_on = EXCLUDED.shown_on
    WHERE shown.shown_on < EXCLUDED.shown_on AND EXCLUDED.compared >= shown.compared + %(by)s
"""


def show(*, project_id: uuid.UUID, question: str) -> None:
    """Show a project's annotators their newest agreement on a question, where it is due to move. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_SHOW, {"project": project_id, "question": question, "by": BY})


_DONE = """
    SELECT count(*), count(*) FILTER (WHERE state = 'accepted'),
           count(*) FILTER (WHERE state IN ('submitted', 'returned')),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
    FROM projects_work_annotation WHERE enrollment_id = %s
"""


@dataclass(frozen=True, slots=True)
class Own:
    """What an annotator did in a project: all answers alike, whatever they are for.

    `median_seconds` is None without an answer, `figures` until ten answers could be compared. `gold` is by question, as
    of the last midnight.
    """

    answers: int
    accepted: int
    waiting: int
    median_seconds: float | None
    figures: OwnFigures | None
    gold: list[ShownGold]


def own_of(enrollment: Enrollment) -> Own:
    """Return how the annotator of an enrollment does. Annotator plane."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [enrollment.pk])
        answers, accepted, waiting, seconds = cursor.fetchone()
    figures = OwnFigures.objects.filter(enrollment=enrollment).first()
    return Own(answers, accepted, waiting, seconds, figures, shown_gold(enrollment))
