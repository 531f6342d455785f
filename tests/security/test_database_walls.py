"""Wall 3 alone: plain SQL under the site's real login, with no ORM, no manager and no scope between."""

import uuid

import psycopg
import pytest

from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.stated import STATED
from tests.security import bites
from tests.security.eyes import REFUSED, Truth, attempt, in_plane, readable_keys, tables_for
from tests.security.world import World

Login = psycopg.Connection
LOGIN_PLANES = [plane for plane in Plane if plane is not Plane.KEEPER]


def test_the_world_has_rows_of_both_in_every_table(world: World, truth: Truth) -> None:
    """Else "sees none of B" would be true of an empty table."""
    for table in bites.workspace_tables():
        for side in (world.a, world.b):
            where = bites.OF_WORKSPACE.get(table, "workspace_id = %s")
            assert truth.rows(table, where, side.pk), f"{table} of {side.mark}"


def test_without_a_plane_nothing_is_readable(site: Login) -> None:
    with in_plane(site) as cursor:
        assert {
            t: readable_keys(cursor, t) for t in [*STATED.walls, *STATED.outside]
        } == dict.fromkeys([*STATED.walls, *STATED.outside])


def test_without_a_plane_nothing_is_writable(site: Login) -> None:
    with in_plane(site) as cursor:
        for table in [*STATED.walls, *STATED.outside]:
            for statement in (
                f"DELETE FROM {table}",
                f"INSERT INTO {table} DEFAULT VALUES",
                f"TRUNCATE {table}",
            ):
                with pytest.raises(REFUSED), attempt(cursor):
                    cursor.execute(statement)


def test_partitions_are_nobodys(site: Login, owner: Login) -> None:
    """A policy on the parent does not guard its partitions."""
    found = owner.execute(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
    ).fetchall()
    assert found
    for plane in LOGIN_PLANES:
        with in_plane(site, plane) as cursor:
            assert [readable_keys(cursor, name) for (name,) in found] == [None] * len(found), plane


@pytest.mark.parametrize("plane", LOGIN_PLANES)
def test_what_stands_outside_is_outside_every_plane(site: Login, plane: Plane) -> None:
    with in_plane(site, plane) as cursor:
        assert [readable_keys(cursor, table) for table in STATED.outside] == [None] * len(
            STATED.outside
        )


@pytest.mark.parametrize("plane", [Plane.WORKSPACE, Plane.ANNOTATOR])
def test_a_plane_of_nobody_sees_nothing(site: Login, plane: Plane) -> None:
    """A forgotten setting shows no row, not all of them."""
    with in_plane(site, plane) as cursor:
        found = {
            t: readable_keys(cursor, t) for t in tables_for(plane) if t not in bites.EVERYBODYS
        }
    assert found == {table: set() for table in found}


def test_settings_end_with_their_transaction(world: World, site: Login) -> None:
    """The next request on the same connection inherits neither role nor workspace."""
    with in_plane(site, Plane.WORKSPACE, workspace=world.a.pk) as cursor:
        assert readable_keys(cursor, "projects_plan_project")
    with in_plane(site) as cursor:
        role, setting = cursor.execute(
            "SELECT current_user, current_setting('rlhfhub.workspace', true)"
        ).fetchone()
    assert (role, setting or "") == (site.info.user, "")


def test_a_workspace_sees_its_own_rows_and_no_others(
    world: World, site: Login, truth: Truth
) -> None:
    assert bites.other_workspaces_rows(site, truth, world.a) == []
    assert bites.other_workspaces_rows(site, truth, world.b) == []


def test_a_workspace_writes_nothing_of_another(world: World, site: Login, truth: Truth) -> None:
    assert bites.writes_for_others(site, truth, world.a, world.b) == []


def test_a_workspace_gives_no_row_away(world: World, site: Login) -> None:
    assert bites.moves_away(site, world.a, world.b) == []


def test_at_the_desk_one_sees_ones_own(world: World, site: Login, truth: Truth) -> None:
    assert bites.desk_sees_too_much(site, truth, world) == []


def test_the_desk_of_one_workspace_shows_nothing_of_another(
    world: World, site: Login, truth: Truth
) -> None:
    """An annotator of A and B sees nothing of B at A's desk."""
    both = world.a.annotators[2].user.pk
    for here, there in ((world.a, world.b), (world.b, world.a)):
        ids = {"workspace": here.pk, "person": both, "project": there.project.pk}
        with in_plane(site, Plane.ANNOTATOR, **ids) as cursor:
            for table in tables_for(Plane.ANNOTATOR):
                # A person's own money and profile are theirs in whichever workspace.
                if "workspace_id" in truth.columns(table) and "billing" not in table:
                    theirs = truth.rows(table, "workspace_id = %s", there.pk)
                    assert not (readable_keys(cursor, table) or set()) & theirs, table


def test_without_a_live_lease_no_item_is_seen(world: World, site: Login, truth: Truth) -> None:
    """Neither one answered nor one returned."""
    person = world.a.annotators[1].user.pk
    ids = {"workspace": world.a.pk, "person": person, "project": world.a.project.pk}
    done = truth.rows(
        "projects_items_item",
        "id IN (SELECT item_id FROM projects_work_lease WHERE annotator_id = %s AND ended_at IS NOT NULL)",
        person,
    )
    assert len(done) >= 3
    with in_plane(site, Plane.ANNOTATOR, **ids) as cursor:
        found = readable_keys(cursor, "projects_items_item") or set()
    assert len(found) == 1
    assert not found & done


