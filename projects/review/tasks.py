"""Celery task of review."""

from projects.review import services
from rlhfhub.queues import SHORT, in_a_turn
from rlhfhub.tenancy import planes


@SHORT.task("review.accept_due")
def accept_due() -> None:
    """Accept annotations that nobody decided on in time, in short transactions."""
    for _ in in_a_turn(range(40)):
        with planes.as_system():
            if services.accept_due() < services.LIMIT:
                return
