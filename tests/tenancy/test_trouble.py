"""What is a passing trouble, and how it is logged: in one line."""

import errno
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from celery import shared_task
from django.db import OperationalError
from psycopg import errors

from rlhfhub.settings.base import LOGGING
from rlhfhub.tenancy.trouble import Trouble, trouble_of
from rlhfhub.web import logs

CAUSES = {
    psycopg.OperationalError("the connection is lost"): Trouble.DATABASE,
    errors.AdminShutdown("terminating connection"): Trouble.DATABASE,
    errors.CrashShutdown(""): Trouble.DATABASE,
    errors.CannotConnectNow("the database system is starting up"): Trouble.DATABASE,
    errors.TooManyConnections(""): Trouble.DATABASE,
    errors.ConnectionFailure(""): Trouble.DATABASE,
    errors.IdleInTransactionSessionTimeout(""): Trouble.DATABASE,
    errors.DiskFull("could not extend file"): Trouble.NO_ROOM,
    errors.OutOfMemory(""): Trouble.NO_ROOM,
    OSError(errno.ENOSPC, "No space left on device"): Trouble.NO_ROOM,
    OSError(errno.EDQUOT, "Disk quota exceeded"): Trouble.NO_ROOM,
    errors.LockNotAvailable(""): Trouble.BUSY,
    errors.DeadlockDetected(""): Trouble.BUSY,
    errors.QueryCanceled(""): Trouble.BUSY,
    errors.SerializationFailure(""): Trouble.BUSY,
    errors.UniqueViolation(""): None,
    errors.UndefinedTable(""): None,
    errors.InsufficientPrivilege(""): None,
    psycopg.ProgrammingError("the cursor is closed"): None,
    OSError(errno.ENOENT, "No such file"): None,
    ValueError("a bug"): None,
}


@pytest.mark.parametrize(("cause", "trouble"), CAUSES.items(), ids=lambda one: repr(one)[:40])
def test_each_cause_is_known_as_it_is_and_wrapped(
    cause: Exception, trouble: Trouble | None
) -> None:
    assert trouble_of(cause) == trouble
    assert trouble_of(wrapped(cause)) == trouble
    try:
        raise RuntimeError("while the error was handled") from wrapped(cause)
    except RuntimeError as error:
        assert trouble_of(error) == trouble


def wrapped(cause: Exception) -> Exception:
    """As Django raises it."""
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.fixture
def lines() -> Iterator[Any]:
    """What a process logs, as the settings have it: call it for the lines since the last call."""
    config = LOGGING["handlers"]["console"]  # type: ignore[index]
    assert config["filters"] == ["one_line"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        logs.structlog.stdlib.ProcessorFormatter(  # type: ignore[attr-defined]
            processor=logs.renderer, foreign_pre_chain=logs.chain
        )
    )
    handler.addFilter(logs.OneLine())
    logging.getLogger().addHandler(handler)

    def since() -> list[dict[str, Any]]:
        found = [json.loads(line) for line in written.getvalue().splitlines()]
        written.seek(0)
        written.truncate()
        return found

    yield since
    logging.getLogger().removeHandler(handler)


@shared_task(name="tests.fails")
def fails(what: str) -> None:
    if what == "database":
        raise wrapped(psycopg.OperationalError("connection refused\nIs the server running?"))
    raise ValueError(what)


def test_a_task_without_database_is_one_line(lines: Any) -> None:
    """Database trouble is one log line, since the scheduler retries; a bug still has its traceback."""
    fails.apply(["database"])
    (line,) = lines()
    assert "tests.fails" in line["event"] and "database_away: connection refused" in line["event"]
    assert "exception" not in line and "Traceback" not in json.dumps(line)
    fails.apply(["a bug"])
    (line,) = lines()
    assert "Traceback" in line["exception"]


def test_a_request_has_no_second_line_but_for_a_fault(lines: Any) -> None:
    logger = logging.getLogger("django.request")
    logger.warning("Not Found: /x")
    logger.error("Service Unavailable: /x")
    logger.error("Internal Server Error: /x", exc_info=wrapped(errors.AdminShutdown("")))
    assert lines() == []
    logger.error("Internal Server Error: /x", exc_info=ValueError("a bug"))
    assert "a bug" in lines()[0]["exception"]
    security = logging.getLogger("django.security.DisallowedHost")
    security.error("Invalid HTTP_HOST header: 'x'.", exc_info=ValueError("its traceback"))
    assert "exception" not in lines()[0]
