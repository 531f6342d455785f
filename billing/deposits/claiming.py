"""Claims deposits that are due, each by one worker at a time."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from billing.deposits.models import Deposit
from billing.stripe.client import is_set_up
from rlhfhub.queues import tried
from rlhfhub.tenancy import planes

#: Longer than the time limit of the task (rlhfhub.queues.STRIPE), so that no living worker loses its claim.
CLAIM_SECONDS = 360
ASKED, OPEN = "state = 'asked'", "state = 'open'"
UNCLEARED = "state = 'paid' AND cleared_at IS NULL AND settled_in = ''"

_CLAIM = """
    UPDATE billing_deposits_deposit SET next_at = clock_timestamp() + make_interval(secs => %s),
           looked_at = clock_timestamp()
    WHERE id = (SELECT id FROM billing_deposits_deposit WHERE {which} AND next_at <= statement_timestamp()
                ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


def each(which: str, act: Callable[[uuid.UUID], None]) -> Iterator[None]:
    """Call `act` with the id of each deposit that is due, outside transactions. Yields after each one.

    One whose call fails is taken up again when its claim is over, or when `act` says. Without a secret key all wait.
    """
    if not is_set_up():
        return
    while found := _claim(which):
        tried(act, found)
        yield


def _claim(which: str) -> uuid.UUID | None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(which=which), [CLAIM_SECONDS])
        row = cursor.fetchone()
    return row[0] if row else None


def take_up_in(deposit_id: uuid.UUID, pause: timedelta) -> None:
    """Let a worker take up the deposit again after a pause."""
    with planes.as_system():
        Deposit.objects.filter(pk=deposit_id).update(next_at=Now() + pause)
