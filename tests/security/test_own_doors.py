"""The doors by which annotators read decisions on their answers tell each person of their own."""

import uuid

import psycopg

from rlhfhub.tenancy.planes import Plane
from tests.security.eyes import in_plane
from tests.security.world import World

Login = psycopg.Connection


def test_doors_tell_of_decisions_on_own_work_alone(world: World, site: Login) -> None:
    """At the desk they return nothing of another person, and items of refused answers alone."""
    a, me, neighbour = world.a, world.a.person, world.a.annotators[1]
    mine, theirs = [a.rejected[0], a.returned[0]], [a.rejected[1], a.returned[1]]
    other = world.b.rejected[0]
    answers = [*mine, *theirs, other, *(one.pk for one in a.accepted)]
    with in_plane(site, Plane.DOOR) as cursor:
        cursor.execute("SELECT enrollment_id FROM door_own_held(%s)", [me.user.pk])
        assert cursor.fetchall() == [(me.enrollment.pk,)]
        cursor.execute(
            "SELECT enrollment_id, revise, appeal FROM door_own_needs(%s, 9)", [me.user.pk]
        )
        assert cursor.fetchall() == [(me.enrollment.pk, 1, 1)]
        cursor.execute("SELECT * FROM door_own_needs(%s, 9)", [world.stranger.pk])
        assert cursor.fetchall() == []
    ids = {"workspace": a.pk, "person": me.user.pk}
    with in_plane(site, Plane.ANNOTATOR, **ids) as cursor:

        def seen(door: str, person: uuid.UUID) -> set[uuid.UUID]:
            cursor.execute(f"SELECT annotation_id FROM {door}(%s, %s)", [person, answers])
            return {row[0] for row in cursor.fetchall()}

        assert seen("door_own_items", me.user.pk) == set(mine)
        assert set(mine) <= seen("door_own_outcomes", me.user.pk) <= {*mine, *answers[5:]}
        for door in ("door_own_items", "door_own_outcomes"):
            assert seen(door, neighbour.user.pk) == seen(door, world.b.person.user.pk) == set()
        cursor.execute("SELECT * FROM door_own_held(%s)", [neighbour.user.pk])
        assert cursor.fetchall() == []
        cursor.execute(f"SET LOCAL rlhfhub.workspace = '{world.b.pk}'")
        assert seen("door_own_items", me.user.pk) == set()
