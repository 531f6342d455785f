"""Statements of the hot path, prepared once a connection: the server parses and plans them once.

They are ordinary statements otherwise: same connection, same transaction, same plane.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseErrorWrapper
from psycopg.pq import ExecStatus, TransactionStatus

Parameters = Sequence[Any] | Mapping[str, Any]


def run(query: str, parameters: Parameters = ()) -> psycopg.Cursor[tuple[Any, ...]]:
    """Execute `query` and return its cursor. Errors and `execute_wrapper`s are Django's, as with any statement."""
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    execute: Any = _execute
    for wrapper in reversed(connection.execute_wrappers):
        execute = functools.partial(wrapper, execute)
    execute(query, parameters, False, {"connection": connection, "cursor": cursor})
    return cursor


def _execute(query: str, parameters: Parameters, many: bool, context: dict[str, Any]) -> None:
    with DatabaseErrorWrapper(connection):
        context["cursor"].execute(query, parameters, prepare=settings.PREPARE_STATEMENTS)


def begin(query: str) -> None:
    """Statements without parameters or results, in one message together with the transaction's BEGIN, if it is due."""
    connection.ensure_connection()
    wire = connection.connection
    execute: Any = _begin
    for wrapper in reversed(connection.execute_wrappers):
        execute = functools.partial(wrapper, execute)
    if wire.info.transaction_status == TransactionStatus.IDLE and not wire.autocommit:
        query = f"BEGIN; {query}"
    execute(query, None, False, {"connection": connection, "cursor": wire})


def _begin(query: str, parameters: None, many: bool, context: dict[str, Any]) -> None:
    wire = context["cursor"]
    with DatabaseErrorWrapper(connection):
        result = wire.pgconn.exec_(query.encode())
        if wire.closed:
            raise psycopg.OperationalError("the connection is lost")
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result, wire.info.encoding)


def one(query: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
    """The first row, or None."""
    return run(query, parameters).fetchone()


def every(query: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """All rows."""
    return run(query, parameters).fetchall()
