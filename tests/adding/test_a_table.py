"""A new table is a model, its migration and its line in the room's `walls.py`: a toy room goes through all walls."""

import uuid
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from projects.items.models import Item
from rlhfhub import checks, invariants
from rlhfhub.tenancy import planes, stated
from rlhfhub.walls_table import LATER, OUTSIDE, gathered
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.people import make_annotator

ROOM, TABLE = "tests.adding.room", "adding_room_note"
ADD = f"INSERT INTO {TABLE} (id, workspace_id, item_id, text) VALUES (%s, %s, %s, %s)"


@pytest.fixture
def room(own_database: str, settings: Any) -> Iterator[None]:
    """The toy room installed before the site itself, and its table made, in a database of this test's own."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS[:-1], ROOM, settings.INSTALLED_APPS[-1]]
    call_command("migrate", verbosity=0)
    yield
    invariants._registered.pop(ROOM)
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != ROOM]
    stated.state(gathered(), outside=OUTSIDE, later=LATER)


@pytest.fixture
def tenants(room: None) -> list[Tenant]:
    found = [make_workspace("Alpha"), make_workspace("Beta")]
    for tenant in found:
        make_batch(make_project(tenant), items=1)
    return found


def item_of(tenant: Tenant) -> uuid.UUID:
    with planes.in_workspace(tenant.pk):
        return Item.objects.get().pk


def note(of: Tenant, item: uuid.UUID, text: str = "Look again.") -> None:
    """A note that says it is of this workspace."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ADD, [uuid.uuid4(), of.pk, item, text])


def texts() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM {TABLE}")
        return [text for (text,) in cursor.fetchall()]


@pytest.mark.slow
def test_its_migration_is_whole(room: None) -> None:
    call_command("makemigrations", "adding_room", check=True, dry_run=True, verbosity=0)
    assert [fault.msg for fault in checks.tables_have_walls()] == []
    assert [fault.msg for fault in checks.links_have_keys()] == []


@pytest.mark.slow
def test_without_its_line_or_its_key_a_check_names_what_is_missing(
    room: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.adding.room import models, walls

    monkeypatch.delitem(walls.WALLS, TABLE)
    [fault] = checks.tables_have_walls()
    assert fault.msg == f"{TABLE} has no wall: state it in tests/adding/room/walls.py"
    monkeypatch.setattr(models.Note._meta, "constraints", [])
    [fault] = checks.links_have_keys()
    assert fault.msg.startswith(f"{TABLE}.item_id has no TenantKey")


@pytest.mark.slow
def test_its_wall_stands_and_is_in_the_printed_table(room: None) -> None:
    printed = StringIO()
    call_command("walls", stdout=printed)
    assert "--- tests/adding/room/walls.py\n" + TABLE in printed.getvalue()
    call_command("walls", check=True, stdout=printed)
    assert "The database's walls are as stated." in printed.getvalue()


@pytest.mark.slow
def test_each_workspace_sees_its_own(tenants: list[Tenant]) -> None:
    alpha, beta = tenants
    item = item_of(alpha)
    with planes.in_workspace(alpha.pk):
        note(alpha, item)
        assert texts() == ["Look again."]
        with pytest.raises(DatabaseError, match="row-level security"):
            note(beta, item)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(f"UPDATE {TABLE} SET text = ''")
    with planes.in_workspace(beta.pk):
        assert texts() == []
    with pytest.raises(IntegrityError, match="note_item"):  # as the owner, whom no policy stops
        note(beta, item)


@pytest.mark.slow
def test_annotators_see_nothing_of_it(tenants: list[Tenant]) -> None:
    person = make_annotator(make_project(tenants[0]))
    refused = pytest.raises(DatabaseError, match="permission denied")
    with planes.at_desk(person.user.pk, tenants[0].pk), refused, transaction.atomic():
        texts()


@pytest.mark.slow
def test_what_no_constraint_holds_is_found_by_its_invariant(tenants: list[Tenant]) -> None:
    alpha = tenants[0]
    assert [found for found in invariants.verify() if not found.holds] == []
    note(alpha, item_of(alpha), " ")
    [broken] = [found for found in invariants.verify() if not found.holds]
    assert (broken.invariant.says, broken.violations) == ("a note says something", 1)
