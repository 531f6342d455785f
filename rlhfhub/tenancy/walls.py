"""Applies the walls of `rlhfhub.walls_table`: grants, forced row-level security and one policy a plane and table.

The owner runs it after every migration; it drops what stands and states everything anew, in one
transaction, when the table's text has changed.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from psycopg import sql

from rlhfhub.tenancy.planes import Plane

FINGERPRINT = "rlhfhub walls "


@dataclass(frozen=True, slots=True)
class Rule:
    """What a plane may do with a table (`SELECT, UPDATE (name)`), and the rows it sees (None: every row)."""

    privileges: str
    rows: str | None = None


Wall = dict[Plane, Rule]


def statements(table: str, wall: Wall) -> list[str]:
    """The SQL that puts up one table's wall."""
    roles = ", ".join(plane.role for plane in Plane)
    out = [
        f"REVOKE ALL ON {table} FROM PUBLIC, {roles}",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    ]
    for plane, rule in wall.items():
        rows = rule.rows or "true"
        out += [
            f"GRANT {rule.privileges} ON {table} TO {plane.role}",
            f"CREATE POLICY {plane.value} ON {table} TO {plane.role} USING ({rows}) WITH CHECK ({rows})",
        ]
    return out


def every_statement() -> list[str]:
    """The SQL of all walls and doors."""
    from rlhfhub import doors, walls_table

    walls = [line for table, wall in walls_table.WALLS.items() for line in statements(table, wall)]
    return walls + doors.DOORS


def fingerprint() -> str:
    """What marks a database whose walls are those of this version, in whatever order they are stated."""
    lines = "\n".join(sorted(every_statement()))
    return FINGERPRINT + hashlib.sha256(lines.encode()).hexdigest()


# By whatever arguments: a door that was rebuilt with others must not stay beside the new one.
_DOORS_THAT_STAND = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'door_')
"""


def apply(using: str = "default") -> bool:
    """Put up all walls. Returns False when they stood already."""
    connection = connections[using]
    lines, mark = every_statement(), fingerprint()
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7203410)")
        cursor.execute("SELECT obj_description('public'::regnamespace, 'pg_namespace')")
        if cursor.fetchone() == (mark,):
            return False
        _take_down(cursor)
        cursor.execute(_DOORS_THAT_STAND)
        for (door,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION {door}")
        # The new owner of a function needs CREATE on its schema while it is handed over.
        cursor.execute(f"GRANT CREATE ON SCHEMA public TO {Plane.KEEPER.role}")
        for line in lines:
            cursor.execute(line)
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {Plane.KEEPER.role}")
        cursor.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(mark)))
    return True


def _take_down(cursor: Any) -> None:
    """Remove every policy of a plane and every door's function, whatever they were called with."""
    roles = [plane.role for plane in Plane]
    cursor.execute(
        "SELECT format('DROP POLICY %%I ON %%I', policyname, tablename) FROM pg_policies "
        "WHERE schemaname = 'public' AND roles && %s::name[] UNION ALL "
        "SELECT format('DROP FUNCTION %%s', oid::regprocedure) FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'door\\_%%'",
        [roles],
    )
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)


def apply_after_migrate(*, using: str, verbosity: int = 1, plan: Any = (), **_: Any) -> None:
    """Receiver of post_migrate for the site: its app comes last, so every table exists."""
    if any(backwards for _migration, backwards in plan):
        return
    if apply(using) and verbosity:
        print("  Walls: grants and policies put up")
