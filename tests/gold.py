"""Keyed items, and slots of other purposes than data, as a funding run makes them: paid from a batch's reserve."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from billing.funding import reserve
from billing.funding.models import Funding
from projects.enrollment.models import Enrollment
from projects.items import pools
from projects.items import services as batches
from projects.items.keys import services as keys
from projects.items.models import Batch, Item
from projects.plan.models import Project
from projects.work.models import Purpose
from rlhfhub.tenancy import planes
from tests.api.uploads import lines
from tests.factories import Tenant, make_item

# One answer an item, and as many slots in reserve.
PLAN = batches.Plan(1, share_percent=0, reserve_percent=100)
KEY = [{"by": by, "answer": {"preference": {"choice": "0"}}} for by in ("Ann", "Bo", "Cy")]
_SLOTS = """
    INSERT INTO projects_work_slot (id, workspace_id, project_id, batch_id, item_id, funding_id, number, responses, seq,
        price_minor, fee_minor, currency, state, purpose, kept_for_id)
    SELECT rlhfhub_uuid7(), f.workspace_id, i.project_id, f.batch_id, i.id, f.id,
           1 + COALESCE((SELECT max(number) FROM projects_work_slot s WHERE s.item_id = i.id), 0),
           jsonb_array_length(i.responses), nextval('projects_work_slot_seq'), f.price_minor, f.fee_minor, f.currency,
           'open', %s, %s
    FROM projects_items_item i, billing_funding_funding f WHERE i.id = ANY(%s) AND f.id = %s ORDER BY i.seq
"""


def make_keyed(item: Item, choice: str = "0", people: Sequence[str] = ("Ann", "Bo", "Cy")) -> Item:
    """The item's keyed copy: all of these people say that `choice` is right."""
    with planes.in_workspace(item.workspace_id):
        for by in people:
            keyed = keys.pick(
                item=item, answer={"preference": {"choice": choice}}, by=by, actor_id=None
            )
        return keyed


def make_pool(tenant: Tenant, project: Project, count: int, first: int = 5001) -> None:
    """So many keyed items on which three people agree."""
    rows = [make_item(number, key=KEY) for number in range(first, first + count)]
    path = f"/api/v1/projects/{project.pk}/keys/"
    sent = tenant.client.post(path, lines(*rows), content_type="application/x-ndjson")
    assert sent.status_code == 201, sent.content


def make_repeat(item: Item) -> Item:
    """A repeat of the item."""
    with planes.in_workspace(item.workspace_id):
        pool = pools.pool_of(item.project)
        return pools.copied(
            item=item, pool=pool, external_id=f"repeat:{item.external_id}", is_repeat=True
        )


def add_slots(
    batch: Batch, items: Sequence[Item], purpose: Purpose, kept_for: Enrollment | None = None
) -> None:
    """One more slot of this purpose on each of these items of the pool, at the end of the batch's queue.

    A repeat is kept for somebody.
    """
    ids = [item.pk for item in items]
    with planes.in_workspace(batch.workspace_id):
        batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        run = reserve.begun(batch=batch, items=len(ids))
        _insert(run, ids, purpose, kept_for)
        reserve.finish(run)


def _insert(run: Funding, ids: Sequence[Any], purpose: Purpose, kept: Enrollment | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SLOTS, [purpose.value, kept and kept.pk, list(ids), run.pk])
        assert cursor.rowcount == len(ids)
