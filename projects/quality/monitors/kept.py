"""The monitors of some annotators, locked, and the scores that enter them. Workspace plane."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from projects.quality.monitors.gauges import Step
from projects.quality.monitors.models import Monitor, MonitorKind
from rlhfhub.ground import locks
from rlhfhub.ground.ids import uuid7

_MISSING = """
    INSERT INTO projects_quality_monitor (id, workspace_id, project_id, enrollment_id, kind, state, seen, level, since)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, enrollment_id, kind, '{}', 0, 0, 0
    FROM unnest(%(enrollments)s::uuid[]) AS e(enrollment_id) CROSS JOIN unnest(%(kinds)s::text[]) AS k(kind)
    ON CONFLICT DO NOTHING
"""
_MOVED = """
    UPDATE projects_quality_monitor m
    SET state = t.state, seen = t.seen, level = t.level, since = t.since, at = clock_timestamp()
    FROM jsonb_to_recordset(%s::jsonb) AS t(id uuid, state jsonb, seen integer, level float8, since integer)
    WHERE m.id = t.id
"""
_ENTERED = """
    INSERT INTO projects_quality_score (id, workspace_id, monitor_id, annotation_id, number, value, level)
    SELECT t.id, %(workspace)s, t.monitor_id, t.annotation_id, t.number, t.value, t.level
    FROM unnest(%(ids)s::uuid[], %(monitors)s::uuid[], %(annotations)s::uuid[], %(numbers)s::integer[],
                %(values)s::float8[], %(levels)s::float8[]) AS t(id, monitor_id, annotation_id, number, value, level)
"""
_TAKEN = """
    SELECT monitor_id, annotation_id FROM projects_quality_score
    WHERE annotation_id = ANY(%s::uuid[]) AND monitor_id = ANY(%s::uuid[])
"""


# Its id, monitor and annotation, its number in the monitor, value and level.
_Score = tuple[uuid.UUID, uuid.UUID, uuid.UUID, int, float | None, float]


@dataclass
class Monitors:
    """The locked monitors of a project and of some of its annotators.

    While they are locked nobody else can add a score to them, so an annotation that has none yet enters once.
    """

    workspace_id: uuid.UUID
    _known: dict[tuple[uuid.UUID | None, str], Monitor]
    _taken: set[tuple[uuid.UUID, uuid.UUID]]
    _scores: list[_Score] = field(default_factory=list)
    _changed: set[uuid.UUID] = field(default_factory=set)

    def of(self, enrollment_id: uuid.UUID | None, kind: MonitorKind) -> Monitor:
        """Return an annotator's monitor, or without an enrollment the project's."""
        return self._known[enrollment_id, kind.value]

    def has_taken(self, monitor: Monitor, annotation_id: uuid.UUID) -> bool:
        """Return whether the annotation has entered the monitor."""
        return (monitor.pk, annotation_id) in self._taken

    def take(
        self, monitor: Monitor, annotation_id: uuid.UUID, value: float | None, step: Step
    ) -> None:
        """Move the monitor on by one annotation that has not entered it yet."""
        self.move(monitor, step)
        self._taken.add((monitor.pk, annotation_id))
        self._scores.append((uuid7(), monitor.pk, annotation_id, monitor.seen, value, step.level))

    def move(self, monitor: Monitor, step: Step) -> None:
        """Move a monitor on without a score: the project's usual times, which annotators' scores bring along."""
        monitor.seen += 1
        monitor.state, monitor.since = step.state, max(0, monitor.seen - step.age)
        monitor.level = step.level if step.level < 1 else 0.0
        self._changed.add(monitor.pk)

    def save(self) -> None:
        """Store the scores and the monitors that moved."""
        columns = ("id", "state", "seen", "level", "since")
        rows = [
            {name: getattr(one, name) for name in columns}
            for one in self._known.values()
            if one.pk in self._changed
        ]
        with connection.cursor() as cursor:
            cursor.execute(_ENTERED, self._columns() | {"workspace": self.workspace_id})
            cursor.execute(_MOVED, [json.dumps(rows, default=str)])

    def _columns(self) -> dict[str, list[Any]]:
        """Return the new scores by column. (Rows of the model would take several times as long.)"""
        names = ("ids", "monitors", "annotations", "numbers", "values", "levels")
        return {name: [score[at] for score in self._scores] for at, name in enumerate(names)}


def wait_for_turn(project_id: uuid.UUID) -> None:
    """Let one worker at a time bring answers to a project's monitors.

    Of two that bring answers to one item, the second must see those of the first, so it waits before it reads any.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s::text, %s))",
            [str(project_id), locks.MONITORS_OF_A_PROJECT],
        )


def locked(
    *,
    workspace_id: uuid.UUID,
    project_id: uuid.UUID,
    enrollment_ids: Iterable[uuid.UUID],
    annotation_ids: Sequence[uuid.UUID],
) -> Monitors:
    """Lock the monitors of these annotators and of the project; missing ones are made."""
    people = sorted(set(enrollment_ids))
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"workspace": workspace_id, "project": project_id}
        values |= {"enrollments": [None, *people], "kinds": MonitorKind.values}
        cursor.execute(_MISSING, values)
        rows = Monitor.objects.select_for_update().filter(project_id=project_id)
        mine = rows.filter(enrollment_id__in=people) | rows.filter(enrollment=None)
        known = list(mine.order_by("pk"))
        cursor.execute(_TAKEN, [list(annotation_ids), [one.pk for one in known]])
        taken = set(cursor.fetchall())
    return Monitors(workspace_id, {(one.enrollment_id, one.kind): one for one in known}, taken)
