"""Whose everything in the database must be: the owner's, and the keeper's what runs with more rights than its caller.

A restore makes its own login the owner of all it makes, unless it may give things away.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from rlhfhub.tenancy.logins import OWNER
from rlhfhub.tenancy.planes import Plane

# Functions that need the owner, each with its reason.
OF_THE_OWNER = {
    "rlhfhub_event_partitions": "only an owner may add partitions; takes nothing from its caller",
    "rlhfhub_event_prune": "only an owner may drop partitions; takes nothing from its caller",
}
MENDED_BY = "a superuser gives it back: manage.py create_roles --admin-url …"


@dataclass(frozen=True, slots=True)
class Stray:
    """A thing (`TABLE name`, `FUNCTION name(types)`) that belongs to `owner` and should to `due`."""

    what: str
    owner: str
    due: str

    @property
    def is_foreign(self) -> bool:
        """Whether neither of ours has it, so that only a superuser can give it back."""
        return self.owner not in (OWNER, Plane.KEEPER.role)

    def __str__(self) -> str:
        return f"{self.what} belongs to {self.owner}, not to {self.due}"


# An identity column's sequence goes with its table; an extension's things are its own.
_STRAYS = """
    SELECT what, pg_get_userbyid(has), due FROM (
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' WHEN 'v' THEN 'VIEW ' WHEN 'm' THEN 'MATERIALIZED VIEW '
                    WHEN 'f' THEN 'FOREIGN TABLE ' ELSE 'TABLE ' END || c.oid::regclass, c.relowner, %(owner)s
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                          AND d.objsubid = 0 AND (d.deptype IN ('e', 'i') OR d.deptype = 'a' AND c.relkind = 'S'))
        UNION ALL
        SELECT 'FUNCTION ' || f.oid::regprocedure, f.proowner,
               CASE WHEN f.prosecdef AND NOT f.proname = ANY(%(of_the_owner)s) THEN %(keeper)s ELSE %(owner)s END
        FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prokind IN ('f', 'p')
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid
                          AND d.deptype = 'e')
    ) AS thing (what, has, due)
    WHERE pg_get_userbyid(has) <> due ORDER BY what
"""
_DUE = {"owner": OWNER, "keeper": Plane.KEEPER.role, "of_the_owner": [*OF_THE_OWNER]}


def strays(cursor: Any) -> list[Stray]:
    """What belongs to another than it should."""
    cursor.execute(_STRAYS, _DUE)
    return [Stray(*row) for row in cursor.fetchall()]


def give(cursor: Any, found: Iterable[Stray]) -> None:
    """Give each to whom it is due. The keeper needs CREATE on the schema meanwhile, unless a superuser gives."""
    for stray in found:
        cursor.execute(f"ALTER {stray.what} OWNER TO {stray.due}")


def give_back(admin: psycopg.Connection, name: str) -> list[Stray]:
    """Give the database `name`, and what stands in it, to whom it is due. Returns what was not theirs.

    `admin` is a superuser's connection to it.
    """
    with admin.transaction(), admin.cursor() as cursor:
        cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [name])
        if (row := cursor.fetchone()) and row[0] != OWNER:
            change = sql.SQL("ALTER DATABASE {} OWNER TO {}")
            cursor.execute(change.format(sql.Identifier(name), sql.Identifier(OWNER)))
        found = strays(cursor)
        give(cursor, found)
    return found
