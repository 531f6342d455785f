"""Entering and leaving planes: whatever happens inside, the connection's role and ids are restored."""

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_scopes import get_scope

from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Membership, User
from rlhfhub.tenancy.planes import Plane, Standing
from rlhfhub.tenancy.services import create_key, digest
from rlhfhub.web.scope import ScopeMiddleware
from tests import databases
from tests.factories import Tenant, make_project, make_workspace


@pytest.fixture
def tenant(own_database: str) -> Iterator[Tenant]:
    """A workspace with a project; from here on under the site's real login."""
    tenant = make_workspace("Planes")
    make_project(tenant)
    with databases.site_login():
        yield tenant


def here() -> tuple[str, str, str]:
    """Return the connection's role, workspace and person, as the database reports them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('rlhfhub.workspace', true), current_setting('rlhfhub.person', true)"
        )
        role, workspace, person = cursor.fetchone()
    return role, workspace or "", person or ""


def in_plane(plane: Plane, workspace: Any = "", person: Any = "") -> tuple[str, str, str]:
    return plane.role, str(workspace), str(person)


OUTSIDE = ("rlhfhub_app", "", "")


class Oops(Exception):
    """Something of ours."""


def break_in_python() -> None:
    raise Oops


def break_in_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")


def break_by_refusal() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM django_migrations")


FAULTS = [break_in_python, break_in_the_database, break_by_refusal]
Fault = Callable[[], None]


def test_a_plane_ends_with_its_block(tenant: Tenant) -> None:
    assert here() == OUTSIDE
    with planes.in_workspace(tenant.pk):
        assert here() == in_plane(Plane.WORKSPACE, tenant.pk)
        assert get_scope()["workspace"] == tenant.pk
    assert here() == OUTSIDE
    assert planes.standing() == Standing()
    assert "workspace" not in get_scope()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_plane_ends_with_a_fault(tenant: Tenant, fault: Fault) -> None:
    with pytest.raises((Oops, DatabaseError)), planes.in_workspace(tenant.pk):
        fault()
    assert here() == OUTSIDE
    assert planes.standing() == Standing()
    assert "workspace" not in get_scope()


@pytest.mark.parametrize("fault", FAULTS)
def test_inside_the_system_a_workspace_is_entered_and_left(tenant: Tenant, fault: Fault) -> None:
    """As the dispatcher does for each workspace: a handler's fault is caught and the next one begins."""
    with planes.as_system():
        for _ in range(2):
            with planes.in_workspace(tenant.pk):
                assert here() == in_plane(Plane.WORKSPACE, tenant.pk)
                assert Project.objects.count() == 1
            assert here() == in_plane(Plane.SYSTEM)
            with pytest.raises((Oops, DatabaseError)), planes.in_workspace(tenant.pk):
                Membership.objects.all().delete()
                fault()
            assert here() == in_plane(Plane.SYSTEM)
            assert planes.standing().plane is Plane.SYSTEM
        with planes.in_workspace(tenant.pk):
            assert Membership.objects.count() == 1  # what the faulty block did is undone
    assert here() == OUTSIDE


def test_three_deep(tenant: Tenant) -> None:
    person = uuid.uuid4()
    with planes.as_system():
        with planes.in_workspace(tenant.pk):
            with planes.at_desk(person, tenant.pk):
                assert here() == in_plane(Plane.ANNOTATOR, tenant.pk, person)
                with pytest.raises(Oops), planes.at_door():
                    assert here() == in_plane(Plane.DOOR)
                    raise Oops
                assert here() == in_plane(Plane.ANNOTATOR, tenant.pk, person)
            assert here() == in_plane(Plane.WORKSPACE, tenant.pk)
        assert here() == in_plane(Plane.SYSTEM)


def test_at_the_door_a_plane_is_entered_without_a_savepoint(tenant: Tenant) -> None:
    """A request has one transaction: if the view handles a plane's exception, what the plane did is kept."""
    with planes.at_door():
        with pytest.raises(Oops), planes.in_workspace(tenant.pk):
            Membership.objects.all().delete()
            raise Oops
        assert here() == in_plane(Plane.DOOR)
        with planes.in_workspace(tenant.pk):
            assert Membership.objects.count() == 0
        transaction.set_rollback(True)


