"""What staff can do about deliveries that failed too often."""

import uuid
from collections.abc import Sequence

from django.db.models.functions import Now

from rlhfhub.events.dispatch import MAX_ATTEMPTS
from rlhfhub.events.models import Delivery
from rlhfhub.tenancy import audit


def retry(*, delivery_ids: Sequence[uuid.UUID], actor_id: uuid.UUID | None) -> int:
    """Schedule these deliveries again at once, with all their attempts. Done ones are left out. Staff plane.

    Returns: how many will be tried again.
    """
    waiting = Delivery.objects.filter(pk__in=delivery_ids, done_at=None)
    count = waiting.update(attempts=0, next_at=Now())
    audit.note("delivery.retry", count, actor_id=actor_id, data=_named(delivery_ids))
    return count


def give_up(*, delivery_ids: Sequence[uuid.UUID], actor_id: uuid.UUID | None) -> int:
    """Give up the dead ones among these, so that their events may be deleted. Staff plane. Returns how many."""
    dead = Delivery.objects.filter(pk__in=delivery_ids, done_at=None, attempts__gte=MAX_ATTEMPTS)
    count = dead.update(done_at=Now())
    audit.note("delivery.give_up", count, actor_id=actor_id, data=_named(delivery_ids))
    return count


def _named(delivery_ids: Sequence[uuid.UUID]) -> dict[str, list[str]]:
    return {"deliveries": [str(one) for one in delivery_ids]}
