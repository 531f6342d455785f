"""Celery tasks of REST."""

from datetime import timedelta

from django.db.models.functions import Now

from rlhfhub.api.models import IdempotencyKey
from rlhfhub.queues import LONG
from rlhfhub.tenancy import planes

KEPT = timedelta(days=7)
CHUNK = 10_000


@LONG.task("api.forget_keys")
def forget_keys() -> None:
    """Delete idempotency keys after a week; from then on a key may be used again."""
    while _forget_some() == CHUNK:
        pass


def _forget_some() -> int:
    with planes.as_system():
        old = IdempotencyKey.objects.filter(created_at__lt=Now() - KEPT).order_by("created_at")
        ids = list(old.values_list("pk", flat=True)[:CHUNK])
        IdempotencyKey.objects.filter(pk__in=ids).delete()
        return len(ids)
