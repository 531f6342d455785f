"""Celery tasks of the desk."""

from django.conf import settings

from projects.work.services import drafts, slots
from rlhfhub.queues import LONG, SHORT
from rlhfhub.tenancy import planes


@SHORT.task("work.expire_leases")
def expire_leases() -> None:
    """End the leases that have expired, grace period included."""
    with planes.as_system():
        slots.expire_leases(grace_seconds=settings.LEASE_GRACE_SECONDS)


@SHORT.task("work.raise_low_seqs")
def raise_low_seqs() -> None:
    """Raise the number in each open batch's queue at which an annotator new to the batch begins to search."""
    with planes.as_system():
        slots.raise_low_seqs()


@LONG.task("work.delete_old_drafts")
def delete_old_drafts() -> None:
    """Delete drafts that have not been saved for a long time."""
    with planes.as_system():
        drafts.delete_old()
