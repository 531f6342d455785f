"""Makes accounts at Stripe for those who asked, each once.

A worker claims a recipient and commits `sent_at` before it calls Stripe, so that whatever happens the next one sends
the same request under the same key. Stripe keeps a key for a day: an attempt older than that is looked up, and only if
there is no such account a new attempt begins.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models.functions import Now

from billing.recipients import notices
from billing.recipients.models import Recipient
from billing.stripe.calls import accounts
from billing.stripe.calls.sending import KEY_LASTS
from billing.stripe.errors import Busy, Refused, Unknown
from rlhfhub.tenancy import planes

#: Longer than the time limit of the task, so that no living worker loses its claim.
CLAIM_SECONDS = 360
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5, 1800

_CLAIM = """
    UPDATE billing_recipients_recipient SET tries = LEAST(tries + 1, 1000),
           sent_at = COALESCE(sent_at, clock_timestamp()),
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = (SELECT id FROM billing_recipients_recipient
                WHERE state = 'asked' AND next_at <= statement_timestamp()
                ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING person_id, attempt, tries, name, email, country, sent_at,
              sent_at < clock_timestamp() - make_interval(secs => %s)
"""
_PUT_OFF = """
    UPDATE billing_recipients_recipient SET error_words = %s,
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE person_id = %s AND attempt = %s AND state = 'asked'
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A recipient whose account this process makes. `is_old` says that the attempt's key may be forgotten."""

    person_id: uuid.UUID
    attempt: int
    tries: int
    name: str
    email: str
    country: str
    sent_at: datetime
    is_old: bool


def made() -> Iterator[int]:
    """Make the accounts that are due, one after the other, until none is left or Stripe does not respond."""
    while claimed := _claim():
        is_away = _make(claimed)
        yield 1
        if is_away:
            return


def _claim() -> Claimed | None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [CLAIM_SECONDS, KEY_LASTS.total_seconds()])
        row = cursor.fetchone()
    return Claimed(*row) if row else None


def _make(claimed: Claimed) -> bool:
    """Make one account, and note what became of it. Returns whether Stripe does not respond."""
    try:
        account = _find(claimed) if claimed.is_old else _create(claimed)
    except Refused as error:
        _refused(claimed, error)
        return False
    except (Busy, Unknown) as error:
        _put_off(claimed, str(error))
        return True
    if account is None:
        _begin_anew(claimed)
        return False
    with planes.as_system():
        rows = Recipient.objects.filter(person_id=claimed.person_id, state=Recipient.State.ASKED)
        rows.update(state=Recipient.State.MADE, account=account, error_words="", look_at=Now())
    return False


def _create(claimed: Claimed) -> str:
    return accounts.create(
        key=f"recipient:{claimed.person_id}:{claimed.attempt}",
        name=claimed.name,
        email=claimed.email,
        country=claimed.country,
        metadata={"person": str(claimed.person_id)},
    ).id


def _find(claimed: Claimed) -> str | None:
    """Return the account that an earlier request made after all, None if there is none."""
    wanted = str(claimed.person_id)
    for account in accounts.made_since(claimed.sent_at - timedelta(hours=1)):
        if account.metadata.get("person") == wanted:
            return account.id
    return None


def _begin_anew(claimed: Claimed) -> None:
    with planes.as_system():
        rows = Recipient.objects.filter(person_id=claimed.person_id, attempt=claimed.attempt)
        rows = rows.filter(state=Recipient.State.ASKED)
        rows.update(attempt=claimed.attempt + 1, tries=0, sent_at=None, next_at=Now())


def _refused(claimed: Claimed, error: Refused) -> None:
    with planes.as_system():
        rows = Recipient.objects.filter(person_id=claimed.person_id, attempt=claimed.attempt)
        rows.filter(state=Recipient.State.ASKED).update(
            state=Recipient.State.REFUSED,
            error_code=error.code[:120],
            error_words=error.message,
        )
        notices.tell_refused(claimed.person_id, claimed.attempt)


def _put_off(claimed: Claimed, words: str) -> None:
    pause = min(FIRST_PAUSE_SECONDS * 3 ** min(claimed.tries - 1, 10), LONGEST_PAUSE_SECONDS)
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_PUT_OFF, [words[:1000], pause, claimed.person_id, claimed.attempt])
