"""Each constraint of money's tables refuses a row by itself, and each rule that its triggers name refuses one."""

from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db.models import Field, PositiveIntegerField

from tests.security.damage import unguarded
from tests.security.refused_by_triggers import ELSEWHERE, MADE
from tests.security.refused_rows import ROWS
from tests.security.world import World

MODELS = [model for model in apps.get_models() if model.__module__.startswith("billing.")]
TABLES = [model._meta.db_table for model in MODELS]


def _is_positive(field: Field) -> bool:
    return isinstance(field, PositiveIntegerField) or field.get_internal_type().startswith(
        "Positive"
    )


#: The constraint that Django adds to a column of a positive number: its table and column.
POSITIVE = {
    f"{model._meta.db_table}_{field.column}_check": (model._meta.db_table, field.column)
    for model in MODELS
    for field in model._meta.local_fields
    if _is_positive(field)
}


def _refusal(broken: psycopg.Connection, statements: Iterable[str]) -> str | None:
    """Run statements, and the checks that wait for the end of the transaction; return the name of what refuses."""
    with pytest.raises(psycopg.IntegrityError) as error, broken.transaction():
        for each in statements:
            broken.execute(each)
        broken.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return error.value.diag.constraint_name


@pytest.mark.parametrize("name", ROWS)
def test_it_refuses_by_itself(world: World, broken: psycopg.Connection, name: str) -> None:
    table, statement = ROWS[name]
    assert _refusal(broken, unguarded(table, statement)) == name


@pytest.mark.parametrize("name", POSITIVE)
def test_no_number_is_negative(world: World, broken: psycopg.Connection, name: str) -> None:
    table, column = POSITIVE[name]
    assert _refusal(broken, unguarded(table, f"UPDATE {table} SET {column} = -1")) == name


@pytest.mark.parametrize("name", MADE)
def test_a_trigger_refuses_it(world: World, broken: psycopg.Connection, name: str) -> None:
    *before, last = MADE[name]
    for each in before:
        broken.execute(each)
    assert _refusal(broken, [last]) == name


def test_every_constraint_and_unique_index_is_listed(
    world: World, broken: psycopg.Connection
) -> None:
    """Foreign keys are in `test_keys.py`. A unique constraint over the primary key refuses nothing by itself."""
    found = broken.execute(_CONSTRAINTS, {"tables": TABLES}).fetchall()
    assert {name for (name,) in found} == {*ROWS, *POSITIVE}


def test_every_rule_that_a_trigger_names_is_listed(
    world: World, broken: psycopg.Connection
) -> None:
    rooms = [f"^{model._meta.app_label.removeprefix('billing_')}_" for model in MODELS]
    found = broken.execute(_RULES, {"rooms": rooms}).fetchall()
    assert {name for (name,) in found} == {*MADE, *ELSEWHERE}
    assert not MADE.keys() & ELSEWHERE.keys()


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_other_test_names_the_rule(name: str) -> None:
    assert f'"{name}"' in (Path(__file__).parents[1] / ELSEWHERE[name]).read_text()


_CONSTRAINTS = """
    SELECT conname FROM pg_constraint WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype IN ('c', 'x')
    UNION ALL
    SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indrelid = ANY(%(tables)s::regclass[]) AND x.indisunique AND NOT x.indisprimary
      AND NOT EXISTS (SELECT FROM pg_index p WHERE p.indrelid = x.indrelid AND p.indisprimary
                      AND x.indkey::smallint[] @> p.indkey::smallint[])
"""
_RULES = r"""
    SELECT DISTINCT (regexp_matches(prosrc, $$CONSTRAINT = '(\w+)'$$, 'g'))[1]
    FROM pg_proc WHERE proname ~ ANY(%(rooms)s)
"""
