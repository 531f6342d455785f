"""What a plane can read, asked by plain SQL: no ORM, no manager, no scope."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from rlhfhub.tenancy.planes import Plane, Standing
from rlhfhub.tenancy.stated import STATED

Cursor = psycopg.Cursor[tuple[Any, ...]]
REFUSED = psycopg.errors.InsufficientPrivilege


@contextmanager
def in_plane(
    login: psycopg.Connection, plane: Plane | None = None, **ids: uuid.UUID
) -> Iterator[Cursor]:
    """Open a transaction in `plane` for the block; it is rolled back at the end."""
    with login.transaction(force_rollback=True), login.cursor() as cursor:
        if plane:
            for statement in Standing(plane, **ids).sql(first=False).split("; "):
                cursor.execute(statement)
        yield cursor


@contextmanager
def attempt(cursor: Cursor) -> Iterator[None]:
    """Roll the block back, so that the transaction stays usable if a statement in it fails."""
    with cursor.connection.transaction(force_rollback=True):
        yield


def readable_keys(cursor: Cursor, table: str, where: str = "true", *values: Any) -> set[str] | None:
    """Return the keys of the rows of `table` that can be read; None when no column of it is granted."""
    names = [name for (name,) in cursor.execute(_READABLE, [table]).fetchall()]
    if not names:
        return None
    try:
        with attempt(cursor):
            columns = ", ".join(f'"{name}"' for name in names)
            rows = cursor.execute(f"SELECT {columns} FROM {table} WHERE {where}", values).fetchall()
    except REFUSED:
        return None
    key = names.index("id") if "id" in names else slice(None)
    return {str(row[key]) for row in rows}


_READABLE = """
    SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
      AND has_column_privilege(attrelid, attnum, 'SELECT') ORDER BY attnum
"""


def row_of(cursor: Cursor, table: str, where: str, *values: Any) -> dict[str, Any] | None:
    """Return one row as a dictionary; None if there is none."""
    row = cursor.execute(f"SELECT * FROM {table} WHERE {where} LIMIT 1", values).fetchone()
    names = [column.name for column in cursor.description or ()]
    return dict(zip(names, row, strict=True)) if row else None


class Truth:
    """The rows that exist, read once by the owner's login and then remembered: tests may break the walls later."""

    def __init__(self, owner: psycopg.Connection) -> None:
        self._cursor = owner.cursor()
        self._seen: dict[Any, Any] = {}

    def rows(self, table: str, where: str, *values: Any) -> set[str]:
        """Return the keys of these rows."""
        key = (table, where, values)
        if key not in self._seen:
            self._seen[key] = readable_keys(self._cursor, *key[:2], *values)
        found: set[str] = self._seen[key]
        return found

    def row(self, table: str, where: str, *values: Any) -> dict[str, Any]:
        """Return one of these rows as a dictionary."""
        key = ("row", table, where, values)
        if key not in self._seen:
            self._seen[key] = row_of(self._cursor, table, where, *values)
        assert self._seen[key], f"the world has no such row in {table}"
        return dict(self._seen[key])

    def columns(self, table: str) -> set[str]:
        """Return the names of the table's columns."""
        return set(self.row(table, "true"))


def tables_for(plane: Plane, privilege: str = "SELECT") -> list[str]:
    """Return the tables on which the plane has the privilege."""
    return [
        t
        for t, wall in STATED.walls.items()
        if plane in wall and privilege in wall[plane].privileges
    ]
