"""Celery tasks of the ledger."""

from django.utils import timezone

from billing.ledger import sealing
from rlhfhub.queues import LONG


@LONG.task("ledger.seal_days")
def seal_days() -> None:
    """Seal the days that are over."""
    sealing.seal_days(timezone.now())
