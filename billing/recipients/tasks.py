"""Celery tasks of recipients."""

from collections import deque
from itertools import chain

from billing.recipients import making, minting, seeing
from billing.stripe.client import is_set_up
from rlhfhub.queues import STRIPE, in_a_turn


@STRIPE.task("recipients.work")
def work() -> None:
    """Make accounts, ask for addresses and look at accounts, as far as each is due."""
    minting.end()
    if is_set_up():
        deque(in_a_turn(chain(making.made(), minting.minted(), seeing.seen())), maxlen=0)
