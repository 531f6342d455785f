"""`migrate`, the system check and `manage.py walls` compare the database with the recorded walls."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from rlhfhub.tenancy import owners, policies, rights
from rlhfhub.tenancy.stated import STATED
from tests.security.world import World

# What a restore or a hand may have done, and by which name the check calls it.
MENDED = {
    "FUNCTION ledger_posted() belongs to rlhfhub_owner": "ALTER FUNCTION ledger_posted() OWNER TO rlhfhub_owner",
    "door_api_key runs as rlhfhub_owner": "ALTER FUNCTION door_api_key(text) OWNER TO rlhfhub_owner",
    "helper may be called by everybody": "CREATE FUNCTION helper() RETURNS int LANGUAGE sql SECURITY DEFINER "
    "SET search_path = pg_catalog, public, pg_temp AS 'SELECT 1'",
    "projects_items_item: unknown policy backdoor": "CREATE POLICY backdoor ON projects_items_item USING (true)",
    "projects_items_item: row-level security": "ALTER TABLE projects_items_item NO FORCE ROW LEVEL SECURITY",
    "projects_plan_project: unexpected grant": "GRANT UPDATE (name) ON projects_plan_project TO PUBLIC",
    "rlhfhub_events_event_rest: open to": "GRANT SELECT ON rlhfhub_events_event_rest TO rlhfhub_workspace",
    "django_migrations: open to": "GRANT SELECT ON django_migrations TO rlhfhub_workspace",
    # What the inspection of a policy by its settings takes for the same.
    "table projects_items_item: changed": "ALTER POLICY workspace ON projects_items_item USING "
    "(NULLIF(current_setting('rlhfhub.workspace', true), '')::uuid IS NOT NULL)",
}
# Objects that migrations created and that the statements of the walls do not create again.
NOT_MENDED = {
    "table projects_work_lease": "ALTER TABLE projects_work_lease DISABLE TRIGGER ended",
    "table projects_items_item": "DROP TRIGGER append_only ON projects_items_item",
    "function ledger_posted()": "ALTER FUNCTION ledger_posted() SET search_path = pg_catalog, public, pg_temp, extra",
    "function rlhfhub_event_partitions()": "CREATE OR REPLACE FUNCTION rlhfhub_event_partitions() RETURNS integer "
    "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS 'BEGIN RETURN 0; END'",
    "default privileges": "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO rlhfhub_workspace",
    "schema public": "GRANT CREATE ON SCHEMA public TO rlhfhub_door",
}


def run(*arguments: str) -> str:
    said = io.StringIO()
    call_command("walls", *arguments, stdout=said)
    return said.getvalue()


def refused(*arguments: str) -> str:
    """What the command says before it ends with 1."""
    said = io.StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("walls", *arguments, stdout=said)
    assert ended.value.returncode == 1
    return said.getvalue()


@pytest.mark.parametrize("fault", MENDED)
def test_migrate_mends_what_stands_otherwise(world: World, fault: str) -> None:
    """Nothing but the catalog has changed: the text of the walls is the same."""
    with transaction.atomic(), connection.cursor() as cursor:
        assert list(rights.every_fault()) == []
        cursor.execute(MENDED[fault])
        assert fault in refused("--check")
        if fault.endswith("events_event_rest: open to"):  # partitions are in no record
            policies.apply(accept=False, always=True)
        else:
            policies.apply_after_migrate(using="default", verbosity=0)
        left = [line for line in rights.every_fault() if "helper" not in line]
        transaction.set_rollback(True)
    assert left == []


@pytest.mark.parametrize("name", NOT_MENDED)
@pytest.mark.slow
def test_what_no_statement_mends_is_told_until_it_is_accepted(
    world: World, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NOT_MENDED[name])
        for _ in range(2):
            policies.apply_after_migrate(using="default", verbosity=0)
            assert f"changed by no migration: {name};" in capsys.readouterr().err
            assert list(rights.record_faults()) == [
                f"{name}: {'new since' if name == 'default privileges' else 'changed since'}"
                " the walls were applied"
            ]
        assert name in policies.apply(accept=True, always=True).found
        assert list(rights.record_faults()) == []
        transaction.set_rollback(True)


def test_what_a_migration_changed_is_accepted(world: World) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER append_only ON projects_items_item")
        policies.apply_after_migrate(using="default", verbosity=0, plan=[("a migration", False)])
        assert list(rights.record_faults()) == []
        transaction.set_rollback(True)


def test_walls_that_stand_are_left_alone(world: World) -> None:
    """At every start; and a partition more, as there is one every day, is no change."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE rlhfhub_events_event_past PARTITION OF rlhfhub_events_event "
            "FOR VALUES FROM ('2001-01-01') TO ('2001-01-02')"
        )
        assert not policies.apply(accept=False).put_up
        transaction.set_rollback(True)


def test_a_database_of_an_earlier_version_is_put_up_anew(world: World) -> None:
    """Its comment names the text of its walls alone, and says nothing of the catalog."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON SCHEMA public IS 'rlhfhub walls {policies.fingerprint()}'")
        cursor.execute("ALTER FUNCTION ledger_posted() OWNER TO rlhfhub_owner")
        assert policies.apply(accept=False) == policies.Outcome(True, [], [])
        assert list(rights.every_fault()) == []
        cursor.execute("COMMENT ON SCHEMA public IS NULL")
        assert "or not at all: run migrate" in " ".join(rights.every_fault())
        transaction.set_rollback(True)


def test_the_command_applies_and_names_what_it_found(world: World) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION ledger_posted() OWNER TO rlhfhub_owner")
        said = run("--apply")
        assert "function ledger_posted() had been changed" in said
        assert "are as stated" in said
        cursor.execute("ALTER FUNCTION ledger_posted() SET search_path = public")
        assert "could look into a caller's temporary table" in refused("--apply")
        transaction.set_rollback(True)


def test_the_command_prints_the_whole_table(world: World) -> None:
    said = run()
    for table in (*STATED.walls, *STATED.outside):
        assert f"\n{table}" in f"\n{said}"
    for room in STATED.rooms:
        assert f"--- {room.file}\n" in said
    for (name, table), why in STATED.later.items():
        assert f"\n{name} names {table}: {why}\n" in said
    assert "\n    annotator  SELECT, INSERT, UPDATE (state, agreed_content)\n" in said
    assert "door_invitation(text)\n    of rlhfhub_keeper, called by rlhfhub_door\n" in said
    assert "ledger_posted()\n    of rlhfhub_keeper, a trigger's on billing_ledger_posting\n" in said


def test_everything_belongs_to_whom_it_should(world: World) -> None:
    with connection.cursor() as cursor:
        assert owners.strays(cursor) == []
