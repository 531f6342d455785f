"""Giving final answers by the service, as a workspace's owner."""

import uuid
from typing import Any

from projects.items.models import Item
from projects.review.adjudication import services
from projects.review.adjudication.models import Adjudication
from rlhfhub.tenancy import planes
from tests.factories import Tenant

NOTE = "Rule R1 decides it."


def prefers(response: int | str) -> dict[str, Any]:
    """The answer that prefers the response of this index, or `tie`."""
    return {"preference": {"choice": str(response)}}


def item_of(tenant: Tenant, external_id: str) -> Item:
    with planes.in_workspace(tenant.pk):
        found: Item = Item.objects.get(external_id=external_id)
    return found


def adjudicate(
    tenant: Tenant, item_id: uuid.UUID, answer: dict[str, Any], seen: int = 0, note: str = NOTE
) -> Adjudication:
    """Give the final answer to an item and commit."""
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        return services.give(
            item_id=item_id, answer=answer, note=note, seen=seen, reviewer_id=tenant.owner.pk
        )


def withdraw(tenant: Tenant, item_id: uuid.UUID, seen: int = 1) -> Adjudication:
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        return services.withdraw(
            item_id=item_id, note="It was a mistake.", seen=seen, reviewer_id=tenant.owner.pk
        )
