"""Celery's side of the desk."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from projects.work.services import slots
from rlhfhub.tenancy import planes


@shared_task(name="work.expire_leases", time_limit=60)
def expire_leases() -> None:
    """End leases that ran out, grace included."""
    before = timezone.now() - timedelta(seconds=settings.LEASE_GRACE_SECONDS)
    with planes.as_system():
        slots.expire_leases(before=before)


@shared_task(name="work.move_marks", time_limit=60)
def move_marks() -> None:
    """Raise the marks from which newcomers search."""
    with planes.as_system():
        slots.move_marks()
