"""Celery tasks of Stripe's events."""

from collections import deque

from billing.stripe import processing
from billing.stripe import sweep as sweeping
from rlhfhub.queues import STRIPE, in_a_turn


@STRIPE.task("stripe.process")
def process() -> None:
    """Hand events that wait to the rooms that act on them."""
    deque(in_a_turn(processing.handled()), maxlen=0)


@STRIPE.task("stripe.sweep")
def sweep() -> None:
    """Store events that no webhook brought."""
    sweeping.sweep()
