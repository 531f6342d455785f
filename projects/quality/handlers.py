"""After a submission: the item's consensus, and the project's agreement marked for computing anew."""

from collections import defaultdict
from collections.abc import Sequence

from projects.quality import services
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact


def on_submitted(facts: Sequence[Fact]) -> None:
    """Once for all submissions of a workspace that wait."""
    items = defaultdict(set)
    for fact in facts:
        items[fact.data["project_id"]].add(fact.data["item_id"])
    for project_id, item_ids in sorted(items.items()):
        services.refresh_consensus(project_id=project_id, item_ids=sorted(item_ids))
    services.mark_stale(project_ids=sorted(items))


# By count and not by time: a count that began before another answer was committed may end after it.
_MISSING = """
    SELECT i.workspace_id, i.item_id AS subject_id,
           jsonb_build_object('item_id', i.item_id, 'project_id', i.project_id) AS data
    FROM (SELECT DISTINCT workspace_id, project_id, item_id FROM projects_work_annotation
          WHERE id > %(after)s AND id <= %(end)s) i
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE a.label = -1) AS first, count(*) FILTER (WHERE a.label = 0) AS tie,
               count(*) FILTER (WHERE a.label = 1) AS second
        FROM projects_work_annotation a WHERE a.item_id = i.item_id) given
    LEFT JOIN projects_quality_consensus c ON c.item_id = i.item_id
    WHERE (given.first, given.tie, given.second)
          <> (COALESCE(c.first, 0), COALESCE(c.tie, 0), COALESCE(c.second, 0))
"""
COUNT_OWED = Debt(
    "an annotation is counted in its item's consensus",
    SUBMITTED,
    "projects_work_annotation",
    _MISSING,
)


def register() -> None:
    """Called when the apps are ready."""
    debts.register(COUNT_OWED)
    outbox.subscribe(SUBMITTED, on_submitted)
