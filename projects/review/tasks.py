"""Celery tasks of review: what happens when nobody decides in time."""

from collections.abc import Callable

from projects.review.services import accepting, appeals, returning
from rlhfhub.queues import SHORT, in_a_turn
from rlhfhub.tenancy import planes

STEPS = 40


@SHORT.task("review.accept_due")
def accept_due() -> None:
    """Accept annotations that nobody decided on in time, in short transactions."""
    _repeat(accepting.accept_due, accepting.LIMIT)


@SHORT.task("review.end_due")
def end_due() -> None:
    """End returns that nobody revised, rejections that nobody appealed, and appeals that nobody decided, in time."""
    _repeat(returning.lapse_due, returning.LIMIT)
    _repeat(appeals.lapse_due, appeals.LIMIT)
    _repeat(appeals.overturn_due, appeals.LIMIT)


def _repeat(step: Callable[[], int], limit: int) -> None:
    for _ in in_a_turn(range(STEPS)):
        with planes.as_system():
            if step() < limit:
                return
