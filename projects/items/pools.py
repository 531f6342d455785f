"""The pool of a project: the batch, never funded or opened, of its keyed items and of repeats."""

import uuid

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from projects.items.models import Batch, Item
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused

NUMBER = 0
NAME = "Keyed items"
# Before the external ids of items in the pool, so that they differ from those of the items that they are copies of.
KEYED = "key:"
_CONTENT = ("prompt", "responses", "context", "metadata", "sha256", "content_key")


def pool_of(project: Project) -> Batch:
    """Return the project's pool, which is made on first use. Workspace plane, inside a transaction.

    Raises: Refused if the project judges answers of others: a copy of such an item could be shown to who gave the
    answer.
    """
    if project.purpose != Project.Purpose.WORK:
        words = "This project judges answers of others. It has no keyed items and no repeats."
        raise Refused("frozen_items", words, status=409)
    found: Batch | None = Batch.every.filter(project=project, is_pool=True).first()
    if found:
        return found
    try:
        with transaction.atomic():
            made: Batch = Batch.every.create(
                workspace_id=project.workspace_id,
                project=project,
                number=NUMBER,
                name=NAME,
                is_pool=True,
                overlap=1,
            )
            return made
    except IntegrityError:  # another request has just made it
        return Batch.every.get(project=project, is_pool=True)


def id_of(project_id: uuid.UUID) -> uuid.UUID | None:
    """Return the id of the project's pool; None if it has none yet. Workspace plane."""
    found: uuid.UUID | None = (
        Batch.every.filter(project=project_id, is_pool=True).values_list("pk", flat=True).first()
    )
    return found


def copied(*, item: Item, pool: Batch, external_id: str = "", is_repeat: bool = False) -> Item:
    """Return the item's copy in the pool, and make it if there is none. Workspace plane, inside a transaction.

    Without `external_id`, the copy has that of a keyed item. An item of the pool is its own keyed item. `is_repeat`
    makes the copy a repeat of the item.
    """
    if item.batch_id == pool.pk and not is_repeat:
        return item
    name = external_id or keyed_id(item.external_id)
    pool = Batch.every.select_for_update().get(pk=pool.pk)
    inside = Item.every.filter(batch=pool)
    found: Item | None = inside.filter(project=pool.project_id, external_id=name).first()
    if found:
        return found
    last = inside.aggregate(last=Max("seq"))["last"] or 0
    made: Item = Item.every.create(
        workspace_id=pool.workspace_id,
        project_id=pool.project_id,
        batch=pool,
        seq=last + 1,
        external_id=name,
        repeat_of=item if is_repeat else None,
        **{field: getattr(item, field) for field in _CONTENT},
    )
    Batch.every.filter(pk=pool.pk).update(items_count=F("items_count") + 1)
    return made


def keyed_id(external_id: str) -> str:
    """Return the external id of a keyed item that is a copy of the item with `external_id`."""
    return KEYED + external_id
