"""Funding: one run that moves money into a batch's budget and makes its slots, in resumable chunks. Replacement: a
rejected answer for which a new slot is made.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class Funding(TenantRow):
    """One funding run of a batch. Its money is moved before the run is recorded.

    `next_seq` is the first item that has no slots yet. The run paid for `slots_paid` slots: `share_overlap` for each of
    `shared_items` items, `overlap` for each other one, and `overlap` for each of `gold_items` keyed items among them.
    An item is shared when the hash of its id under `seed` is at most `share_up_to`, so that the draw can be repeated.
    `slots` counts those made so far; only a trigger writes it.

    The first run makes the slots of the batch's plan and also pays for its reserve of `reserve_slots`, of which
    `repeat_slots` are for repeats. A later one makes some of these: of purpose `reserve`, `overlap` more for each of
    `items` chosen items; of purpose `repeat`, one for each of `items` repeats. One of purpose `top_up` pays for
    `reserve_slots` more in the reserve and makes no slots. `alert` is the one because of which more answers were asked
    for.
    """

    class Purpose(models.TextChoices):
        PLAN = "plan"
        RESERVE = "reserve"
        REPEAT = "repeat"
        TOP_UP = "top_up"

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"

    batch = tenant_fk("projects_items.Batch")
    alert = tenant_fk("projects_quality.Alert", null=True)
    purpose = models.CharField(max_length=7, choices=Purpose.choices, default=Purpose.PLAN)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    overlap = models.PositiveSmallIntegerField()
    share_overlap = models.PositiveSmallIntegerField()
    shared_items = models.PositiveBigIntegerField()
    gold_items = models.PositiveBigIntegerField(db_default=0)
    seed = models.BigIntegerField()
    share_up_to = models.BigIntegerField(null=True)
    price_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    next_seq = models.BigIntegerField(default=0)
    last_seq = models.BigIntegerField()
    items = models.PositiveBigIntegerField()
    items_done = models.PositiveBigIntegerField(default=0)
    slots_paid = models.PositiveBigIntegerField()
    slots = models.PositiveBigIntegerField(db_default=0)
    reserve_slots = models.PositiveBigIntegerField(default=0)
    repeat_slots = models.PositiveBigIntegerField(db_default=0)
    created_by_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch"], condition=Q(state="running"), name="funding_running_once"
            ),
            models.UniqueConstraint(
                fields=["batch"], condition=Q(purpose="plan"), name="funding_plan_once"
            ),
            models.CheckConstraint(
                condition=Q(purpose="plan")
                | Q(
                    purpose__in=["reserve", "repeat"],
                    shared_items=0,
                    gold_items=0,
                    reserve_slots=0,
                    repeat_slots=0,
                )
                | Q(
                    purpose="top_up",
                    shared_items=0,
                    gold_items=0,
                    items=0,
                    slots_paid=0,
                    reserve_slots__gt=0,
                    repeat_slots=0,
                ),
                name="funding_purpose",
            ),
            models.CheckConstraint(
                condition=Q(slots__lte=F("slots_paid")), name="funding_slots_paid"
            ),
            models.CheckConstraint(
                condition=Q(state="running") | Q(slots=F("slots_paid")),
                name="funding_done_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(
                    slots_paid=(F("items") - F("shared_items")) * F("overlap")
                    + F("shared_items") * F("share_overlap")
                    + F("gold_items") * F("overlap")
                ),
                name="funding_slots_of_items",
            ),
            models.CheckConstraint(
                condition=Q(repeat_slots__lte=F("reserve_slots")), name="funding_repeats_of_reserve"
            ),
            models.CheckConstraint(
                condition=Q(shared_items=0, share_up_to=None)
                | Q(shared_items__gt=0, share_up_to__isnull=False),
                name="funding_share_drawn",
            ),
            TenantKey(name="funding_batch", to="projects_items_batch", column="batch_id"),
            TenantKey(name="funding_alert", to="projects_quality_alert", column="alert_id"),
            models.CheckConstraint(
                condition=Q(alert=None) | Q(purpose="reserve"), name="funding_for_alert"
            ),
        ]
        indexes = [
            models.Index(
                fields=["alert"], condition=Q(alert__isnull=False), name="funding_by_alert"
            )
        ]


class Replacement(TenantRow):
    """An answer that was rejected and is to be given by somebody else: it waits, or has its slot's funding run.

    It waits while the batch's reserve pays for no more slots. It is dropped when the rejection is overturned before,
    when the batch is closed, or when the item has as many slots as it may have.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        MADE = "made"
        DROPPED = "dropped"

    batch = tenant_fk("projects_items.Batch", held_by="the row is written from its annotation's")
    item = tenant_fk("projects_items.Item", held_by="the row is written from its annotation's")
    annotation = tenant_fk("projects_work.Annotation")
    state = models.TextField(choices=State.choices, default=State.WAITING)
    funding = tenant_fk(Funding, null=True, held_by="it is made in the batch of the row")
    wanted_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["batch"], condition=Q(state="waiting"), name="replacement_waiting")
        ]
        constraints = [
            models.UniqueConstraint(fields=["annotation"], name="replacement_once"),
            models.CheckConstraint(
                condition=Q(state="made", funding__isnull=False)
                | Q(state__in=["waiting", "dropped"], funding=None),
                name="replacement_state",
            ),
            TenantKey(
                name="replacement_annotation",
                to="projects_work_annotation",
                column="annotation_id",
            ),
        ]
