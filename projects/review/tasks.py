"""Celery tasks of review: what happens when nobody decides in time, and bulk accepts that take effect."""

from collections.abc import Callable

from projects.review.bulk import services as bulk
from projects.review.children import appeals as decided_by_annotators
from projects.review.record import counting
from projects.review.services import accepting, appeals, returning
from rlhfhub.queues import LONG, SHORT, in_a_turn, tried
from rlhfhub.tenancy import planes

STEPS = 40


@SHORT.task("review.accept_due")
def accept_due() -> None:
    """Accept annotations that nobody decided on in time, in short transactions."""
    _repeat(accepting.accept_due, accepting.LIMIT)


@SHORT.task("review.end_due")
def end_due() -> None:
    """Pay for appeals that nobody decided in time; end returns that nobody revised, and rejections without appeal.

    Leave to staff the appeals that no annotator decided in two days.
    """
    tried(_repeat, appeals.overturn_due, appeals.LIMIT)
    tried(_repeat, returning.lapse_due, returning.LIMIT)
    tried(_repeat, appeals.lapse_due, appeals.LIMIT)
    tried(_repeat, decided_by_annotators.withdraw_due, decided_by_annotators.LIMIT)


@SHORT.task("review.apply_bulk_accepts")
def apply_bulk_accepts() -> None:
    """Accept the answers of bulk accepts that were not undone in their ten minutes."""
    with planes.as_system():
        waiting = bulk.due()
    for workspace_id, bulk_id in in_a_turn(waiting):
        tried(bulk.apply, workspace_id, bulk_id)


@LONG.task("review.count_records")
def count_records() -> None:
    """Count anew how workspaces decide on answers, for the market's listing."""
    counting.count_due()


def _repeat(step: Callable[[], int], limit: int) -> None:
    for _ in in_a_turn(range(STEPS)):
        with planes.as_system():
            if step() < limit:
                return
