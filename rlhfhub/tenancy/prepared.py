"""Statements of the hot path, prepared once for each connection, so that the server parses and plans them once.

Otherwise they are ordinary statements of the same connection, transaction and plane. The connection is looked up once
for each statement, because Django's proxy repeats the look-up at every attribute.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseErrorWrapper
from psycopg.pq import ExecStatus, TransactionStatus

Parameters = Sequence[Any] | Mapping[str, Any]


def run(query: str, parameters: Parameters = ()) -> psycopg.Cursor[tuple[Any, ...]]:
    """Execute `query` and return its cursor. Errors and `execute_wrapper`s are Django's, as for any statement."""
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    cursor = psycopg.Cursor(here.connection)
    _wrapped(here, _execute)(query, parameters, False, {"connection": here, "cursor": cursor})
    return cursor


def _execute(query: str, parameters: Parameters, many: bool, context: dict[str, Any]) -> None:
    with DatabaseErrorWrapper(context["connection"]):
        context["cursor"].execute(query, parameters, prepare=settings.PREPARE_STATEMENTS)


def _wrapped(here: BaseDatabaseWrapper, execute: Any) -> Any:
    for wrapper in reversed(here.execute_wrappers):
        execute = functools.partial(wrapper, execute)
    return execute


def is_first() -> bool:
    """Return whether the next statement will begin a transaction."""
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    wire = here.connection
    return bool(wire.info.transaction_status == TransactionStatus.IDLE and not wire.autocommit)


def send(statements: str) -> None:
    """Send statements without parameters or results in one message, with BEGIN if they are a transaction's first."""
    here = connections[DEFAULT_DB_ALIAS]
    context = {"connection": here, "cursor": here.connection}
    _wrapped(here, _send)(statements, None, False, context)


def _send(statements: str, parameters: None, many: bool, context: dict[str, Any]) -> None:
    wire = context["cursor"]
    # Take psycopg's lock: otherwise libpq would silently discard the rest of an open COPY.
    with DatabaseErrorWrapper(context["connection"]), wire.lock:
        result = wire.pgconn.exec_(statements.encode())
        if wire.closed:
            why = wire.pgconn.error_message.decode(errors="replace").strip()
            raise psycopg.OperationalError(f"the connection is lost: {why}")
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result, wire.info.encoding)


def one(query: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
    """Return the first row, or None."""
    return run(query, parameters).fetchone()


def every(query: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """All rows."""
    return run(query, parameters).fetchall()
