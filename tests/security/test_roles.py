"""The site's login cannot become a role that sees more, and definer functions return no more than they must."""

import uuid

import psycopg
import pytest

from rlhfhub.tenancy.logins import OWNER
from rlhfhub.tenancy.owners import OF_THE_OWNER
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.services import digest
from tests.security.doors import BEHIND_THE_DOOR, FUNCTIONS
from tests.security.eyes import REFUSED, attempt, in_plane
from tests.security.world import World

Login = psycopg.Connection
PLANES = [plane for plane in Plane if plane is not Plane.KEEPER]
REFUSALS = [
    f"SET ROLE {OWNER}",
    f"SET ROLE {Plane.KEEPER.role}",
    "SET ROLE postgres",
    f"SET SESSION AUTHORIZATION {OWNER}",
    f"GRANT {Plane.KEEPER.role} TO rlhfhub_app",
    "ALTER TABLE projects_items_item DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE projects_items_item NO FORCE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON projects_items_item USING (true)",
    "DROP POLICY workspace ON projects_items_item",
    "ALTER TABLE projects_work_lease DISABLE TRIGGER ended",
    "SET session_replication_role = replica",
    "CREATE TABLE public.mine (id int)",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER FUNCTION door_api_key(text) OWNER TO rlhfhub_app",
    "ALTER ROLE rlhfhub_app BYPASSRLS",
    "CREATE ROLE another",
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_read_file('PG_VERSION')",
    "COPY projects_items_item TO PROGRAM 'true'",
]


@pytest.mark.parametrize("plane", [None, *PLANES])
def test_what_no_plane_may_do(site: Login, plane: Plane | None) -> None:
    done = []
    with in_plane(site, plane) as cursor:
        for statement in REFUSALS:
            try:
                with attempt(cursor):
                    cursor.execute(statement)
                    done.append(statement)
            except REFUSED:
                continue
    assert done == []


def test_nothing_is_passed_on(site: Login) -> None:
    """Granting what one may not grant is a warning, no error."""
    with in_plane(site, Plane.WORKSPACE) as cursor:
        cursor.execute("GRANT SELECT ON projects_items_item TO rlhfhub_door")
        cursor.execute(
            "SELECT has_table_privilege('rlhfhub_door', 'projects_items_item', 'SELECT')"
        )
        assert cursor.fetchone() == (False,)


def test_row_security_off_is_an_error_and_no_way_round(world: World, site: Login) -> None:
    with in_plane(site, Plane.WORKSPACE, workspace=world.a.pk) as cursor:
        cursor.execute("SET LOCAL row_security = off")
        with pytest.raises(REFUSED), attempt(cursor):
            cursor.execute("SELECT * FROM projects_items_item")


@pytest.mark.parametrize(
    "plane", [None, Plane.WORKSPACE, Plane.ANNOTATOR, Plane.SYSTEM, Plane.STAFF]
)
def test_only_the_door_calls_the_doors_functions(site: Login, plane: Plane | None) -> None:
    with in_plane(site, plane) as cursor:
        for call in FUNCTIONS - BEHIND_THE_DOOR.get(plane, set()):
            with pytest.raises(REFUSED), attempt(cursor):
                cursor.execute(f"SELECT * FROM {call}")


def test_the_use_of_a_key_is_noted_in_its_own_workspace_alone(world: World, site: Login) -> None:
    key = "SELECT id, last_used_at FROM rlhfhub_tenancy_apikey LIMIT 1"
    with in_plane(site, Plane.WORKSPACE, workspace=world.b.pk) as cursor:
        (of_b, before) = cursor.execute(key).fetchone()
    with in_plane(site, Plane.WORKSPACE, workspace=world.a.pk) as cursor:
        cursor.execute("SELECT door_api_key_used(%s)", [of_b])
        (of_a, _) = cursor.execute(key).fetchone()
        cursor.execute("SELECT door_api_key_used(%s)", [of_a])
        noted = "SELECT last_used_at > now() - interval '1 minute' FROM rlhfhub_tenancy_apikey WHERE id = %s"
        assert cursor.execute(noted, [of_a]).fetchone() == (True,)
        cursor.execute(f"SET LOCAL rlhfhub.workspace = '{world.b.pk}'")
        assert cursor.execute(key.replace("LIMIT 1", f"WHERE id = '{of_b}'")).fetchone() == (
            of_b,
            before,
        )


def test_all_of_the_doors_functions_are_known_here(owner: Login) -> None:
    """Every SECURITY DEFINER function is listed here with what it may return."""
    names = owner.execute(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace "
        "AND prorettype <> 'trigger'::regtype"
    ).fetchall()
    doors = {f.partition("(")[0] for f in FUNCTIONS}
    assert {name for (name,) in names} == doors | set(OF_THE_OWNER)


