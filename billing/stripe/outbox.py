"""Sends each row of a table to Stripe once, whatever crashes.

A worker claims a row and commits `sent_at` before it calls Stripe. As long as Stripe keeps the key, any worker sends
the same request again and gets the same object. After that nothing is sent blindly: Stripe's objects are looked
through, and only two looks, ten minutes apart, that find none begin a new attempt, with a new key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.functions import Now

from billing.stripe.calls.sending import KEY_LASTS
from billing.stripe.errors import Busy, Refused, Unknown
from rlhfhub.tenancy import planes

#: Longer than the time limit of the task (rlhfhub.queues.STRIPE), so that no living worker loses its claim.
CLAIM_SECONDS = 360
LOOK_MINUTES, LOOK_PAUSE_SECONDS = 10, 660
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5, 1800
#: So many calls in a row without an answer end the task: Stripe is away.
MOST_SILENT = 3
MOST_WORDS = 1000


class Outgoing(models.Model):
    """The columns of a row that is sent to Stripe. It waits in the state `ready`, and is then `sending`.

    `attempt` is a part of the key; `sent_at` is when its first request may have left; `tries` and `looks` count the
    requests and the looks of this attempt, and `looked_at` is the first look. `next_at` is when a worker takes it up.
    """

    attempt = models.PositiveSmallIntegerField(db_default=1)
    tries = models.PositiveSmallIntegerField(db_default=0)
    sent_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(db_default=Now())
    looks = models.PositiveSmallIntegerField(db_default=0)
    looked_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=120, blank=True, db_default="")
    error_words = models.TextField(blank=True, db_default="")

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Outgoing)
Found = TypeVar("Found")

_CLAIM = """
    UPDATE {table} SET state = 'sending', tries = LEAST(tries + 1, 1000),
           sent_at = COALESCE(sent_at, clock_timestamp()),
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = (SELECT id FROM {table}
                WHERE state IN ('ready', 'sending') AND {where} AND next_at <= statement_timestamp()
                ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, sent_at < clock_timestamp() - make_interval(secs => %s),
              looks > 0 AND looked_at <= clock_timestamp() - make_interval(mins => %s)
"""
_AGAIN = """
    UPDATE {table} SET state = 'ready', attempt = attempt + 1, tries = 0, sent_at = NULL, looks = 0, looked_at = NULL,
           error_code = %s, error_words = %s, next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND attempt = %s AND state = 'sending'
"""
_PUT_OFF = """
    UPDATE {table} SET error_words = %s, next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND attempt = %s AND state = 'sending'
"""
_LOOKED = """
    UPDATE {table} SET looks = LEAST(looks + 1, 1000), looked_at = COALESCE(looked_at, clock_timestamp()),
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND attempt = %s AND state = 'sending'
"""


@dataclass(frozen=True, slots=True)
class Outbox(Generic[Row, Found]):
    """How the rows of a model are sent, and what is noted of each.

    `where` is SQL that tells which rows Stripe gets. `make` sends the request under a key of the row and its attempt;
    `find` looks for the object that an earlier request made, None if Stripe has none. `done` and `refused` note what
    became of the row, in a transaction of their own; each may be called again, and then changes nothing.
    """

    model: type[Row]
    where: str
    make: Callable[[Row], Found]
    find: Callable[[Row], Found | None]
    done: Callable[[Row, Found], None]
    refused: Callable[[Row, Refused], None]

    def sent(self) -> Iterator[int]:
        """Send the rows that are due, one after the other, until none is left or Stripe does not respond."""
        silent = 0
        while silent < MOST_SILENT and (claimed := self._claimed()):
            silent = 0 if self._send(*claimed) else silent + 1
            yield 1

    def _claimed(self) -> tuple[Row, bool, bool] | None:
        """Return a row, whether its key may be forgotten, and whether a look minutes ago found nothing."""
        with planes.as_system(), connection.cursor() as cursor:
            values = [CLAIM_SECONDS, KEY_LASTS.total_seconds(), LOOK_MINUTES]
            cursor.execute(self._on_table(_CLAIM), values)
            found = cursor.fetchone()
            if found is None:
                return None
            row: Row = self.model._default_manager.get(pk=found[0])
        return row, found[1], bool(found[2])

    def _send(self, row: Row, is_old: bool, looked_before: bool) -> bool:
        """Send one row, and note what became of it. Returns whether Stripe responded."""
        try:
            if is_old:
                self._look(row, looked_before)
            else:
                self._make(row)
        except (Busy, Unknown) as error:
            self._put_off(row, str(error))
            return False
        return True

    def _make(self, row: Row) -> None:
        try:
            made = self.make(row)
        except Refused as error:
            # An earlier request of this attempt may have happened, although this one was refused.
            found = self._found(row) if row.tries > 1 else None
            if found is None:
                self.refused(row, error)
                return
            made = found
        self.done(row, made)

    def _look(self, row: Row, looked_before: bool) -> None:
        """Adopt the object that was made after all; else look once more later, and then begin a new attempt."""
        if found := self._found(row):
            self.done(row, found)
        elif looked_before:
            self.begin_anew(row)
        else:
            self._execute(_LOOKED, LOOK_PAUSE_SECONDS, row.pk, row.attempt)

    def _found(self, row: Row) -> Found | None:
        try:
            return self.find(row)
        except Refused as error:  # which says nothing about the earlier request
            raise Unknown(str(error)) from error

    def begin_anew(self, row: Row, *, code: str = "", words: str = "", pause: int = 0) -> None:
        """Begin a new attempt, with a new key, some seconds later: nothing came of the one before."""
        self._execute(_AGAIN, code, words[:MOST_WORDS], pause, row.pk, row.attempt)

    def _put_off(self, row: Row, words: str) -> None:
        """Try again later: nobody knows yet whether it happened."""
        pause = min(FIRST_PAUSE_SECONDS * 3 ** min(row.tries - 1, 10), LONGEST_PAUSE_SECONDS)
        self._execute(_PUT_OFF, words[:MOST_WORDS], pause, row.pk, row.attempt)

    def _execute(self, statement: str, *values: Any) -> None:
        with planes.as_system(), connection.cursor() as cursor:
            cursor.execute(self._on_table(statement), list(values))

    def _on_table(self, statement: str) -> str:
        return statement.format(table=self.model._meta.db_table, where=self.where)
