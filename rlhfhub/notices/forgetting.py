"""Deletes what is kept no longer: notices a year after they were read, mails 90 days after they ended."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from rlhfhub.ground.ids import first_id_since
from rlhfhub.tenancy import clock, planes

BATCH = 1000
READ_DAYS, MAIL_DAYS = 365, 90

# A notice is older than its reading. The bound on ids lets the statement read only the old part of the table.
_NOTICES = """
    DELETE FROM rlhfhub_notices_notice WHERE id IN (
        SELECT id FROM rlhfhub_notices_notice
        WHERE id < %s AND read_at < statement_timestamp() - make_interval(days => %s) LIMIT %s)
"""
_UNLINK = """
    WITH old AS (
        SELECT id FROM rlhfhub_notices_mail
        WHERE sent_at < statement_timestamp() - make_interval(days => %(days)s)
           OR given_up_at < statement_timestamp() - make_interval(days => %(days)s) LIMIT %(most)s),
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
        before = first_id_since(clock.now() - timedelta(days=READ_DAYS))
        cursor.execute(_NOTICES, [before, READ_DAYS, BATCH])
        return int(cursor.rowcount)


def _delete_mails() -> int:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_UNLINK, {"days": MAIL_DAYS, "most": BATCH})
        old = [row[0] for row in cursor.fetchall()]
        cursor.execute(_MAILS, [old])
    return len(old)
