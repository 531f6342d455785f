"""Claims deposits and refunds that are due, each by one worker at a time."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from billing.deposits.models import Deposit, Refund
from billing.stripe.client import is_set_up
from billing.stripe.outbox import CLAIM_SECONDS, LOOK_MINUTES, LOOK_PAUSE_SECONDS
from rlhfhub.queues import tried
from rlhfhub.tenancy import clock, planes

#: An open deposit is looked at after a quarter of its age, within these bounds.
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
#: Two looks so far apart that find nothing of an attempt show that nothing came of it.
LOOKS_APART = timedelta(minutes=LOOK_MINUTES)
#: When the second look comes.
LOOK_PAUSE = timedelta(seconds=LOOK_PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class Due:
    """Which rows of which model a task takes up, in SQL."""

    model: type[Deposit] | type[Refund]
    where: str
    needs_stripe: bool = True


ASKED, OPEN = Due(Deposit, "state = 'asked'"), Due(Deposit, "state = 'open'")
UNCLEARED = Due(Deposit, "state = 'paid' AND cleared_at IS NULL AND settled_in = ''")
REFUNDS = Due(
    Refund,
    "way <> 'bank' AND (state = 'sent' OR state = 'asked' AND (way = 'stripe' OR confirmed_by_id IS NOT NULL))",
)
BANK_REFUNDS = Due(
    Refund,
    "way = 'bank' AND (state = 'asked' OR state = 'sent' AND refused_by_id IS NOT NULL)",
    needs_stripe=False,
)

_CLAIM = """
    UPDATE {table} SET next_at = clock_timestamp() + make_interval(secs => %s),
           looked_at = clock_timestamp()
    WHERE id = (SELECT id FROM {table} WHERE {where} AND next_at <= statement_timestamp()
                ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


def each(due: Due, act: Callable[[uuid.UUID], None]) -> Iterator[None]:
    """Call `act` with the id of each row that is due, outside transactions. Yields after each one.

    One whose call fails is taken up again when its claim is over, or when `act` says. Without a secret key all
    that need Stripe wait.
    """
    if due.needs_stripe and not is_set_up():
        return
    while found := _claim(due):
        tried(act, found)
        yield


def _claim(due: Due) -> uuid.UUID | None:
    with planes.as_system(), connection.cursor() as cursor:
        statement = _CLAIM.format(table=due.model._meta.db_table, where=due.where)
        cursor.execute(statement, [CLAIM_SECONDS])
        row = cursor.fetchone()
    return row[0] if row else None


def take_up_in(due: Due, row_id: uuid.UUID, pause: timedelta) -> None:
    """Let a worker take up the row again after a pause."""
    with planes.as_system():
        due.model.objects.filter(pk=row_id).update(next_at=Now() + pause)


class LookAgain(Exception):
    """Stripe has nothing of an old attempt, as far as one look tells: a second one comes minutes later."""


def note_missing(row: Deposit | Refund) -> None:
    """Note that a look at Stripe found nothing of the row's attempt, whose key may be forgotten.

    Raises: LookAgain unless a look minutes ago found nothing either. Only then may a new attempt begin.
    """
    with planes.as_system():
        rows = type(row).objects.filter(pk=row.pk, attempt=row.attempt, missed_at=None)
        rows.update(missed_at=Now())
        now = clock.now()
    # Raised outside the transaction, which it would roll back.
    if row.missed_at is None or now - row.missed_at < LOOKS_APART:
        raise LookAgain


def next_look(deposit: Deposit) -> timedelta:
    """Return after which time an open deposit is looked at again. System plane."""
    return min(max((clock.now() - deposit.asked_at) / 4, SHORTEST), LONGEST)
