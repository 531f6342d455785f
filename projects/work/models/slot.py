"""Slot: one unit of work on one item, born funded. The slots of an item are its overlap."""

from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# What holds a slot's links that have no TenantKey.
_ITEM = "the item is keyed, and slots are written from the item's row"


class Slot(TenantRow):
    """`seq` orders the batch's queue. A slot that opens again takes a new one at the end, so that everybody whose
    cursor has passed meets it once more; siblings of one item share theirs.

    `funding_id` names the funding run that paid for it, which the run's own triggers hold; `responses` is how many
    responses its item has, for a lease draws their order before it sees the item.
    """

    class State(models.TextChoices):
        OPEN = "open"
        LEASED = "leased"
        FILLED = "filled"
        CANCELLED = "cancelled"

    project = tenant_fk("projects_plan.Project", held_by=_ITEM)
    batch = tenant_fk("projects_items.Batch", held_by=_ITEM)
    item = tenant_fk("projects_items.Item")
    funding_id = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    responses = models.PositiveSmallIntegerField()
    seq = models.BigIntegerField()
    price_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    holder_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["batch", "seq"], condition=Q(state="open"), name="slot_queue"),
            # Items that nobody has answered are among those whose first slot is not filled.
            models.Index(
                fields=["project", "item"],
                condition=Q(number=1) & ~Q(state="filled"),
                name="slot_first_unfilled",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id", "item"], name="slot_key"),
            models.UniqueConstraint(fields=["item", "number"], name="slot_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "cancelled"], holder_id=None)
                | Q(state__in=["leased", "filled"], holder_id__isnull=False),
                name="slot_state",
            ),
            models.CheckConstraint(condition=Q(responses__lte=10), name="slot_responses"),
            TenantKey(name="slot_item", to="projects_items_item", column="item_id"),
        ]