def test_nobody_takes_anothers_lease_or_slot(world: World, site: Login) -> None:
    """At the desk, what others hold can be neither changed nor taken over."""
    me, other = world.a.person.user.pk, world.a.annotators[1].user.pk
    ids = {"workspace": world.a.pk, "person": me, "project": world.a.project.pk}
    taken = (
        (
            "UPDATE projects_work_lease SET ended_at = now(), ended_as = 'returned' WHERE annotator_id = %s",
            other,
        ),
        (
            "UPDATE projects_work_slot SET state = 'open', holder_id = NULL WHERE holder_id = %s",
            other,
        ),
        (
            "UPDATE projects_work_slot SET state = 'leased', holder_id = %s WHERE state = 'open'",
            other,
        ),
        ("DELETE FROM projects_work_draft WHERE annotator_id = %s", other),
        ("UPDATE projects_work_draft SET annotator_id = %s", other),
        (
            "UPDATE projects_enrollment_enrollment SET state = 'ended' WHERE annotator_id = %s",
            other,
        ),
    )
    with in_plane(site, Plane.ANNOTATOR, **ids) as cursor:
        assert [s for s, who in taken if bites.touches(cursor, s, who)] == []


def test_nobody_answers_in_anothers_name(world: World, site: Login, truth: Truth) -> None:
    ids = {"workspace": world.a.pk, "person": world.a.person.user.pk, "project": world.a.project.pk}
    with in_plane(site, Plane.ANNOTATOR, **ids) as cursor:
        other = world.a.annotators[1].user.pk
        for table in tables_for(Plane.ANNOTATOR, "INSERT"):
            if "annotator_id" not in truth.columns(table):
                continue
            row = truth.row(table, "annotator_id = %s", other) | {"id": uuid.uuid4()}
            if (
                table == "projects_work_annotation"
            ):  # a trigger wants a lease of one's own, before any policy
                answered = {name: row[name] for name in row if name != "purpose"}
                with pytest.raises(psycopg.errors.CheckViolation), attempt(cursor):
                    bites.insert(cursor, table, answered)
                continue
            if table == "projects_work_lease":
                row |= _open_slot(truth, world)
            assert not bites.inserts(cursor, table, row), table


def _open_slot(truth: Truth, world: World) -> dict[str, object]:
    slot = truth.row("projects_work_slot", "state = 'open' AND batch_id = %s", world.a.batch.pk)
    return {"slot_id": slot["id"], "item_id": slot["item_id"]}


def test_nobody_clears_another(world: World, site: Login, truth: Truth) -> None:
    """Clearance and acceptance are written for one's own enrollment."""
    ids = {"workspace": world.a.pk, "person": world.a.person.user.pk, "project": world.a.project.pk}
    other = world.a.annotators[1].enrollment.pk
    with in_plane(site, Plane.ANNOTATOR, **ids) as cursor:
        for table in ("projects_enrollment_clearance", "projects_enrollment_guidelineacceptance"):
            row = truth.row(table, "enrollment_id = %s", other)
            assert not bites.inserts(cursor, table, {**row, "id": uuid.uuid4()}), table


def test_nobody_ends_their_own_pause(world: World, site: Login, broken: Login) -> None:
    """An annotator cannot end a pause themselves, nor can the owner's login without a member's decision."""
    change = "UPDATE projects_enrollment_enrollment SET state = 'active' WHERE annotator_id = %s AND state = 'paused'"
    paused = world.a.annotators[1].user.pk
    ids = {"workspace": world.a.pk, "person": paused, "project": world.a.project.pk}
    with (
        in_plane(broken, Plane.ANNOTATOR, **ids) as cursor,
        pytest.raises(psycopg.errors.RestrictViolation),
        attempt(cursor),
    ):
        cursor.execute(change, [paused])
    with pytest.raises(psycopg.errors.RestrictViolation), broken.transaction():
        broken.execute(change, [paused])


def test_the_door_opens_no_tenants_table(site: Login) -> None:
    """Before a workspace is known there are people and sessions, and narrow functions."""
    with in_plane(site, Plane.DOOR) as cursor:
        readable = {t for t in STATED.walls if readable_keys(cursor, t) is not None}
    assert readable == set(tables_for(Plane.DOOR))
    others = readable - bites.EVERYBODYS
    assert not {t for t in others if t.startswith(("projects_", "billing_", "annotators_"))}


def test_the_system_for_one_workspace_sees_that_one(
    world: World, site: Login, truth: Truth
) -> None:
    """What handlers see is one workspace's, save the ledger, where people's purses are."""
    with in_plane(site, Plane.SYSTEM, workspace=world.a.pk) as cursor:
        for table in tables_for(Plane.SYSTEM):
            if not table.startswith(
                ("projects_", "rlhfhub_events", "rlhfhub_api", "billing_funding")
            ):
                continue
            if (
                table == "rlhfhub_events_sweepmark"
            ):  # of no workspace: it says how far a sweep has come
                continue
            theirs = truth.rows(table, "workspace_id = %s", world.b.pk)
            assert theirs, table
            assert not (readable_keys(cursor, table) or set()) & theirs, table
