"""Deletes what is kept no longer: notices a year after they were read, mails 90 days after they ended."""

from collections.abc import Iterator

from django.db import connection

from rlhfhub.tenancy import planes

BATCH = 1000
READ_DAYS, MAIL_DAYS = 365, 90

_NOTICES = """
    DELETE FROM rlhfhub_notices_notice WHERE id IN (
        SELECT id FROM rlhfhub_notices_notice
        WHERE read_at < clock_timestamp() - make_interval(days => %s) LIMIT %s)
"""
_UNLINK = """
    WITH old AS (
        SELECT id FROM rlhfhub_notices_mail
        WHERE COALESCE(sent_at, given_up_at) < clock_timestamp() - make_interval(days => %s) LIMIT %s),
    freed AS (UPDATE rlhfhub_notices_notice n SET mail_id = NULL FROM old WHERE n.mail_id = old.id)
    SELECT id FROM old
"""
_MAILS = "DELETE FROM rlhfhub_notices_mail WHERE id = ANY(%s)"


def forget() -> Iterator[int]:
    """Delete in short transactions until nothing old is left. Yields: how many rows each deleted."""
    for delete in (_delete_notices, _delete_mails):
        while gone := delete():
            yield gone


def _delete_notices() -> int:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_NOTICES, [READ_DAYS, BATCH])
        return int(cursor.rowcount)


def _delete_mails() -> int:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_UNLINK, [MAIL_DAYS, BATCH])
        old = [row[0] for row in cursor.fetchall()]
        cursor.execute(_MAILS, [old])
    return len(old)
