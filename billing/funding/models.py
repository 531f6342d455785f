"""Funding: one run that moves money into a batch's budget and makes its slots, in resumable chunks."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class Funding(TenantRow):
    """`next_seq` is the first item not yet given its slots; the money is moved before the run is recorded.

    `slots` counts those made so far; a trigger alone writes it.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"

    batch = tenant_fk("projects_items.Batch")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    overlap = models.PositiveSmallIntegerField()
    price_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    next_seq = models.BigIntegerField(default=0)
    last_seq = models.BigIntegerField()
    items = models.PositiveBigIntegerField()
    items_done = models.PositiveBigIntegerField(default=0)
    slots = models.PositiveBigIntegerField(db_default=0)
    created_by_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch"], condition=Q(state="running"), name="funding_running_once"
            ),
            models.CheckConstraint(
                condition=Q(slots__lte=F("items") * F("overlap")), name="funding_slots_paid"
            ),
            models.CheckConstraint(
                condition=Q(state="running") | Q(slots=F("items") * F("overlap")),
                name="funding_done_is_whole",
            ),
            TenantKey(name="funding_batch", to="projects_items_batch", column="batch_id"),
        ]
