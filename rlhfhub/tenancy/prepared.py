"""Statements of the hot path, prepared once a connection: the server parses and plans them once.

They are ordinary statements otherwise: same connection, same transaction, same plane. The connection is looked up
once a statement: Django's proxy does it anew for every attribute.
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
    """Execute `query` and return its cursor. Errors and `execute_wrapper`s are Django's, as with any statement."""
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
    """Whether a transaction is due to begin with the next statement."""
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    wire = here.connection
    return bool(wire.info.transaction_status == TransactionStatus.IDLE and not wire.autocommit)


def send(statements: str) -> None:
    """Statements without parameters or results, in one message; the first of a transaction bring their BEGIN along."""
    here = connections[DEFAULT_DB_ALIAS]
    context = {"connection": here, "cursor": here.connection}
    _wrapped(here, _send)(statements, None, False, context)


def _send(statements: str, parameters: None, many: bool, context: dict[str, Any]) -> None:
    wire = context["cursor"]
    # The lock of all statements: libpq would silently throw away what an open COPY has still to say.
    with DatabaseErrorWrapper(context["connection"]), wire.lock:
        result = wire.pgconn.exec_(statements.encode())
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
