"""The tests of wall 3 can fail: each wall is broken in turn, and the same check then finds it."""

import psycopg
import pytest
from django.db import connection, transaction

from rlhfhub.tenancy import inspection
from rlhfhub.tenancy.planes import Plane
from tests.security import bites
from tests.security.eyes import Truth, in_plane, tables_for
from tests.security.world import World

Login = psycopg.Connection
GUARDED = [t for t in tables_for(Plane.WORKSPACE) if t not in bites.EVERYBODYS]
AT_THE_DESK = [t for t in tables_for(Plane.ANNOTATOR) if t not in bites.EVERYBODYS]


@pytest.mark.slow
def test_every_open_policy_is_found(world: World, truth: Truth, broken: Login) -> None:
    assert bites.other_workspaces_rows(broken, truth, world.a) == []
    found = {}
    for table in GUARDED:
        with broken.transaction(force_rollback=True):
            broken.execute(f"ALTER POLICY workspace ON {table} USING (true) WITH CHECK (true)")
            found[table] = bites.other_workspaces_rows(broken, truth, world.a)
    assert found == {table: [table] for table in GUARDED}


def test_every_missing_policy_is_found(world: World, truth: Truth, broken: Login) -> None:
    """Without its policy a table shows nothing, which is a fault too."""
    bites.other_workspaces_rows(broken, truth, world.a)
    for table in GUARDED:
        with broken.transaction(force_rollback=True):
            broken.execute(f"DROP POLICY workspace ON {table}")
            assert bites.other_workspaces_rows(broken, truth, world.a, table) == [table]


def test_every_open_policy_lets_writes_through(world: World, truth: Truth, broken: Login) -> None:
    a, b = world.a, world.b
    assert bites.writes_for_others(broken, truth, a, b) == []
    assert bites.moves_away(broken, a, b) == []
    for verb in ("INSERT", "UPDATE", "DELETE"):
        tables = bites.workspace_tables(verb)
        assert tables
        for table in tables:
            with broken.transaction(force_rollback=True):
                broken.execute(f"ALTER POLICY workspace ON {table} USING (true) WITH CHECK (true)")
                assert f"{verb} {table}" in bites.writes_for_others(broken, truth, a, b, table)


def test_a_row_that_may_change_hands_is_found(world: World, truth: Truth, broken: Login) -> None:
    """No plane is granted the column; where it were, the policy would have to hold."""
    a, b = world.a, world.b
    for table in set(bites.workspace_tables("UPDATE")) - bites.BY_TRIGGER:
        with broken.transaction(force_rollback=True):
            broken.execute(f"GRANT UPDATE (workspace_id) ON {table} TO {Plane.WORKSPACE.role}")
            assert bites.moves_away(broken, a, b) == []
            broken.execute(f"ALTER POLICY workspace ON {table} USING (true) WITH CHECK (true)")
            assert bites.moves_away(broken, a, b) == [table]


def test_row_level_security_switched_off_is_found(
    world: World, truth: Truth, broken: Login
) -> None:
    bites.other_workspaces_rows(broken, truth, world.a)
    broken.execute("ALTER TABLE projects_items_item DISABLE ROW LEVEL SECURITY")
    assert bites.other_workspaces_rows(broken, truth, world.a) == ["projects_items_item"]


def test_every_open_desk_is_found(world: World, truth: Truth, broken: Login) -> None:
    assert bites.desk_sees_too_much(broken, truth, world) == []
    for table in AT_THE_DESK:
        with broken.transaction(force_rollback=True):
            broken.execute(f"ALTER POLICY annotator ON {table} USING (true) WITH CHECK (true)")
            assert bites.desk_sees_too_much(broken, truth, world, table) == [table]


def test_a_grant_too_many_at_the_desk_is_found(world: World, truth: Truth, broken: Login) -> None:
    bites.desk_sees_too_much(broken, truth, world)
    broken.execute(f"GRANT SELECT ON projects_review_flag TO {Plane.ANNOTATOR.role}")
    assert bites.desk_sees_too_much(broken, truth, world) == ["projects_review_flag"]


DAMAGE = {
    "projects_work_slot: row-level security": "ALTER TABLE projects_work_slot NO FORCE ROW LEVEL SECURITY",
    "projects_work_lease: no policy for annotator": "DROP POLICY annotator ON projects_work_lease",
    "projects_items_item: policy for annotator lets": "ALTER POLICY annotator ON projects_items_item USING (true)",
    "projects_items_item: unknown policy backdoor": "CREATE POLICY backdoor ON projects_items_item USING (true)",
    "billing_ledger_posting: unexpected grant": "GRANT UPDATE ON billing_ledger_posting TO rlhfhub_workspace",
    "projects_work_slot: unexpected grant": "GRANT UPDATE (price_minor) ON projects_work_slot TO rlhfhub_workspace",
    "projects_plan_project: unexpected grant": "GRANT SELECT ON projects_plan_project TO PUBLIC",
    "projects_plan_project: missing grant": "REVOKE SELECT ON projects_plan_project FROM rlhfhub_workspace",
    "secrets: has no wall and is not in OUTSIDE": "CREATE TABLE secrets (id int)",
    "rlhfhub_events_event_rest: open to": "GRANT SELECT ON rlhfhub_events_event_rest TO rlhfhub_system",
    "everything: open to": "CREATE VIEW everything AS SELECT 1; GRANT SELECT ON everything TO rlhfhub_workspace",
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_the_inspection_finds_damage(world: World, fault: str) -> None:
    """The system check and invariant T3 inspect the walls in the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        assert list(inspection.wall_faults()) == []
        for statement in DAMAGE[fault].split("; "):
            cursor.execute(statement)
        faults = list(inspection.wall_faults())
        transaction.set_rollback(True)
    assert any(found.startswith(fault) for found in faults), faults
    assert len(faults) <= 2  # USING and WITH CHECK


FUNCTIONS = {
    "door_api_key runs as": "ALTER FUNCTION door_api_key(text) OWNER TO rlhfhub_owner",
    "door_api_key may be called by everybody": "GRANT EXECUTE ON FUNCTION door_api_key(text) TO PUBLIC",
    "door_api_key could look": "ALTER FUNCTION door_api_key(text) SET search_path = public",
    "helper runs as": "CREATE FUNCTION helper() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
}


@pytest.mark.parametrize("fault", FUNCTIONS)
def test_the_inspection_finds_functions_that_see_too_much(world: World, fault: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        assert list(inspection.function_faults()) == []
        cursor.execute(FUNCTIONS[fault])
        faults = list(inspection.function_faults())
        transaction.set_rollback(True)
    assert any(found.startswith(fault) for found in faults), faults


def test_the_sites_login_is_clean_and_the_owners_is_not(world: World) -> None:
    assert list(inspection.login_faults("rlhfhub_app")) == []
    found = " ".join(inspection.login_faults("rlhfhub_owner"))
    for fault in (
        "bypasses row-level security",
        "may become rlhfhub_keeper",
        "owns relation projects_items_item",
    ):
        assert fault in found
    assert list(inspection.login_faults("nobody_at_all")) == ["there is no login nobody_at_all"]


def test_a_plane_is_what_looking_enters(broken: Login) -> None:
    """In a plane the owner's login sees what that plane sees, so breaking walls as the owner is a valid test."""
    with in_plane(broken, Plane.WORKSPACE) as cursor:
        assert cursor.execute("SELECT current_user").fetchone() == (Plane.WORKSPACE.role,)
