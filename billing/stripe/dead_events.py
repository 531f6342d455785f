"""What staff can do about events that were given up: replay them."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from billing.stripe.models import InboundEvent
from rlhfhub.events import broker
from rlhfhub.tenancy import audit


def dead() -> QuerySet[InboundEvent]:
    """Return the events that were given up."""
    return InboundEvent.objects.filter(state=InboundEvent.State.DEAD)


def replay(*, event_ids: Sequence[uuid.UUID], actor_id: uuid.UUID | None) -> int:
    """Let those of these events that were given up be handled again, with all their attempts. Staff plane.

    Returns: how many.
    """
    return _replay(dead().filter(pk__in=event_ids), actor_id, [str(one) for one in event_ids])


def replay_all(*, actor_id: uuid.UUID | None) -> int:
    """Let all events that were given up be handled again, with all their attempts. Staff plane. Returns how many."""
    return _replay(dead(), actor_id, "all")


def _replay(chosen: QuerySet[InboundEvent], actor_id: uuid.UUID | None, named: Any) -> int:
    count = chosen.update(
        state=InboundEvent.State.WAITING, attempts=0, next_at=Now(), ended_at=None
    )
    audit.note("stripe_event.replay", count, actor_id=actor_id, data={"events": named})
    transaction.on_commit(lambda: broker.enqueue("stripe.process", expires=60))
    return count
