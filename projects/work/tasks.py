"""Celery's side of the desk."""

from django.conf import settings

from projects.work.services import slots
from rlhfhub.queues import SHORT
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