@pytest.mark.parametrize("fault", FAULTS[1:])
def test_at_the_door_a_database_fault_ends_the_transaction(tenant: Tenant, fault: Fault) -> None:
    """A database error in a plane aborts the door's transaction; the next one is clean."""
    with pytest.raises(DatabaseError), planes.at_door():
        with pytest.raises(DatabaseError), planes.in_workspace(tenant.pk):
            fault()
        assert planes.standing().plane is Plane.DOOR
        here()
    assert here() == OUTSIDE
    with planes.at_door():
        assert here() == in_plane(Plane.DOOR)


@pytest.mark.parametrize("fault", FAULTS)
def test_at_the_door_a_savepoint_of_ones_own(tenant: Tenant, fault: Fault) -> None:
    with planes.at_door():
        with (
            pytest.raises((Oops, DatabaseError)),
            transaction.atomic(),
            planes.in_workspace(tenant.pk),
        ):
            Membership.objects.all().delete()
            fault()
        assert here() == in_plane(Plane.DOOR)
        assert User.objects.count() == 1
        with planes.in_workspace(tenant.pk):
            assert Membership.objects.count() == 1


def test_a_block_marked_for_rollback_is_left_in_peace(tenant: Tenant) -> None:
    """After `set_rollback` no statement can be sent; the rollback itself restores role and ids."""
    with planes.as_system():
        with planes.in_workspace(tenant.pk):
            Membership.objects.all().delete()
            transaction.set_rollback(True)
        assert here() == in_plane(Plane.SYSTEM)
    with planes.in_workspace(tenant.pk):
        assert Membership.objects.count() == 1
    assert here() == OUTSIDE


def test_ids_are_ids(tenant: Tenant) -> None:
    """Only a UUID may become part of a SET statement; any other type raises TypeError."""
    with pytest.raises(TypeError), planes.in_workspace("'; RESET ROLE; --"):  # type: ignore[arg-type]
        raise AssertionError("entered")
    assert here() == OUTSIDE
    with planes.as_system():
        with pytest.raises(TypeError), planes.in_workspace(str(tenant.pk)):  # type: ignore[arg-type]
            raise AssertionError("entered")
        assert here() == in_plane(Plane.SYSTEM)


def test_threads_do_not_share_a_standing(tenant: Tenant) -> None:
    found: list[object] = []

    def look() -> None:
        found.append(planes.standing())
        found.append(here())
        connection.close()

    with planes.in_workspace(tenant.pk):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert found == [Standing(), OUTSIDE]


def answer(view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """What the middleware makes of a view."""

    def handler(request: HttpRequest) -> HttpResponse:
        middleware.process_view(request, view, (), {})
        return view(request)

    middleware = ScopeMiddleware(handler)
    return middleware(RequestFactory().get("/"))  # type: ignore[return-value]


def test_a_request_is_one_transaction_at_the_door(tenant: Tenant) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        assert here() == in_plane(Plane.DOOR)
        with planes.in_workspace(tenant.pk):
            Membership.objects.all().delete()
        return HttpResponse()

    assert answer(view).status_code == 200
    with planes.in_workspace(tenant.pk):
        assert Membership.objects.count() == 0
    assert here() == OUTSIDE


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
def test_a_refusal_undoes_everything(tenant: Tenant, status: int) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with planes.in_workspace(tenant.pk):
            Membership.objects.all().delete()
        return HttpResponse(status=status)

    assert answer(view).status_code == status
    with planes.in_workspace(tenant.pk):
        assert Membership.objects.count() == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_undoes_everything_and_leaves_nothing_behind(tenant: Tenant, fault: Fault) -> None:
    with planes.in_workspace(tenant.pk):
        _, secret = create_key(
            workspace_id=tenant.pk, name="k", scopes=["write"], by_id=tenant.owner.pk
        )

    def view(request: HttpRequest) -> HttpResponse:
        planes.enter_by_key(digest(secret), request.scope_stack)  # type: ignore[attr-defined]
        assert planes.standing() == Standing(
            Plane.WORKSPACE, workspace=tenant.pk, person=tenant.owner.pk
        )
        assert here() != OUTSIDE
        Membership.objects.all().delete()
        fault()
        return HttpResponse()

    with pytest.raises((Oops, DatabaseError)):
        answer(view)
    assert here() == OUTSIDE
    assert planes.standing() == Standing()
    assert "workspace" not in get_scope()
    with planes.in_workspace(tenant.pk):
        assert Membership.objects.count() == 1


def test_a_view_that_manages_its_scope_is_left_alone(tenant: Tenant) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        assert not connection.in_atomic_block
        assert here() == OUTSIDE
        return HttpResponse(status=400)

    view.manages_scope = True  # type: ignore[attr-defined]
    assert answer(view).status_code == 400
