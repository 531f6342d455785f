"""Celery's side of the desk."""

from celery import shared_task
from django.conf import settings

from projects.work.services import slots
from rlhfhub.tenancy import planes


@shared_task(name="work.expire_leases", time_limit=60)
def expire_leases() -> None:
    """End leases that ran out, grace included."""
    with planes.as_system():
        slots.expire_leases(grace_seconds=settings.LEASE_GRACE_SECONDS)


@shared_task(name="work.move_marks", time_limit=60)
def move_marks() -> None:
    """Raise the marks from which newcomers search."""
    with planes.as_system():
        slots.move_marks()
