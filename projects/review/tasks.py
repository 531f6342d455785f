"""Celery's side of review."""

from celery import shared_task

from projects.review import services
from rlhfhub.tenancy import planes


@shared_task(name="review.accept_due", time_limit=300)
def accept_due() -> None:
    """Accept by the clock, in short transactions."""
    for _ in range(40):
        with planes.as_system():
            if services.accept_due() < services.LIMIT:
                return
