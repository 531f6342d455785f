"""Consensus of items and agreement of projects, kept while the work runs."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from projects.quality import history, votes
from projects.quality.models import AgreementSnapshot
from projects.stats import agreement, consensus
from projects.stats.patterns import Patterns
from rlhfhub.ground import locks
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import clock

_VOTES = """
    SELECT i.id, i.workspace_id, i.project_id, i.batch_id,
           count(*) FILTER (WHERE a.label = -1), count(*) FILTER (WHERE a.label = 0),
           count(*) FILTER (WHERE a.label = 1)
    FROM projects_items_item i JOIN projects_work_annotation a ON a.item_id = i.id
    WHERE i.id = ANY(%s::uuid[]) GROUP BY i.id
"""

_KEEP = """
    INSERT INTO projects_quality_consensus
        (id, workspace_id, project_id, batch_id, item_id, first, tie, second, label, probability, updated_at)
    SELECT *, clock_timestamp() FROM unnest(
        %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::smallint[], %s::smallint[], %s::smallint[],
        %s::smallint[], %s::float8[])
    ON CONFLICT (item_id) DO UPDATE SET first = EXCLUDED.first, tie = EXCLUDED.tie, second = EXCLUDED.second,
        label = EXCLUDED.label, probability = EXCLUDED.probability, updated_at = EXCLUDED.updated_at
"""


def refresh_consensus(*, project_id: Any, item_ids: Sequence[Any]) -> int:
    """Count the votes of these items of a project anew and keep what they say. Workspace plane. Returns how many."""
    with connection.cursor() as cursor:
        # Two dispatchers on one item: the later must see the earlier's votes, so they take turns first.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s::text, %s))",
            [str(project_id), locks.VOTES_OF_A_PROJECT],
        )
        cursor.execute(_VOTES, [list(item_ids)])
        rows = [row for row in cursor.fetchall() if sum(row[4:7])]
        if not rows:
            return 0
        given = np.array([row[4:7] for row in rows], dtype=np.int64)
        table = consensus.consensus_table(given, _accuracy(project_id))
        values = [
            (uuid7(), row[1], row[2], row[3], row[0], *row[4:7], _label(index), probability)
            for row, index, probability in zip(
                rows, table.index.tolist(), table.probability.tolist(), strict=True
            )
        ]
        cursor.execute(_KEEP, [list(column) for column in zip(*values, strict=True)])
    return len(rows)


def _label(index: int) -> int | None:
    return None if index < 0 else consensus.SIGNED[index]


def _accuracy(project_id: Any) -> float:
    """One annotator's accuracy, as the project's last snapshot estimated it."""
    last = (
        AgreementSnapshot.objects.filter(project_id=project_id, batch=None)
        .order_by("-at")
        .values_list("accuracy")
        .first()
    )
    return float(last[0]) if last else consensus.PRIOR_ACCURACY


_STALE = """
    INSERT INTO projects_quality_stale (id, workspace_id, project_id, since)
    SELECT rlhfhub_uuid7(), current_setting('rlhfhub.workspace')::uuid, unnest(%s::uuid[]), clock_timestamp()
    ON CONFLICT (project_id) DO NOTHING
"""


def mark_stale(*, project_ids: Sequence[Any]) -> None:
    """The agreement of these projects is to be computed anew."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE, [list(project_ids)])


# Each batch with what its last snapshot counted, found by the index however many it has.
_BATCHES = """
    SELECT b.id, b.workspace_id,
           (SELECT s.annotations FROM projects_quality_agreementsnapshot s
            WHERE s.project_id = b.project_id AND s.batch_id = b.id ORDER BY s.at DESC LIMIT 1)
    FROM projects_items_batch b WHERE b.project_id = %s
"""


def refresh_agreement(
    *, project_id: uuid.UUID, now: datetime | None = None
) -> AgreementSnapshot | None:
    """Snapshots of a project and each of its batches from the kept votes. Workspace plane.

    Returns the project's, or None when nobody has answered yet.
    """
    at = now or clock.now()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM projects_quality_stale WHERE project_id = %s", [project_id])
        cursor.execute(_BATCHES, [project_id])
        rows = cursor.fetchall()
    counted = {batch_id: annotations for batch_id, _, annotations in rows}
    patterns = votes.of_project(project_id)
    if not patterns:
        return None
    workspace_id = rows[0][1]
    snapshots = [
        _snapshot(workspace_id, project_id, batch, found, at) for batch, found in patterns.items()
    ]
    whole = _snapshot(workspace_id, project_id, None, votes.together(patterns), at)
    # A finished batch makes no more rows.
    changed = [s for s in snapshots if s.batch_id and counted[s.batch_id] != s.annotations]
    history.add(project_id=project_id, snapshots=[*changed, whole])
    return whole


def _snapshot(
    workspace_id: uuid.UUID,
    project_id: uuid.UUID,
    batch_id: uuid.UUID | None,
    found: dict[votes.Pattern, int],
    at: datetime,
) -> AgreementSnapshot:
    counts = np.array(list(found), dtype=np.int64)
    items = np.array(list(found.values()), dtype=np.int64)
    patterns = Patterns(counts, items)
    result = agreement.agreement(patterns, level="ordinal", tie=1)
    return AgreementSnapshot(
        workspace_id=workspace_id,
        project_id=project_id,
        batch_id=batch_id,
        alpha=result.alpha,
        low=result.low,
        high=result.high,
        percent=result.percent,
        percent_without_ties=result.percent_without_ties,
        items=int(items.sum()),
        pairs=result.pairs,
        accuracy=consensus.accuracy_of(patterns),
        annotations=int((counts.sum(axis=1) * items).sum()),
        votes=[int(v) for v in (counts * items[:, None]).sum(axis=0)],
        at=at,
    )
