"""A batch was closed: what nobody will fill is given back."""

from collections.abc import Sequence

from billing.funding import services
from projects.items.services import BATCH_CLOSED
from rlhfhub.events import outbox
from rlhfhub.events.outbox import Fact


def on_batch_closed(facts: Sequence[Fact]) -> None:
    """The first chunk at once; beat gives back the rest."""
    for fact in facts:
        services.release_unused(batch_id=fact.subject_id)


def register() -> None:
    """Called when the apps are ready."""
    outbox.subscribe(BATCH_CLOSED, on_batch_closed)
