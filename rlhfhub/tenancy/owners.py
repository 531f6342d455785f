"""Who must own each object of the database: the owner, or the keeper for functions with more rights than their caller.

A restore leaves its own login as the owner of everything it creates, unless it may change owners.
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
    """An object (`TABLE name`, `FUNCTION name(types)`) that belongs to `owner` and should belong to `due`."""

    what: str
    owner: str
    due: str

    @property
    def is_foreign(self) -> bool:
        """Whether neither the site's owner nor the keeper owns it, so that only a superuser can give it back."""
        return self.owner not in (OWNER, Plane.KEEPER.role)

    def __str__(self) -> str:
        return f"{self.what} belongs to {self.owner}, not to {self.due}"


# Leaves out sequences of identity columns, which follow their table, and objects of extensions.
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
    """Return the objects that have the wrong owner."""
    cursor.execute(_STRAYS, _DUE)
    return [Stray(*row) for row in cursor.fetchall()]


def give(cursor: Any, found: Iterable[Stray]) -> None:
    """Give each object to its due owner. Unless a superuser does it, the keeper needs CREATE on the schema."""
    for stray in found:
        cursor.execute(f"ALTER {stray.what} OWNER TO {stray.due}")


def give_back(admin: psycopg.Connection, name: str) -> list[Stray]:
    """Give the database `name` and the objects in it to their due owners. `admin` is a superuser's connection to it.

    Returns: the objects that had the wrong owner.
    """
    with admin.transaction(), admin.cursor() as cursor:
        cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [name])
        if (row := cursor.fetchone()) and row[0] != OWNER:
            change = sql.SQL("ALTER DATABASE {} OWNER TO {}")
            cursor.execute(change.format(sql.Identifier(name), sql.Identifier(OWNER)))
        found = strays(cursor)
        give(cursor, found)
    return found
