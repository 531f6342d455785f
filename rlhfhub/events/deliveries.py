"""What staff decide about deliveries that failed too often."""

import uuid
from collections.abc import Sequence

from django.db.models.functions import Now

from rlhfhub.events.dispatch import MAX_ATTEMPTS
from rlhfhub.events.models import Delivery
from rlhfhub.tenancy import audit


def retry(*, delivery_ids: Sequence[uuid.UUID], actor_id: uuid.UUID | None) -> int:
    """Try these again at once, with a full number of attempts. Those that are done are left. Returns how many.

    Staff plane.
    """
    waiting = Delivery.objects.filter(pk__in=delivery_ids, done_at=None)
    count = waiting.update(attempts=0, next_at=Now())
    audit.note("delivery.retry", count, actor_id=actor_id, data=_named(delivery_ids))
    return count


def give_up(*, delivery_ids: Sequence[uuid.UUID], actor_id: uuid.UUID | None) -> int:
    """Let the dead ones among these go: their events need not be kept for them. Returns how many. Staff plane."""
    dead = Delivery.objects.filter(pk__in=delivery_ids, done_at=None, attempts__gte=MAX_ATTEMPTS)
    count = dead.update(done_at=Now())
    audit.note("delivery.give_up", count, actor_id=actor_id, data=_named(delivery_ids))
    return count


def _named(delivery_ids: Sequence[uuid.UUID]) -> dict[str, list[str]]:
    return {"deliveries": [str(one) for one in delivery_ids]}
