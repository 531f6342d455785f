"""Slot: one unit of work on one item, funded when it is made. The number of an item's slots is its overlap."""

from django.db import models
from django.db.models import Q

from projects.items.services import MAX_OVERLAP
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# Why a slot's links without a TenantKey cannot point into another workspace.
_ITEM = "the trigger `of_item` compares the slot with its item, which never goes or changes"
_RUN = "the trigger `paid` of the funding room compares the slot with its funding run"


class Purpose(models.TextChoices):
    """Why a slot was made: for the project's data, or to measure who answers it. Annotators cannot see which."""

    DATA = "data"
    GOLD = "gold"
    CALIBRATION = "calibration"
    REPEAT = "repeat"


class Slot(TenantRow):
    """One unit of work on one item.

    `seq` is the slot's number in the batch's queue. All slots of an item first have the same number. A slot that
    opens again gets a new number at the end of the queue, so that annotators whose cursor has passed it meet it again.

    `funding_id` is the funding run that paid for the slot; triggers of the funding room check it. `responses` is the
    number of the item's responses: a lease draws their order before the annotator can read the item.

    A slot made for the project's data is of an item of its own batch. One with another `purpose` is of an item of the
    project's pool.

    A slot with `kept_for` can be leased by this enrollment alone, which meets it where its cursor passes the slot's
    number. When it opens again, it is kept for the same enrollment.
    """

    class State(models.TextChoices):
        OPEN = "open"
        LEASED = "leased"
        FILLED = "filled"
        CANCELLED = "cancelled"

    project = tenant_fk("projects_plan.Project", held_by=_ITEM)
    batch = tenant_fk("projects_items.Batch", held_by=_RUN)
    item = tenant_fk("projects_items.Item", held_by=_ITEM)
    funding_id = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    responses = models.PositiveSmallIntegerField()
    seq = models.BigIntegerField()
    purpose = models.TextField(choices=Purpose.choices, db_default=Purpose.DATA)
    price_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    holder_id = models.UUIDField(null=True)
    kept_for = tenant_fk("projects_enrollment.Enrollment", null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["batch", "seq"], condition=Q(state="open", kept_for=None), name="slot_queue"
            ),
            models.Index(
                fields=["batch", "kept_for", "seq"],
                condition=Q(state="open", kept_for__isnull=False),
                name="slot_kept",
            ),
            models.Index(
                fields=["project", "batch"], condition=~Q(purpose="data"), name="slot_not_data"
            ),
            # Finds unanswered items: an item whose first slot is filled has an answer, so only the others are searched.
            models.Index(
                fields=["project", "item"],
                condition=Q(number=1) & ~Q(state="filled"),
                name="slot_first_unfilled",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id", "item"], name="slot_key"),
            models.UniqueConstraint(fields=["item", "number"], name="slot_number_once"),
            models.UniqueConstraint(
                fields=["kept_for", "item"],
                condition=Q(kept_for__isnull=False),
                name="slot_kept_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "cancelled"], holder_id=None)
                | Q(state__in=["leased", "filled"], holder_id__isnull=False),
                name="slot_state",
            ),
            models.CheckConstraint(condition=Q(responses__lte=10), name="slot_responses"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="slot_purpose"),
            # Those of the pool have slots in many batches.
            models.CheckConstraint(
                condition=Q(number__lte=MAX_OVERLAP) | ~Q(purpose="data"), name="slot_overlap"
            ),
            models.CheckConstraint(
                condition=Q(purpose="repeat", kept_for__isnull=False)
                | (~Q(purpose="repeat") & Q(kept_for=None)),
                name="slot_kept_to_repeat",
            ),
            TenantKey(
                name="slot_kept_for",
                to="projects_enrollment_enrollment",
                column="kept_for_id",
            ),
        ]
