"""The event handler by which answers enter the monitors, and how answers are found that never entered."""

from collections import defaultdict
from collections.abc import Sequence

from projects.quality.alerts import opening
from projects.quality.monitors import entering
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact


def on_submitted(facts: Sequence[Fact]) -> None:
    """Let the answers about all items with new answers enter the monitors, and open alerts for the alarms."""
    items = defaultdict(set)
    for fact in facts:
        items[fact.data["project_id"]].add(fact.data["item_id"])
    for project_id, item_ids in sorted(items.items()):
        alarms = entering.enter(project_id=project_id, item_ids=sorted(item_ids))
        opening.open_for(alarms)


_FACT = "jsonb_build_object('item_id', a.item_id, 'project_id', a.project_id) AS data"
# Every answer enters the monitor of time.
_NEVER_ENTERED = f"""
    SELECT DISTINCT a.workspace_id, a.item_id AS subject_id, {_FACT}
    FROM projects_work_annotation a
    WHERE a.id > %(after)s AND a.id <= %(end)s AND NOT EXISTS (
        SELECT 1 FROM projects_quality_score s JOIN projects_quality_monitor m ON m.id = s.monitor_id
        WHERE s.annotation_id = a.id AND m.kind = 'time')
"""  # noqa: S608  constants only
# The newest answer to an item is there when the others enter, so looking at items by their new answers finds all.
_NEVER_COMPARED = f"""
    SELECT DISTINCT a.workspace_id, a.item_id AS subject_id, {_FACT}
    FROM projects_work_annotation a
    CROSS JOIN LATERAL (
        SELECT count(*) AS answers, bool_or(NOT EXISTS (
            SELECT 1 FROM projects_quality_score s JOIN projects_quality_monitor m ON m.id = s.monitor_id
            WHERE s.annotation_id = o.id AND m.kind = 'agreement')) AS are_missing
        FROM projects_work_annotation o WHERE o.item_id = a.item_id) of_item
    WHERE a.id > %(after)s AND a.id <= %(end)s AND a.purpose = 'data' AND of_item.are_missing
      AND EXISTS (SELECT 1 FROM projects_quality_tally t WHERE t.item_id = a.item_id)
      AND (of_item.answers > {entering.OTHERS} OR of_item.answers > 1 AND NOT EXISTS (
           SELECT 1 FROM projects_work_slot s WHERE s.item_id = a.item_id AND s.state IN ('open', 'leased')))
"""  # noqa: S608  constants only
ENTRY_OWED = Debt(
    "an annotation has entered its annotator's monitors",
    SUBMITTED,
    "projects_work_annotation",
    _NEVER_ENTERED,
)
COMPARISON_OWED = Debt(
    "an annotation is compared with the others of its item",
    SUBMITTED,
    "projects_work_annotation",
    _NEVER_COMPARED,
)


def register() -> None:
    """Subscribe the handler and register the checks for missed events. Called once the apps are ready."""
    debts.register(ENTRY_OWED)
    debts.register(COMPARISON_OWED)
    outbox.subscribe(SUBMITTED, on_submitted)
