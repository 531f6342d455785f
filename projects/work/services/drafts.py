"""Drafts that nobody came back to."""

from django.db import connection

KEPT_DAYS = 30

_FORGET = """
    DELETE FROM projects_work_draft WHERE id IN (
        SELECT id FROM projects_work_draft WHERE saved_at < statement_timestamp() - %s * interval '1 day' LIMIT 10000)
"""


def forget_old() -> int:
    """Remove drafts that were last kept more than 30 days ago, 10,000 at most. System plane. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [KEPT_DAYS])
        return int(cursor.rowcount)
