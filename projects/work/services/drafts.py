"""Deleting old drafts."""

from django.db import connection

KEPT_DAYS = 30

_DELETE_OLD = """
    DELETE FROM projects_work_draft WHERE id IN (
        SELECT id FROM projects_work_draft WHERE saved_at < statement_timestamp() - %s * interval '1 day' LIMIT 10000)
"""


def delete_old() -> int:
    """Delete at most 10,000 drafts that were last saved more than 30 days ago. System plane. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_OLD, [KEPT_DAYS])
        return int(cursor.rowcount)
