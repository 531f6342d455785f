"""After a submission: the item's consensus, and the project's agreement marked for computing anew."""

from collections.abc import Sequence

from projects.quality import services
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import outbox
from rlhfhub.events.outbox import Fact


def on_submitted(facts: Sequence[Fact]) -> None:
    """Once for all submissions of a workspace that wait."""
    services.refresh_consensus(item_ids=sorted({f.data["item_id"] for f in facts}))
    services.mark_stale(project_ids=sorted({f.data["project_id"] for f in facts}))


def register() -> None:
    """Called when the apps are ready."""
    outbox.subscribe(SUBMITTED, on_submitted)
