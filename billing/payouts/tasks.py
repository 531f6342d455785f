"""Celery tasks of payouts."""

from collections import deque
from itertools import chain

from billing.payouts import banking, making, reversing, runs, sending
from billing.stripe.client import is_set_up
from rlhfhub.queues import LONG, STRIPE, in_a_turn


@LONG.task("payouts.begin")
def begin() -> None:
    """Begin this week's payout run on its day."""
    if is_set_up():
        runs.begin_due()


@LONG.task("payouts.make")
def make() -> None:
    """Make the payouts of runs that have begun."""
    deque(in_a_turn(making.made()), maxlen=0)


@STRIPE.task("payouts.send")
def send() -> None:
    """Send the payouts that are due, and the reversals."""
    if is_set_up():
        deque(in_a_turn(chain(sending.OUTBOX.sent(), reversing.OUTBOX.sent())), maxlen=0)


@STRIPE.task("payouts.look_at_banks")
def look_at_banks() -> None:
    """Ask what Stripe paid on to the banks of people who were paid lately."""
    if is_set_up():
        deque(in_a_turn(banking.seen()), maxlen=0)
