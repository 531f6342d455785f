"""Warns staff of mails that wait too long and of mails that were given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Min

from rlhfhub.notices.models import Mail
from rlhfhub.tenancy import clock, planes

#: Minutes after which a mail that was not sent is late.
PATIENCE_MINUTES = 30
#: Staff are told of a mail that was given up for so many days.
GIVEN_UP_DAYS = 7

_BACKLOG = """
    SELECT (SELECT count(*) FROM rlhfhub_notices_mail WHERE sent_at IS NULL AND given_up_at IS NULL
            AND created_at < statement_timestamp() - make_interval(mins => %s)),
           (SELECT count(*) FROM rlhfhub_notices_mail
            WHERE given_up_at > statement_timestamp() - make_interval(days => %s)),
           COALESCE((SELECT error FROM rlhfhub_notices_mail
                     WHERE sent_at IS NULL AND given_up_at IS NULL AND error <> ''
                     ORDER BY created_at LIMIT 1), '')
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many mails are late, how many were given up lately, and the error of the oldest that waits."""

    late: int
    given_up: int
    error: str


def backlog() -> Backlog:
    """Return what waits now, by the database's clock. In any plane, or none."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_BACKLOG, [PATIENCE_MINUTES, GIVEN_UP_DAYS])
        return Backlog(*cursor.fetchone())


@dataclass(frozen=True, slots=True)
class GivenUp:
    """How many mails were given up lately, and when the oldest of them was."""

    count: int
    oldest_at: datetime


def given_up() -> GivenUp | None:
    """Return what was given up in the last days; None if nothing was. Staff plane."""
    since = clock.now() - timedelta(days=GIVEN_UP_DAYS)
    found = Mail.objects.filter(given_up_at__gt=since).aggregate(
        count=Count("pk"), oldest_at=Min("given_up_at")
    )
    return GivenUp(**found) if found["count"] else None


def warnings() -> list[str]:
    """Return the warnings for the staff's overview."""
    found, words = backlog(), []
    if found.late:
        error = f" Last error: {found.error[:200]}" if found.error else ""
        words.append(
            f"Mails that have waited more than {PATIENCE_MINUTES} minutes: {found.late:,}.{error}"
        )
    if found.given_up:
        words.append(f"Mails given up in the last {GIVEN_UP_DAYS} days: {found.given_up:,}.")
    return words
