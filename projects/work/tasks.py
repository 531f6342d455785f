"""Celery's side of the desk."""

from django.conf import settings

from projects.work.services import drafts, slots
from rlhfhub.queues import LONG, SHORT
from rlhfhub.tenancy import planes


@SHORT.task("work.expire_leases")
def expire_leases() -> None:
    """End leases that ran out, grace included."""
    with planes.as_system():
        slots.expire_leases(grace_seconds=settings.LEASE_GRACE_SECONDS)


@SHORT.task("work.move_marks")
def move_marks() -> None:
    """Raise the marks from which newcomers search."""
    with planes.as_system():
        slots.move_marks()


@LONG.task("work.forget_drafts")
def forget_drafts() -> None:
    """Remove drafts that nobody came back to."""
    with planes.as_system():
        drafts.forget_old()
