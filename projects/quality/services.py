"""Computing the agreement of projects and storing it as snapshots."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from projects.kinds import form as forms
from projects.kinds.protocol import Scale
from projects.plan.models import Project
from projects.quality import history, patterns
from projects.quality.measures import figures_of
from projects.quality.models import AgreementSnapshot
from projects.stats import consensus
from rlhfhub.tenancy import clock

# The number of annotations in the last snapshot of each batch and question. The subquery reads one index entry.
_COUNTED = """
    SELECT b.id, q.name, (SELECT s.annotations FROM projects_quality_agreementsnapshot s
                          WHERE s.project_id = b.project_id AND s.question = q.name AND s.batch_id = b.id
                          ORDER BY s.at DESC LIMIT 1)
    FROM projects_items_batch b CROSS JOIN unnest(%s::text[]) AS q(name) WHERE b.project_id = %s AND NOT b.is_pool
"""


def refresh_agreement(
    *, project_id: uuid.UUID, now: datetime | None = None
) -> list[AgreementSnapshot]:
    """Compute and store snapshots of a project and of its batches from the tallies. Workspace plane.

    A batch gets a new snapshot only if its number of annotations has changed.

    Returns: the snapshots of the whole project, one for each question with a judged answer.
    """
    project = Project.objects.select_related("form").get(pk=project_id)
    scales = forms.scales_of(project.form.questions) if project.form else {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [list(scales), project_id])
        counted = {(batch, question): n for batch, question, n in cursor.fetchall()}
    found, positions = patterns.of_project(project_id), patterns.positions(project_id)
    at = now or clock.now()
    snapshots: list[AgreementSnapshot] = []
    for question, scale in scales.items():
        mine = {batch: rows for (batch, name), rows in found.items() if name == question}
        if mine:
            of_question = _Question(project, question, scale, at)
            by_batch = {batch: positions.get((batch, question), (0, 0)) for batch in mine}
            parts = [
                of_question.snapshot(counts, by_batch[batch], batch)
                for batch, counts in mine.items()
            ]
            changed = [s for s in parts if counted[s.batch_id, question] != s.annotations]
            chose_first, decided = (sum(column) for column in zip(*by_batch.values(), strict=True))
            whole = of_question.snapshot(patterns.merged(mine.values()), (chose_first, decided))
            snapshots += [*changed, whole]
    if snapshots:
        history.add(project_id=project_id, snapshots=snapshots)
    return [snapshot for snapshot in snapshots if snapshot.batch_id is None]


@dataclass(frozen=True, slots=True)
class _Question:
    """Makes the snapshots of one question of a project at one moment."""

    project: Project
    question: str
    scale: Scale
    at: datetime

    def snapshot(
        self,
        counts: patterns.Counts,
        position: tuple[int, int],
        batch_id: uuid.UUID | None = None,
    ) -> AgreementSnapshot:
        """Compute agreement from patterns of first answers, of a batch or (without `batch_id`) of the project.

        `position` is (judgments for the response shown first, judgments for either response).
        """
        units = patterns.units_of(counts, len(self.scale.categories))
        return AgreementSnapshot(
            workspace_id=self.project.workspace_id,
            project_id=self.project.pk,
            batch_id=batch_id,
            question=self.question,
            answered=sum(counts.values()),
            items=sum(n for rows, n in counts.items() if any(sum(row) >= 2 for row in rows)),
            annotations=sum(max(map(sum, rows)) * n for rows, n in counts.items()),
            chose_first=position[0],
            decided=position[1],
            accuracy=consensus.accuracy_of(units),
            at=self.at,
            **figures_of(units, self.scale, patterns.alpha_of(counts, self.scale)),
        )
