"""A database connection's lock, which raises where psycopg's own would wait for ever.

psycopg holds it for as long as a COPY is open. A thread that has left one open, in a suspended generator perhaps, and
sends another statement would wait for itself.
"""

from threading import Lock, get_ident
from typing import Any

import psycopg


class OwnedLock:
    """A lock that knows which thread holds it. To be used by `with`, as psycopg does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder = 0

    def __enter__(self) -> None:
        """Raises InterfaceError when this very thread holds it."""
        if self._holder == get_ident():
            raise psycopg.InterfaceError("another statement of this thread is still open: a COPY?")
        self._lock.acquire()
        self._holder = get_ident()

    def __exit__(self, *error: object) -> None:
        self._holder = 0
        self._lock.release()


def own_lock(connection: Any, **_: Any) -> None:
    """Django's signal `connection_created`."""
    connection.connection.lock = OwnedLock()
