"""What was decided since an export was frozen that another export of today would hold otherwise."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from projects.exports.models import Export


@dataclass(frozen=True, slots=True)
class Changes:
    """Answers in an export's scope whose decision came after it was frozen, and items that were adjudicated then.

    `rejected` counted when it was frozen, as undecided ones, and do not count any more. `overturned` were rejected
    then and count now. `revised` counted in the words they had before their annotator revised them. `adjudicated` is
    the number of its items, answered then, whose final answer was given or withdrawn since.
    """

    rejected: int = 0
    overturned: int = 0
    revised: int = 0
    adjudicated: int = 0

    @property
    def any(self) -> bool:
        return bool(self.rejected or self.overturned or self.revised or self.adjudicated)


# Few answers are rejected, so the decisions are read first, by an index that holds no acceptance.
_CHANGES = """
    SELECT e.id,
           count(*) FILTER (WHERE d.verdict = 'rejected' AND e.include_undecided AND a.submitted_at <= e.frozen_at
                            AND a.state = 'rejected'),
           count(*) FILTER (WHERE d.verdict = 'overturned' AND r.decided_at <= e.frozen_at)
    FROM projects_review_decision d
    JOIN projects_work_annotation a ON a.id = d.annotation_id AND a.purpose = 'data'
    JOIN projects_review_decision r ON r.annotation_id = d.annotation_id AND r.stage = 1
    JOIN projects_exports_export e ON e.project_id = a.project_id AND e.id = ANY(%(exports)s)
        AND (e.batch_id IS NULL OR e.batch_id = a.batch_id) AND d.decided_at > e.frozen_at
    WHERE d.workspace_id = %(workspace)s AND d.verdict <> 'accepted' AND d.decided_at > %(since)s
    GROUP BY e.id
"""
_REVISED = """
    SELECT e.id, count(*) FROM projects_review_return r
    JOIN projects_work_annotation a ON a.id = r.annotation_id
    JOIN projects_exports_export e ON e.project_id = a.project_id AND e.id = ANY(%(exports)s)
        AND (e.batch_id IS NULL OR e.batch_id = a.batch_id) AND e.include_undecided
        AND r.answered_at > e.frozen_at AND r.returned_at > e.frozen_at AND a.submitted_at <= e.frozen_at
    WHERE r.workspace_id = %(workspace)s AND r.answered_at > %(since)s
    GROUP BY e.id
"""
_ADJUDICATED = """
    SELECT e.id, count(DISTINCT j.item_id) FROM projects_review_adjudication j
    JOIN projects_items_item i ON i.id = j.item_id
    JOIN projects_exports_export e ON e.project_id = j.project_id AND e.id = ANY(%(exports)s)
        AND (e.batch_id IS NULL OR e.batch_id = i.batch_id) AND j.decided_at > e.frozen_at
    WHERE j.project_id = ANY(%(projects)s) AND j.decided_at > %(since)s
      AND EXISTS (SELECT FROM projects_work_annotation a
                  WHERE a.item_id = j.item_id AND a.purpose = 'data' AND a.submitted_at <= e.frozen_at)
    GROUP BY e.id
"""


def changes_of(exports: Iterable[Export]) -> dict[uuid.UUID, Changes]:
    """Return what changed since each of these exports of one workspace was frozen; none for the others."""
    frozen = [export for export in exports if export.frozen_at]
    if not frozen:
        return {}
    values: dict[str, Any] = {
        "exports": [export.pk for export in frozen],
        "workspace": frozen[0].workspace_id,
        "projects": [export.project_id for export in frozen],
        "since": min(export.frozen_at for export in frozen if export.frozen_at),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, values)
        found = {row_id: Changes(*counts) for row_id, *counts in cursor.fetchall()}
        cursor.execute(_REVISED, values)
        for row_id, revised in cursor.fetchall():
            found[row_id] = replace(found.get(row_id, Changes()), revised=revised)
        cursor.execute(_ADJUDICATED, values)
        for row_id, adjudicated in cursor.fetchall():
            found[row_id] = replace(found.get(row_id, Changes()), adjudicated=adjudicated)
    return {export_id: changes for export_id, changes in found.items() if changes.any}
