"""After a submission: the item's consensus, and the project's agreement marked for computing anew."""

from collections import defaultdict
from collections.abc import Sequence

from projects.quality import services
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import outbox
from rlhfhub.events.outbox import Fact


def on_submitted(facts: Sequence[Fact]) -> None:
    """Once for all submissions of a workspace that wait."""
    items = defaultdict(set)
    for fact in facts:
        items[fact.data["project_id"]].add(fact.data["item_id"])
    for project_id, item_ids in sorted(items.items()):
        services.refresh_consensus(project_id=project_id, item_ids=sorted(item_ids))
    services.mark_stale(project_ids=sorted(items))


def register() -> None:
    """Called when the apps are ready."""
    outbox.subscribe(SUBMITTED, on_submitted)
