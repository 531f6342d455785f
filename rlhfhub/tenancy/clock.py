"""The clocks that judge: the database's for rows, the file system's for files; never that of one process.

Whatever is judged by time (what has expired, what is due, who has fallen silent) and every stamp that a row keeps
uses it: in SQL by `clock_timestamp()`, in the ORM by `Now()`, for a new row by `db_default=Now()`, and in Python by
`now()`. A file's age is told by the clock that stamps files.
"""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from django.db import connection


def now() -> datetime:
    """The database's present time, in UTC. Costs a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def files_now(folder: Path) -> float:
    """The present time as the file system of `folder` stamps it, in Unix seconds: the time of a file made just now."""
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.fstat(file.fileno()).st_mtime
