"""A slot is of an item that exists in its workspace, and stays so, without a foreign key to the item."""

import uuid

import pytest
from django.db import DatabaseError

from projects.items.models import Batch, Item
from projects.work.models import Slot
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.revisions import as_owner

_COPY = """
    INSERT INTO projects_work_slot SELECT (jsonb_populate_record(NULL::projects_work_slot, to_jsonb(s) ||
        jsonb_build_object('id', gen_random_uuid(), 'number', 40, 'item_id', %s::uuid))).*
    FROM projects_work_slot s WHERE s.id = %s
"""


@pytest.fixture
def slot(batch: Batch) -> Slot:
    with planes.in_workspace(batch.workspace_id):
        found = Slot.objects.filter(batch=batch).first()
    assert found is not None
    return found


@pytest.fixture
def foreign_item(workspace_b: Tenant) -> uuid.UUID:
    with planes.in_workspace(workspace_b.pk):
        return Item.objects.filter(batch=make_batch(make_project(workspace_b), 1)).get().pk


def test_a_slot_needs_an_item_of_its_workspace(slot: Slot, foreign_item: uuid.UUID) -> None:
    for item in (uuid.uuid4(), foreign_item):
        with pytest.raises(DatabaseError, match="is of an item of its batch"):
            as_owner(_COPY, item, slot.pk)


def test_a_slot_keeps_its_item_and_workspace(slot: Slot, foreign_item: uuid.UUID) -> None:
    # The other number, because the other item has slots of its own.
    move = "UPDATE projects_work_slot SET {} = %s, number = 40 WHERE id = %s"
    for column, value in (("item_id", foreign_item), ("workspace_id", uuid.uuid4())):
        with pytest.raises(DatabaseError, match="a slot never changes its item"):
            as_owner(move.format(column), value, slot.pk)


def test_an_item_is_never_deleted(slot: Slot) -> None:
    with pytest.raises(DatabaseError, match="projects_items_item is append-only: DELETE refused"):
        as_owner("DELETE FROM projects_items_item WHERE id = %s", slot.item_id)
