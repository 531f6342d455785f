"""Each room states the walls and doors of its own tables; the site gathers them, and its checks name the file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group

from projects.items.models import Item
from projects.items.walls import WALLS as ITEMS
from projects.quality.models import Stale
from projects.quality.walls import WALLS as QUALITY
from projects.work.models import Cursor, Slot
from rlhfhub import checks
from rlhfhub.tenancy import homes
from rlhfhub.tenancy.rules import Door, Rule, seen_by_members
from rlhfhub.tenancy.stated import STATED, Room
from rlhfhub.walls_table import LATER, gathered

Faults = Callable[[], list[str]]


@pytest.fixture
def faults() -> Faults:
    return lambda: [error.msg for error in checks.tables_have_walls()]


def test_every_file_of_walls_is_gathered() -> None:
    """The walls of a room that is not an installed app would not be collected."""
    files = {
        str(path.relative_to(settings.BASE_DIR))
        for root in ("annotators", "billing", "projects", "rlhfhub")
        for path in Path(settings.BASE_DIR, root).rglob("walls.py")
        if "management" not in path.parts
    }
    assert {room.file for room in gathered()} == files | {"rlhfhub/walls_table.py"}


def test_a_table_without_a_wall_is_told_its_file(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert faults() == []
    monkeypatch.delitem(QUALITY, "projects_quality_stale")
    assert faults() == ["projects_quality_stale has no wall: state it in projects/quality/walls.py"]


def test_a_room_that_states_nothing_yet_is_told_its_file(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [room for room in STATED.rooms if room.module != "projects.review.walls"]
    monkeypatch.setattr(STATED, "rooms", others)
    assert faults() == [
        f"projects_review_{name} has no wall: state it in projects/review/walls.py"
        for name in (
            *("adjudication", "appeal", "bulkaccept", "bulkanswer", "decision", "flag", "priority"),
            *("rejectlimit", "return", "sampleanswer", "samplecheck", "source", "workspacerecord"),
        )
    ]


def test_a_packages_table_belongs_to_the_file_that_gathers() -> None:
    assert homes.home(Group) == "rlhfhub/walls_table.py"
    assert homes.home(Stale) == "projects/quality/walls.py"


def test_a_wall_in_another_rooms_file_is_found(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ITEMS, "projects_quality_stale", seen_by_members("SELECT"))
    assert faults() == [
        "projects_quality_stale is stated twice: in projects/items/walls.py and projects/quality/walls.py"
    ]
    monkeypatch.delitem(QUALITY, "projects_quality_stale")
    assert faults() == [
        "projects_quality_stale has its wall in projects/items/walls.py: move it to projects/quality/walls.py"
    ]


def test_a_wall_without_a_model_is_found(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ITEMS, "projects_items_gone", seen_by_members("SELECT"))
    assert faults() == ["projects_items_gone has a wall and no model"]


def test_what_names_a_later_rooms_table_is_listed() -> None:
    """LATER lists exactly the tables of later rooms that walls and doors name, each with a reason."""
    assert set(homes.later_tables()) == LATER.keys()
    assert all(LATER.values())


def test_a_wall_and_a_door_that_name_a_later_table_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = "EXISTS (SELECT 1 FROM projects_work_slot s WHERE s.item_id = projects_items_item.id)"
    wall = seen_by_members("SELECT", annotator=Rule("SELECT", looks))
    door = Door("door_items", "person uuid", "bigint", "SELECT count(*) FROM projects_work_lease")
    items = Room("projects.items.walls", {"projects_items_item": wall}, [door])
    rooms = [items if room.module == items.module else room for room in STATED.rooms]
    monkeypatch.setattr(STATED, "rooms", rooms)
    found = set(homes.later_tables()) - LATER.keys()
    assert found == {
        ("projects_items_item", "projects_work_slot"),
        ("door_items", "projects_work_lease"),
    }


def test_a_link_without_a_key_says_what_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.links_have_keys() == []
    monkeypatch.setattr(Slot._meta.get_field("batch"), "held_by", "")
    monkeypatch.setattr(Cursor._meta.get_field("batch"), "held_by", "it has one")
    found = {error.id: error.msg for error in checks.links_have_keys()}
    assert found == {
        "rlhfhub.E002": "projects_work_slot.batch_id has no TenantKey: declare one, or state in held_by what holds it",
        "rlhfhub.E003": "projects_work_cursor.batch_id has a TenantKey: remove its held_by",
    }


def test_a_foreign_key_of_djangos_own_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that was not made by `tenant_fk` has no word for what holds it."""
    link = Item._meta.get_field("batch")
    monkeypatch.delattr(link, "held_by")
    constraints = [
        c for c in Item._meta.constraints if getattr(c, "to", "") != "projects_items_batch"
    ]
    monkeypatch.setattr(Item._meta, "constraints", constraints)
    assert "projects_items_item.batch_id" in " ".join(e.msg for e in checks.links_have_keys())
