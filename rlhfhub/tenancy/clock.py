"""The clock of rows is the database's, never that of one process. (For files see rlhfhub.ground.clock.)

Every decision about time (what has expired, what is due, what has stopped responding) and every timestamp in a row
uses it: `clock_timestamp()` in SQL, `Now()` in the ORM, `db_default=Now()` for a new row, and `now()` in Python.
"""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """Return the database's current time in UTC. Executes a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
