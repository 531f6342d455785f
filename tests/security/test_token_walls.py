"""Row-level security alone on annotators' own tokens: plain SQL in the annotator plane, under the site's real login."""

import uuid
from typing import Any

import psycopg
import pytest

from rlhfhub.tenancy.planes import Plane
from tests.security import bites
from tests.security.eyes import REFUSED, Truth, attempt, in_plane, readable_keys
from tests.security.world import World

Login = psycopg.Connection
KEY, AUDIT = "rlhfhub_tenancy_apikey", "rlhfhub_tenancy_auditentry"


@pytest.fixture
def mine(world: World, truth: Truth) -> dict[str, Any]:
    """A token that side A's annotator could create."""
    return truth.row(KEY, "annotator_id = %s", world.a.person.user.pk) | {
        "id": uuid.uuid4(),
        "secret_sha256": uuid.uuid4().hex * 2,
    }


def standing(world: World) -> dict[str, uuid.UUID]:
    return {"workspace": world.a.pk, "person": world.a.person.user.pk}


def test_one_makes_a_token_for_oneself_alone(
    world: World, site: Login, mine: dict[str, Any]
) -> None:
    a, b = world.a, world.b
    another = a.annotators[1].user.pk
    with in_plane(site, Plane.ANNOTATOR, **standing(world)) as cursor:
        with attempt(cursor):
            bites.insert(cursor, KEY, mine)
        for change in (
            {"annotator_id": another},
            {"annotator_id": another, "created_by_id": another},
            {"created_by_id": another},
            {"annotator_id": None, "scopes": ["read", "write"]},
            {"workspace_id": b.pk},
        ):
            assert not bites.inserts(cursor, KEY, mine | change), change
        for scopes in (["read"], ["desk", "write"]):
            with pytest.raises(psycopg.errors.CheckViolation), attempt(cursor):
                bites.insert(cursor, KEY, mine | {"scopes": scopes})


def test_nobody_makes_one_where_they_have_no_place(
    world: World, site: Login, mine: dict[str, Any]
) -> None:
    """Neither at the desk of another workspace nor as a member, owner or stranger who works nowhere."""
    a, b = world.a, world.b
    for workspace, person in (
        (b.pk, a.person.user.pk),
        (a.pk, a.tenant.owner.pk),
        (a.pk, world.stranger.pk),
    ):
        row = mine | {"workspace_id": workspace, "annotator_id": person, "created_by_id": person}
        with in_plane(site, Plane.ANNOTATOR, workspace=workspace, person=person) as cursor:
            assert not bites.inserts(cursor, KEY, row), (workspace, person)


def test_who_works_in_both_has_tokens_apart(world: World, site: Login, truth: Truth) -> None:
    both = world.a.annotators[2].user.pk
    row = truth.row(KEY, "annotator_id = %s", both) | {
        "id": uuid.uuid4(),
        "workspace_id": world.b.pk,
        "secret_sha256": uuid.uuid4().hex * 2,
    }
    with in_plane(site, Plane.ANNOTATOR, workspace=world.b.pk, person=both) as cursor:
        assert readable_keys(cursor, KEY) == set()
        bites.insert(cursor, KEY, row)
        assert readable_keys(cursor, KEY) == {str(row["id"])}


def test_one_revokes_ones_own_and_changes_nothing_else(world: World, site: Login) -> None:
    a = world.a
    with in_plane(site, Plane.ANNOTATOR, **standing(world)) as cursor:
        revoke = f"UPDATE {KEY} SET revoked_at = now() WHERE revoked_at IS NULL"
        with attempt(cursor):
            assert cursor.execute(revoke).rowcount == 1
        for other in (a.annotators[1].user.pk, world.b.person.user.pk):
            assert not bites.touches(cursor, f"{revoke} AND annotator_id = %s", other)
        for column in ("expires_at", "scopes", "secret_sha256", "annotator_id", "workspace_id"):
            with pytest.raises(REFUSED), attempt(cursor):
                cursor.execute(f"UPDATE {KEY} SET {column} = {column}")
        with pytest.raises(REFUSED), attempt(cursor):
            cursor.execute(f"DELETE FROM {KEY}")
        cursor.execute(revoke)
        with pytest.raises(psycopg.errors.RestrictViolation), attempt(cursor):
            cursor.execute(f"UPDATE {KEY} SET revoked_at = NULL")


def test_notes_are_written_in_ones_own_name(world: World, site: Login, truth: Truth) -> None:
    note = truth.row(AUDIT, "workspace_id = %s", world.a.pk) | {
        "id": uuid.uuid4(),
        "actor_id": world.a.person.user.pk,
        "plane": "annotator",
    }
    with in_plane(site, Plane.ANNOTATOR, **standing(world)) as cursor:
        with attempt(cursor):
            bites.insert(cursor, AUDIT, note)
        for change in (
            {"actor_id": world.a.tenant.owner.pk},
            {"actor_id": None},
            {"plane": "workspace"},
            {"workspace_id": world.b.pk},
            {"workspace_id": None},
        ):
            assert not bites.inserts(cursor, AUDIT, note | change), change
        assert readable_keys(cursor, AUDIT) is None


def test_the_door_tells_of_ones_own_tokens(world: World, site: Login, truth: Truth) -> None:
    """The door finds tokens by person, or by person and id, and never returns a secret's digest."""
    a, b, call = world.a, world.b, "SELECT * FROM door_desk_tokens(%s, %s, NULL, 99)"
    own = truth.rows(KEY, "annotator_id = %s", a.person.user.pk)
    theirs = truth.rows(KEY, "annotator_id = %s", b.person.user.pk)
    with in_plane(site, Plane.DOOR) as cursor:

        def ids(*values: object) -> set[str]:
            return {str(row[0]) for row in cursor.execute(call, values).fetchall()}

        assert ids(a.person.user.pk, None) == own
        assert ids(a.person.user.pk, next(iter(own))) == own
        assert ids(a.person.user.pk, next(iter(theirs))) == set()
        assert ids(world.stranger.pk, None) == ids(a.tenant.owner.pk, None) == set()
        cursor.execute(call, [a.person.user.pk, None])
        assert "secret_sha256" not in {column.name for column in cursor.description or ()}
