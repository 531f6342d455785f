"""The clock that judges rows: the database's, never that of one process. (A file's: rlhfhub.ground.clock.)

Whatever is judged by time (what has expired, what is due, who has fallen silent) and every stamp that a row keeps
uses it: in SQL by `clock_timestamp()`, in the ORM by `Now()`, for a new row by `db_default=Now()`, and in Python by
`now()`.
"""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The database's present time, in UTC. Costs a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
