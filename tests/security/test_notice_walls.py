"""Nobody reads another's notices: members not those of annotators, annotators not those of members or each other."""

import psycopg
import pytest

from rlhfhub.tenancy.planes import Plane
from tests.security.eyes import REFUSED, attempt, in_plane
from tests.security.world import World

Login = psycopg.Connection
TABLES = ("rlhfhub_notices_notice", "rlhfhub_notices_mail", "rlhfhub_notices_preference")
_TELL = (
    "INSERT INTO rlhfhub_notices_notice (id, workspace_id, person_id, kind, topic, cause, data) "
    "VALUES (gen_random_uuid(), %s, %s, 'x', 'alerts', 'x', '{}')"
)
_COUNT = "SELECT count(*) FROM rlhfhub_notices_notice WHERE cause = 'by door'"


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("plane", [Plane.WORKSPACE, Plane.DOOR])
def test_no_plane_of_people_reads_or_changes(
    world: World, site: Login, plane: Plane, table: str
) -> None:
    ids = {"workspace": world.a.pk, "person": world.a.person.user.pk}
    with in_plane(site, plane, **ids) as cursor:
        for statement in (
            f"SELECT id FROM {table}",
            f"UPDATE {table} SET id = id",
            f"DELETE FROM {table}",
        ):
            with pytest.raises(REFUSED), attempt(cursor):
                cursor.execute(statement)


@pytest.mark.parametrize("table", TABLES)
def test_an_annotator_reads_no_mails_and_changes_nothing(
    world: World, site: Login, table: str
) -> None:
    ids = {"workspace": world.a.pk, "person": world.a.person.user.pk}
    with in_plane(site, Plane.ANNOTATOR, **ids) as cursor:
        for statement in (
            f"UPDATE {table} SET id = id",
            f"DELETE FROM {table}",
            f"INSERT INTO {table} (id) VALUES (gen_random_uuid())",
        ):
            with pytest.raises(REFUSED), attempt(cursor):
                cursor.execute(statement)


@pytest.mark.parametrize("plane", [Plane.WORKSPACE, Plane.ANNOTATOR, Plane.SYSTEM])
def test_the_door_tells_in_the_planes_own_workspace_only(
    world: World, site: Login, plane: Plane
) -> None:
    person = world.a.tenant.owner.pk
    tell = "SELECT door_tell(%s, %s, 'x', 'alerts', 'by door', '{}', 0)"
    with in_plane(site, plane, workspace=world.a.pk, person=person) as cursor:
        for side in (world.b, world.a):
            cursor.execute(tell, [person, side.pk])
        cursor.execute(f"SET LOCAL ROLE {Plane.SYSTEM.role}")
        assert cursor.execute(_COUNT + " AND workspace_id = %s", [world.a.pk]).fetchone() == (1,)
        cursor.execute("SET LOCAL rlhfhub.workspace = ''")
        assert cursor.execute(_COUNT).fetchone() == (1,)


@pytest.mark.parametrize("plane", [Plane.WORKSPACE, Plane.SYSTEM])
def test_each_plane_tells_in_its_own_workspace_only(
    world: World, site: Login, plane: Plane
) -> None:
    person = world.a.tenant.owner.pk
    with in_plane(site, plane, workspace=world.a.pk, person=person) as cursor:
        with attempt(cursor):
            cursor.execute(_TELL, [world.a.pk, person])
        with pytest.raises(REFUSED), attempt(cursor):
            cursor.execute(_TELL, [world.b.pk, person])


def test_only_of_the_terms_the_site_tells_itself(world: World, site: Login) -> None:
    person, of_terms = world.a.person.user.pk, _TELL.replace("'x', 'alerts'", "'terms.x', 'alerts'")
    with in_plane(site, Plane.WORKSPACE, workspace=world.a.pk) as cursor:
        with pytest.raises(REFUSED), attempt(cursor):
            cursor.execute(of_terms, [None, person])
    with in_plane(site, Plane.SYSTEM) as cursor:
        with pytest.raises(psycopg.errors.CheckViolation), attempt(cursor):
            cursor.execute(_TELL, [None, person])
        with attempt(cursor):
            cursor.execute(of_terms, [None, person])


def test_nobody_tells_at_the_door(world: World, site: Login) -> None:
    with in_plane(site, Plane.DOOR) as cursor, pytest.raises(REFUSED), attempt(cursor):
        cursor.execute(_TELL, [world.a.pk, world.a.tenant.owner.pk])


def test_doors_show_and_change_ones_own(world: World, site: Login, owner: Login) -> None:
    """The person is an argument of the doors, which the site passes from the session or the key."""
    mine, theirs = world.a.person.user.pk, world.b.person.user.pk
    counted = "SELECT count(*) FROM rlhfhub_notices_notice WHERE person_id = %s"
    listed = "SELECT id FROM door_notices(%s, NULL, NULL, false, NULL, 100)"
    with in_plane(site, Plane.DOOR) as cursor:
        for person in (mine, theirs):
            found = cursor.execute(listed, [person]).fetchall()
            assert len(found) == owner.execute(counted, [person]).fetchone()[0] > 0  # type: ignore[index]
        foreign = [row[0] for row in cursor.execute(listed, [theirs]).fetchall()]
        read = "SELECT door_read_notices(%s, NULL, %s, NULL)"
        assert cursor.execute(read, [mine, foreign]).fetchone() == (0,)


def test_a_workspace_mails_its_own_invitations_only(
    world: World, site: Login, owner: Login
) -> None:
    invited = "SELECT id FROM rlhfhub_tenancy_invitation WHERE workspace_id = %s"
    for side in (world.a, world.b):
        (invitation,) = owner.execute(invited, [side.pk]).fetchall()
        with in_plane(site, Plane.SYSTEM, workspace=world.a.pk) as cursor:
            cursor.execute("DELETE FROM rlhfhub_notices_mail")
            cursor.execute(f"SET LOCAL ROLE {Plane.WORKSPACE.role}")
            cursor.execute("SELECT door_mail_invitation(%s)", invitation)
            cursor.execute(f"SET LOCAL ROLE {Plane.SYSTEM.role}")
            mailed = "SELECT count(*) FROM rlhfhub_notices_mail WHERE invitation_id = %s"
            assert cursor.execute(mailed, invitation).fetchone() == (int(side is world.a),)
