"""Applies the walls that the site states: grants, forced row-level security, and one policy for each plane and table.

The owner runs it after every migration. If the stated walls have changed, or if the catalog is not as the last run left
it, it drops all grants, policies and doors and makes them again in one transaction. It records the catalog's state in
the comment of the schema; a dump contains that comment, so a restored database is compared with it too.
"""

import hashlib
import sys
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction
from psycopg import sql

from rlhfhub.ground import locks
from rlhfhub.tenancy import catalog, owners
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.rules import Door, Wall
from rlhfhub.tenancy.stated import STATED

MARK = "rlhfhub walls "


def wall_statements(table: str, wall: Wall) -> list[str]:
    """Return the SQL that applies one table's wall."""
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


def door_statements(door: Door) -> list[str]:
    """Return the SQL that makes a door's function, gives it to the keeper and lets the door's planes call it."""
    types = ", ".join(a.split()[1] for a in door.arguments.split(", ") if a)
    roles = ", ".join(plane.role for plane in door.planes)
    return [
        f"CREATE FUNCTION {door.name}({door.arguments}) RETURNS {door.returns} LANGUAGE sql SECURITY DEFINER "
        f"SET search_path = {SEARCH_PATH} AS $door$ {door.body} $door$",
        f"ALTER FUNCTION {door.name}({types}) OWNER TO {Plane.KEEPER.role}",
        f"REVOKE ALL ON FUNCTION {door.name}({types}) FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {door.name}({types}) TO {roles}",
    ]


def every_statement() -> list[str]:
    """Return the SQL of all walls, then of all doors, each in the order of the rooms."""
    walls = [line for table, wall in STATED.walls.items() for line in wall_statements(table, wall)]
    doors = [line for room in STATED.rooms for door in room.doors for line in door_statements(door)]
    return walls + doors


def fingerprint() -> str:
    """Return a digest of all stated walls. It does not depend on the order in which they are stated."""
    lines = "\n".join(sorted(every_statement()))
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """What was applied: the fingerprint of the statements, and the catalog's digests by name just after them."""

    fingerprint: str = ""
    stood: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n".join(
            [MARK + self.fingerprint, *(f"{digest} {name}" for name, digest in self.stood.items())]
        )


def recorded(cursor: Any) -> Record:
    """Return the record of the last `apply`, or an empty record if there was none."""
    cursor.execute("SELECT obj_description('public'::regnamespace, 'pg_namespace')")
    first, *lines = (cursor.fetchone()[0] or "").splitlines() or [""]
    if not first.startswith(MARK):
        return Record()
    stood = (line.partition(" ") for line in lines)
    return Record(first.removeprefix(MARK), {name: digest for digest, _, name in stood})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of `apply`: `found` differed from the record, and `left` still does: no statement repairs it."""

    put_up: bool
    found: list[str]
    left: list[str]


def apply(using: str = "default", *, accept: bool, always: bool = False) -> Outcome:
    """Apply all walls if the database is not as recorded, or `always`.

    This repairs what walls and doors state. It cannot repair triggers and other functions: if they differ from the
    record although the statements are the same, the record keeps their old digests, unless `accept` is true.
    """
    mark = fingerprint()
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.WALLS])
        record = recorded(cursor)
        found = catalog.differing(record.stood, catalog.digests(cursor))
        if not (always or found or record.fingerprint != mark):
            return Outcome(False, [], [])
        _put_up(cursor)
        stands = catalog.digests(cursor)
        known = bool(record.stood) and record.fingerprint == mark and not accept
        left = catalog.differing(record.stood, stands) if known else []
        for name in left:
            stands.pop(name, None)
        kept = {name: record.stood[name] for name in left if name in record.stood}
        written = Record(mark, dict(sorted((stands | kept).items())))
        cursor.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(str(written))))
    return Outcome(True, found if record.stood else [], left)


def _put_up(cursor: Any) -> None:
    """Drop all grants, policies and doors, so that none remains that is not stated, and make the stated ones."""
    _run_each(cursor, _TO_TAKE_DOWN)
    # PostgreSQL requires that a function's new owner has CREATE on its schema.
    cursor.execute(f"GRANT CREATE ON SCHEMA public TO {Plane.KEEPER.role}")
    for line in every_statement():
        cursor.execute(line)
    owners.give(cursor, owners.strays(cursor))
    _run_each(cursor, _TO_PIN)
    cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {Plane.KEEPER.role}")
    _run_each(cursor, _TO_CLOSE)


# Drops every policy and every door with any arguments: an old version with other arguments must not remain.
_TO_TAKE_DOWN = f"""
    SELECT format('REVOKE ALL ON TABLE %I FROM PUBLIC, {", ".join(plane.role for plane in Plane)}', relname)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
      AND relacl IS NOT NULL AND pg_get_userbyid(relowner) = current_user
    UNION ALL
    SELECT format('DROP POLICY %I ON %I', policyname, tablename) FROM pg_policies WHERE schemaname = 'public'
    UNION ALL
    SELECT format('DROP FUNCTION %s', oid::regprocedure) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'door_')
"""  # noqa: S608  the names of roles are constants
# The search path of the site's functions. It must name `pg_temp` last: otherwise PostgreSQL searches a caller's
# temporary tables first, and a trigger would ask a table made by the caller whether something is allowed.
SEARCH_PATH = "pg_catalog, public, pg_temp"
_TO_PIN = f"""
    SELECT format('ALTER FUNCTION %s SET search_path = {SEARCH_PATH}', oid::regprocedure) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype
      AND pg_get_userbyid(proowner) = current_user
      AND NOT COALESCE(proconfig, '{{}}') @> ARRAY['search_path={SEARCH_PATH}']
"""  # noqa: S608  of constants only
# SECURITY DEFINER functions of migrations. Trigger functions are left out, because nobody can call them directly.
_TO_CLOSE = """
    SELECT format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', oid::regprocedure) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prosecdef AND prorettype <> 'trigger'::regtype
"""


def _run_each(cursor: Any, query: str) -> None:
    """Run the statements that the query returns."""
    cursor.execute(query)
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)


def apply_after_migrate(*, using: str, verbosity: int = 1, plan: Any = (), **_: Any) -> None:
    """Receive post_migrate. The site's app is the last one, so every table exists by then."""
    if any(backwards for _migration, backwards in plan):
        return
    # Accept what a migration changed. A difference without a migration was made by somebody else.
    outcome = apply(using, accept=bool(plan))
    if outcome.put_up and verbosity:
        print("  Walls: grants and policies applied")
    if outcome.left:
        print(
            f"  Walls: changed by no migration: {', '.join(outcome.left)}; see manage.py walls --check",
            file=sys.stderr,
        )
