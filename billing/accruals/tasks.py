"""Celery tasks of accruals."""

from collections import deque

from billing.accruals import clearing
from rlhfhub.queues import LONG, in_a_turn


@LONG.task("accruals.clear")
def clear() -> None:
    """Let annotators be paid what they earned from workspaces whose payments have become clear."""
    deque(in_a_turn(clearing.clear()), maxlen=0)
