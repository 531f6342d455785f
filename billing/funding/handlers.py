"""Handler of the event that a batch was closed: give back the money of its open slots."""

from collections.abc import Sequence

from billing.funding import services
from projects.items.services import BATCH_CLOSED
from rlhfhub.events import outbox
from rlhfhub.events.outbox import Fact


def on_batch_closed(facts: Sequence[Fact]) -> None:
    """Give back the first chunk at once; the scheduled task gives back the rest."""
    for fact in facts:
        services.release_unused(batch_id=fact.subject_id)


def register() -> None:
    """Register the handler. Called when the apps are ready."""
    outbox.subscribe(BATCH_CLOSED, on_batch_closed)
