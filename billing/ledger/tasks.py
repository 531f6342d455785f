"""Celery tasks of the ledger."""

from billing.ledger import sealing
from rlhfhub.queues import LONG
from rlhfhub.tenancy import clock, planes


@LONG.task("ledger.seal_days")
def seal_days() -> None:
    """Seal the days that are over."""
    with planes.as_system():
        now = clock.now()
    sealing.seal_days(now)
