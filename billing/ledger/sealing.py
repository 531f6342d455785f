"""Seal the days of the journal: a digest of each day that is over, chained to that of the day before.

A transaction that began in a day may commit after its end, so a day is closed first and sealed when every transaction
that was running then has ended. No posting waits for any of it.
"""

from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min

from billing.ledger.models import Journal, Seal
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import planes

#: A day is closed this long after its end, when no statement that began in it can still run.
GRACE = timedelta(hours=1)
_CLOSE = """
    INSERT INTO billing_ledger_seal (id, day, after)
    VALUES (%s, %s, pg_current_xact_id()::text::bigint) ON CONFLICT (day) DO NOTHING
"""
_HAVE_ENDED = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %s"
_SEAL = """
    UPDATE billing_ledger_seal s SET journals = d.journals, digest = d.digest, sealed_at = now()
    FROM ledger_digest(%s, %s) d WHERE s.id = %s AND s.sealed_at IS NULL
"""
_TOTALS = """
    INSERT INTO billing_ledger_daytotal (id, account_id, seal_id, amount_minor)
    SELECT rlhfhub_uuid7(), p.account_id, %s, sum(p.amount_minor) FROM billing_ledger_posting p
    JOIN billing_ledger_account a ON a.id = p.account_id AND a.balance_minor IS NULL
    JOIN billing_ledger_journal j ON j.id = p.journal_id
    WHERE j.at >= %s AND j.at < %s GROUP BY p.account_id
"""


def seal_days(now: datetime) -> int:
    """Close and seal the days that are over, the oldest first. Returns how many were sealed."""
    sealed = 0
    while (day := _next_day(now)) and _seal(day):
        sealed += 1
    return sealed


def _next_day(now: datetime) -> date | None:
    """Return the oldest day that is over and not sealed; None if there is none."""
    with planes.as_system():
        last = Seal.objects.exclude(sealed_at=None).order_by("-day").first()
        # Before the first seal alone: it reads all journals.
        first = None if last else Journal.objects.aggregate(at=Min("at"))["at"]
    if last:
        day: date = last.day + timedelta(days=1)
    elif first:
        day = first.astimezone(UTC).date()
    else:
        return None
    return day if _end(day) + GRACE <= now else None


def _seal(day: date) -> bool:
    """Close the day, and seal it if the transactions of before have ended. Returns whether it is sealed now."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLOSE, [uuid7(), day])
    with planes.as_system(), transaction.atomic(), connection.cursor() as cursor:
        seal = Seal.objects.select_for_update().get(day=day)
        if seal.sealed_at:
            return True
        cursor.execute(_HAVE_ENDED, [seal.after])
        if not cursor.fetchone()[0]:
            return False
        before = Seal.objects.filter(day__lt=day).order_by("-day").first()
        cursor.execute(_SEAL, [day, before.digest if before else "", seal.pk])
        cursor.execute(_TOTALS, [seal.pk, _end(day) - timedelta(days=1), _end(day)])
    return True


def _end(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
