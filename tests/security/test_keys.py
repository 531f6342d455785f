"""Composite keys: a row of one workspace cannot refer to a row of another, whoever writes it.

Tried as the owner, whom no policy holds back, so that the key alone refuses.
"""

from typing import Any

import psycopg
import pytest
from django.apps import apps

from rlhfhub.tenancy.base import TenantRow
from rlhfhub.tenancy.keys import TenantKey
from tests.security.eyes import Truth, attempt
from tests.security.world import World

KEYS = [
    pytest.param(model._meta.db_table, key, id=key.name)
    for model in apps.get_models()
    if issubclass(model, TenantRow)
    for key in model._meta.constraints
    if isinstance(key, TenantKey)
    and "workspace_id" in key.columns
    and key.to != "rlhfhub_tenancy_workspace"
]


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_no_row_names_another_workspaces(
    world: World, truth: Truth, broken: psycopg.Connection, table: str, key: TenantKey
) -> None:
    mine = truth.row(table, f"workspace_id = %s AND {key.columns[-1]} IS NOT NULL", world.a.pk)
    theirs = truth.row(key.to, "workspace_id = %s", world.b.pk)
    columns = [c for c in key.columns if c != "workspace_id"]
    values = [
        theirs[to] for c, to in zip(key.columns, key.to_columns, strict=True) if c != "workspace_id"
    ]
    _leave_only(broken, table, key)
    with broken.cursor() as cursor:
        assert _refusal(cursor, table, columns, values, mine["id"]) == key.name
        broken.execute(f"ALTER TABLE {table} DROP CONSTRAINT {key.name}")
        assert _refusal(cursor, table, columns, values, mine["id"]) != key.name


def _leave_only(broken: psycopg.Connection, table: str, key: TenantKey) -> None:
    """Drop what might refuse before this key does: triggers, unique indexes, other keys on its columns."""
    # Keys are triggers of the system, not of the user.
    broken.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    others = broken.execute(_OTHERS, {"table": table, "key": key.name}).fetchall()
    for of_table, name in others:
        broken.execute(f"ALTER TABLE {of_table} DROP CONSTRAINT IF EXISTS {name}")
    indexes = broken.execute(_PARTIAL, [table]).fetchall()
    for (name,) in indexes:
        broken.execute(f"DROP INDEX {name}")


_OTHERS = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint c
    WHERE conname <> %(key)s AND conparentid = 0 AND (
        (contype = 'f' AND %(table)s::regclass IN (conrelid, confrelid))
        OR (contype = 'u' AND conrelid = %(table)s::regclass AND NOT EXISTS (
            SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid)))
"""
_PARTIAL = """
    SELECT indexrelid::regclass::text FROM pg_index
    WHERE indrelid = %s::regclass AND indisunique AND indpred IS NOT NULL
"""


def _refusal(cursor: Any, table: str, columns: list[str], values: list[Any], row_id: Any) -> str:
    """The name of the key that refuses the change, or nothing."""
    changes = ", ".join(f"{column} = %s" for column in columns)
    try:
        with attempt(cursor):
            cursor.execute(f"UPDATE {table} SET {changes} WHERE id = %s", [*values, row_id])
    except psycopg.errors.ForeignKeyViolation as error:
        return str(error.diag.constraint_name)
    except psycopg.errors.IntegrityError:
        return "another constraint"
    return ""
