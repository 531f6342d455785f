"""Checks that a refused request changed nothing: the database counts and hashes every table's rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import sql

# Excluded: even a refused request updates the time when its key was last used.
_LEFT_OUT = {"django_migrations", "rlhfhub_tenancy_apikey"}


_TABLES = """
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
_HASH = (
    "SELECT count(*) || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') FROM {} t"
)


def fingerprint() -> dict[str, str]:
    """Return a hash of each table's rows, by table."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for (table,) in cursor.fetchall():
            if table not in _LEFT_OUT:
                cursor.execute(sql.SQL(_HASH).format(sql.Identifier(table)))
                found[table] = cursor.fetchone()[0]
    return found


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Fail the test if the block changed a row."""
    before = fingerprint()
    yield
    after = fingerprint()
    assert {t for t in after if after[t] != before.get(t)} == set()
