"""A lock for database connections that raises where psycopg's own would wait forever.

psycopg holds the lock while a COPY is open. A thread that leaves a COPY open, for example in a suspended generator, and
then sends another statement would wait for itself.
"""

from threading import Lock, get_ident
from typing import Any

import psycopg


class OwnedLock:
    """A lock that knows which thread holds it. Used as a context manager, as psycopg does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder = 0

    def __enter__(self) -> None:
        """Take the lock. Raises InterfaceError when this thread holds it already."""
        if self._holder == get_ident():
            raise psycopg.InterfaceError("another statement of this thread is still open: a COPY?")
        self._lock.acquire()
        self._holder = get_ident()

    def __exit__(self, *error: object) -> None:
        self._holder = 0
        self._lock.release()


def own_lock(connection: Any, **_: Any) -> None:
    """Replace the connection's lock. Receives Django's signal `connection_created`."""
    connection.connection.lock = OwnedLock()
