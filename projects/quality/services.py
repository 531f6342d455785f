"""Agreement of projects over time, kept while the work runs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from projects.kinds import form as forms
from projects.kinds.protocol import Scale
from projects.plan.models import Project
from projects.quality import history, patterns
from projects.quality.models import AgreementSnapshot
from projects.stats import agreement, consensus
from rlhfhub.tenancy import clock

_STALE = """
    INSERT INTO projects_quality_stale (id, workspace_id, project_id, since)
    SELECT rlhfhub_uuid7(), current_setting('rlhfhub.workspace')::uuid, unnest(%s::uuid[]), clock_timestamp()
    ON CONFLICT (project_id) DO NOTHING
"""


def mark_stale(*, project_ids: Sequence[Any]) -> None:
    """The agreement of these projects is to be computed anew."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE, [list(project_ids)])


# Each batch and question with what its last snapshot counted, found by the index however many it has.
_COUNTED = """
    SELECT b.id, q.name, (SELECT s.annotations FROM projects_quality_agreementsnapshot s
                          WHERE s.project_id = b.project_id AND s.question = q.name AND s.batch_id = b.id
                          ORDER BY s.at DESC LIMIT 1)
    FROM projects_items_batch b CROSS JOIN unnest(%s::text[]) AS q(name) WHERE b.project_id = %s
"""


def refresh_agreement(
    *, project_id: uuid.UUID, now: datetime | None = None
) -> list[AgreementSnapshot]:
    """Snapshots of a project and each of its batches from the kept tallies. Workspace plane.

    Returns the project's, one for each question that has judgments and an answer.
    """
    project = Project.objects.select_related("form").get(pk=project_id)
    scales = forms.scales_of(project.form.questions) if project.form else {}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM projects_quality_stale WHERE project_id = %s", [project_id])
        cursor.execute(_COUNTED, [list(scales), project_id])
        counted = {(batch, question): n for batch, question, n in cursor.fetchall()}
    found, positions = patterns.of_project(project_id), patterns.positions(project_id)
    at = now or clock.now()
    snapshots: list[AgreementSnapshot] = []
    for question, scale in scales.items():
        mine = {batch: rows for (batch, name), rows in found.items() if name == question}
        if mine:
            of = _Of(project, question, scale, at)
            by_batch = {batch: positions.get((batch, question), (0, 0)) for batch in mine}
            # A finished batch makes no more rows.
            parts = [of.snapshot(rows, by_batch[batch], batch) for batch, rows in mine.items()]
            changed = [s for s in parts if counted[s.batch_id, question] != s.annotations]
            chose_first, decided = (sum(column) for column in zip(*by_batch.values(), strict=True))
            whole = of.snapshot(patterns.together(mine.values()), (chose_first, decided))
            snapshots += [*changed, whole]
    if snapshots:
        history.add(project_id=project_id, snapshots=snapshots)
    return [snapshot for snapshot in snapshots if snapshot.batch_id is None]


@dataclass(frozen=True, slots=True)
class _Of:
    """What the snapshots of one question at one moment are of."""

    project: Project
    question: str
    scale: Scale
    at: datetime

    def snapshot(
        self,
        found: patterns.Found,
        position: tuple[int, int],
        batch_id: uuid.UUID | None = None,
    ) -> AgreementSnapshot:
        """Agreement from these patterns of first answers, of the batch or of the whole project."""
        units = patterns.units_of(found, len(self.scale.categories))
        result = agreement.agreement(units, level=self.scale.level, tie=_tie(self.scale))
        sums = (units.counts * units.items[:, None]).sum(axis=0)
        return AgreementSnapshot(
            workspace_id=self.project.workspace_id,
            project_id=self.project.pk,
            batch_id=batch_id,
            question=self.question,
            level=self.scale.level,
            alpha=result.alpha,
            low=result.low,
            high=result.high,
            percent=result.percent,
            percent_without_ties=result.percent_without_ties,
            answered=sum(found.values()),
            items=sum(n for rows, n in found.items() if any(sum(row) >= 2 for row in rows)),
            pairs=result.pairs,
            annotations=sum(max(map(sum, rows)) * n for rows, n in found.items()),
            chose_first=position[0],
            decided=position[1],
            accuracy=consensus.accuracy_of(units),
            counts=sums.tolist(),
            at=self.at,
        )


def _tie(scale: Scale) -> int | None:
    """Which category says neither, where there is just one."""
    ties = [index for index, category in enumerate(scale.categories) if category.side == 0]
    return ties[0] if len(ties) == 1 else None