@pytest.mark.parametrize("function", OF_THE_OWNER)
@pytest.mark.parametrize("plane", [None, *[p for p in PLANES if p is not Plane.SYSTEM]])
def test_partitions_are_made_and_dropped_by_the_system_alone(
    site: Login, plane: Plane | None, function: str
) -> None:
    with in_plane(site, plane) as cursor, pytest.raises(REFUSED), attempt(cursor):
        cursor.execute(f"SELECT {function}()")


def test_a_door_tells_one_person_of_their_own(world: World, site: Login) -> None:
    """Nothing for whom it does not concern, and for everybody no more than their own workspaces."""
    a, b, nobody = world.a, world.b, uuid.uuid4()
    with in_plane(site, Plane.DOOR) as cursor:

        def rows(call: str, *values: object) -> list[tuple[object, ...]]:
            return cursor.execute(f"SELECT * FROM {call}", values).fetchall()

        found = rows("door_memberships(%s, NULL, 9)", a.tenant.owner.pk)
        assert [row[0] for row in found] == [a.pk]
        assert rows("door_memberships(%s, NULL, 9)", world.stranger.pk) == []
        assert rows("door_membership(%s, %s)", a.tenant.owner.pk, a.slug) == [(a.pk, "owner")]
        assert rows("door_membership(%s, %s)", a.tenant.owner.pk, b.slug) == []
        assert rows("door_membership(%s, %s)", nobody, a.slug) == []
        assert {
            row[1] for row in rows("door_enrollments(%s, NULL, NULL, NULL, 9)", a.person.user.pk)
        } == {a.pk}
        assert rows("door_enrollments(%s, NULL, NULL, NULL, 9)", world.stranger.pk) == []
        # Strangers are offered the market, never members' unpaid projects; members are not paid by their workspace.
        assert {row[1] for row in rows("door_listing(%s, NULL, NULL, 9)", world.stranger.pk)} == {
            *(a.project.pk, a.asking),
            *(b.project.pk, b.asking),
        }
        listing = "door_listing(%s, %s, NULL, 9)"
        assert {row[1] for row in rows(listing, a.viewer.pk, None)} == {
            b.project.pk,
            b.asking,
        }
        assert {row[1] for row in rows(listing, a.viewer.pk, a.unpaid.pk)} == {a.unpaid.pk}
        assert rows(listing, a.viewer.pk, a.project.pk) == []
        assert rows(listing, world.stranger.pk, a.unpaid.pk) == []
        assert rows("door_invitation(%s)", digest("guess")) == []
        assert [row[1] for row in rows("door_invitation(%s)", digest(a.invitation))] == [a.pk]


def test_a_door_tells_of_own_work_alone(world: World, site: Login) -> None:
    """The function returns nothing for another annotator's enrollments, in any project."""
    me, neighbour, of_b = world.a.person, world.a.annotators[1], world.b.person
    places = [one.enrollment.pk for one in (me, neighbour, of_b)]
    with in_plane(site, Plane.DOOR) as cursor:

        def rows(call: str, *values: object) -> list[tuple[object, ...]]:
            return cursor.execute(f"SELECT * FROM {call}", values).fetchall()

        assert {row[0] for row in rows("door_done(%s, %s)", me.user.pk, places)} == {places[0]}
        found = rows("door_newest_answers(%s, %s, 9)", me.user.pk, places)
        assert {row[0] for row in found} == {places[0]}
        for stranger in (world.stranger.pk, uuid.uuid4()):
            assert rows("door_done(%s, %s)", stranger, places) == []
            assert rows("door_newest_answers(%s, %s, 9)", stranger, places) == []
            assert rows("door_pay(%s, now(), now())", stranger) == []
            assert rows("door_pay_by_day(%s, '-infinity')", stranger) == []
            assert rows("door_statement(%s, 'infinity', %s, 9)", stranger, stranger) == []
            assert rows("door_statement_days(%s, '-infinity', 'infinity', 9)", stranger) == []
            assert rows("door_earned(%s, '-infinity', 'infinity')", stranger) == []
            assert rows("door_carriers(%s)", stranger) == []
            assert rows("door_paid_out(%s, '-infinity', 'infinity')", stranger) == []
            assert rows("door_earning_years(%s)", stranger) == [(None, None)]
            for answer in (*world.a.accepted, *world.b.accepted):
                assert rows("door_statement_line(%s, %s)", stranger, answer.pk) == []
        for one, place in ((neighbour, places[1]), (of_b, places[2])):
            assert rows("door_own_enrollment(%s, %s, NULL)", me.user.pk, place) == []
            assert rows("door_enrollments(%s, %s, NULL, NULL, 9)", me.user.pk, place) == []
            assert rows("door_own_enrollment(%s, %s, NULL)", one.user.pk, place) != []


