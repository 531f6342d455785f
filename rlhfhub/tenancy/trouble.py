"""Temporary failures: why valid work cannot be done now, found from the exception that stopped it."""

import errno
from collections.abc import Iterator
from enum import StrEnum

import psycopg
from psycopg import errors

# A full disk, an exhausted quota, and a file at this process's size limit.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BUSY = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.QueryCanceled,
)
# Class 53: a full disk, no memory; class 08: the connection broke. (53300 is the exception, see `_of_database`.)
_TOO_MANY, _NO_RESOURCES, _BROKEN = "53300", "53", "08"
# Shut down or starting (57P01 to 57P03), or sent away for having been idle too long (57P05, 25P03, 25P04).
_ENDED = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25P04"})


class Trouble(StrEnum):
    """A kind of temporary failure. Each gives a 503 response and one log line without a traceback."""

    # Another transaction holds the lock, or a timeout ended the statement: the transaction was rolled back.
    BUSY = "busy"
    # PostgreSQL cannot be reached, is starting or stopping, or has no connection left. A commit may have been done.
    DATABASE = "database_away"
    # PostgreSQL's disk or this machine's is full, or PostgreSQL has no memory left.
    NO_ROOM = "no_room"


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Return the temporary failure that caused `error`, or None for any other error."""
    for cause in _causes(error):
        if isinstance(cause, psycopg.Error):
            return _of_database(cause)
        if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
            return Trouble.NO_ROOM
    return None


def described(error: BaseException, trouble: Trouble) -> str:
    """Return one line for the log: the kind of failure, and the first line that PostgreSQL or the system reported."""
    said = str(error).strip().partition("\n")[0][:200]
    return f"{trouble}: {said or type(error).__name__}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and the errors that caused it."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _of_database(error: psycopg.Error) -> Trouble | None:
    code = error.sqlstate
    if isinstance(error, _BUSY):
        return Trouble.BUSY
    if code is None:
        # Raised by the client itself: it could not connect, or the connection was lost.
        return Trouble.DATABASE if isinstance(error, psycopg.OperationalError) else None
    if code == _TOO_MANY or code in _ENDED or code.startswith(_BROKEN):
        return Trouble.DATABASE
    return Trouble.NO_ROOM if code.startswith(_NO_RESOURCES) else None
