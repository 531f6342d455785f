"""Work was accepted: it has earned its price."""

from collections.abc import Sequence

from billing.accruals import services
from projects.review.services import ACCEPTED
from rlhfhub.events import outbox
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy.planes import Plane


def on_accepted(facts: Sequence[Fact]) -> None:
    """As the system: the annotator's purse is not the workspace's to see."""
    services.accrue(annotation_ids=[i for fact in facts for i in fact.data["annotation_ids"]])


def register() -> None:
    """Called when the apps are ready."""
    outbox.subscribe(ACCEPTED, on_accepted, plane=Plane.SYSTEM)