def test_the_keeper_reads_no_answer(world: World, broken: Login) -> None:
    """What doors see of an answer is its item and its pay, never what it says; of an item what the desk shows."""
    with in_plane(broken) as cursor:
        cursor.execute(f"SET LOCAL ROLE {Plane.KEEPER.role}")
        for column in ("answer", "judged", "annotator_id", "lease_id"):
            with pytest.raises(REFUSED), attempt(cursor):
                cursor.execute(f"SELECT {column} FROM projects_work_annotation")
        for column in ("external_id", "metadata", "batch_id", "repeat_of_id", "created_at"):
            with pytest.raises(REFUSED), attempt(cursor):
                cursor.execute(f"SELECT {column} FROM projects_items_item")
        with pytest.raises(REFUSED), attempt(cursor):
            cursor.execute("SELECT id FROM projects_items_key")
        cursor.execute("SELECT price_minor FROM projects_work_annotation")


def test_a_key_opens_while_it_lives(world: World, site: Login, broken: Login) -> None:
    """Revoked, expired, or its owner locked out: nothing, from the next request on."""
    a = world.a
    call = "SELECT workspace_id FROM door_api_key(%s)"
    with in_plane(site, Plane.DOOR) as cursor:
        assert cursor.execute(call, [digest(a.tenant.secret)]).fetchall() == [(a.pk,)]
        assert cursor.execute(call, [digest(a.revoked_secret)]).fetchall() == []
        assert cursor.execute(call, [a.tenant.secret]).fetchall() == []
        assert cursor.execute(call, [""]).fetchall() == []
    for statement in (
        "UPDATE rlhfhub_tenancy_apikey SET expires_at = now() - interval '1 second'",
        "UPDATE rlhfhub_tenancy_apikey SET revoked_at = now() WHERE revoked_at IS NULL",
        "UPDATE rlhfhub_tenancy_user SET is_active = false",
    ):
        with broken.transaction(force_rollback=True):
            assert broken.execute(call, [digest(a.tenant.secret)]).fetchall() == [(a.pk,)]
            broken.execute(statement)
            for secret in (a.tenant.secret, a.person.secret):
                assert broken.execute(call, [digest(secret)]).fetchall() == [], statement


def test_a_temporary_table_does_not_stand_in_front(world: World, site: Login) -> None:
    """A definer function must not read a temporary table that its caller made: M10 would not hold."""
    a = world.a
    with in_plane(site) as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE rlhfhub_tenancy_membership (workspace_id uuid, user_id uuid)"
        )
        cursor.execute("GRANT SELECT ON pg_temp.rlhfhub_tenancy_membership TO rlhfhub_keeper")
        for statement in _desk(a.viewer.pk, world):
            cursor.execute(statement)
        with (
            pytest.raises(
                psycopg.errors.CheckViolation, match="members may enroll in unpaid projects"
            ),
            attempt(cursor),
        ):
            cursor.execute(_ENROLL, [a.pk, a.project.pk, a.viewer.pk])


def test_the_shadow_would_work_where_the_path_is_not_pinned(world: World, broken: Login) -> None:
    """Shows that the test before can fail."""
    a = world.a
    broken.execute(
        "ALTER FUNCTION public.enrollment_by_access() SET search_path = pg_catalog, public"
    )
    broken.execute(
        "CREATE TEMPORARY TABLE rlhfhub_tenancy_membership (workspace_id uuid, user_id uuid)"
    )
    broken.execute("GRANT SELECT ON pg_temp.rlhfhub_tenancy_membership TO rlhfhub_keeper")
    for statement in _desk(a.viewer.pk, world):
        broken.execute(statement)
    broken.execute(_ENROLL, [a.pk, a.project.pk, a.viewer.pk])


_ENROLL = """
    INSERT INTO public.projects_enrollment_enrollment
        (id, workspace_id, project_id, annotator_id, pseudonym, state, created_at)
    VALUES (gen_random_uuid(), %s, %s, %s, 'A-SHADOW', 'onboarding', now())
"""


def _desk(person: uuid.UUID, world: World) -> list[str]:
    return [
        f"SET LOCAL ROLE {Plane.ANNOTATOR.role}",
        f"SET LOCAL rlhfhub.workspace = '{world.a.pk}'",
        f"SET LOCAL rlhfhub.person = '{person}'",
        f"SET LOCAL rlhfhub.project = '{world.a.project.pk}'",
    ]
