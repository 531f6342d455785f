"""Batch, Item, Key, MetadataValue and Import: the items to judge, and the receipts of their imports."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django_scopes import ScopedManager

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey
from rlhfhub.tenancy.models import User


class _DataBatches(models.Manager[Any]):
    """Leaves out pools, so that nothing takes one for a batch of the project's data by mistake."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(is_pool=False)


class _DataItems(models.Manager[Any]):
    """Leaves out the items of pools, so that nothing takes one for an item of the project's data by mistake."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(batch__is_pool=False)


class Batch(TenantRow):
    """A delivery cycle of items: imported, funded, opened, closed, signed off.

    Overlap plan: each item gets `overlap` slots, and a random `share_percent` of the items get `share_overlap`, so that
    agreement can be measured even if one answer per item is enough otherwise. Reserve: `reserve_percent` more slots
    than the plan makes are paid for at funding and made when somebody asks for more answers to an item; the money of
    unused ones is given back at the close. Gold: so many keyed items as `gold_percent` of the items stand among them
    in the queue, unrecognizable, with `overlap` slots each. Repeats: up to `repeat_percent` of a person's answers are
    asked of them once more. Terms: form, price, fee, currency, lease minutes and auto-accept hours are
    null until funding copies them from the project; then they are fixed. `slots_count` is the number of slots made or
    to be made. No open slot has a seq below `low_seq`: searches begin there.

    A project's pool (`is_pool`, number 0) is the batch of its keyed items and of repeats. It is never funded or opened:
    slots of other batches are made on its items. `objects` leaves pools out, `every` does not.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        FUNDED = "funded"
        OPEN = "open"
        PAUSED = "paused"
        CLOSED = "closed"
        SIGNED_OFF = "signed_off", "Signed off"

    class Funding(models.TextChoices):
        NONE = "none"
        RUNNING = "running"
        FUNDED = "funded"

    class Phase(models.TextChoices):
        CALIBRATION = "calibration"
        MAIN = "main"

    project = tenant_fk("projects_plan.Project")
    number = models.PositiveIntegerField()
    is_pool = models.BooleanField(default=False)
    name = models.CharField(max_length=120, blank=True)
    model_tag = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    funding = models.CharField(max_length=7, choices=Funding.choices, default=Funding.NONE)
    phase = models.CharField(max_length=11, choices=Phase.choices, default=Phase.MAIN)
    overlap = models.PositiveSmallIntegerField()
    share_percent = models.PositiveSmallIntegerField(default=10)
    share_overlap = models.PositiveSmallIntegerField(default=3)
    reserve_percent = models.PositiveSmallIntegerField(default=0)
    gold_percent = models.PositiveSmallIntegerField(default=0)
    repeat_percent = models.PositiveSmallIntegerField(default=0)
    form = tenant_fk("projects_plan.Form", null=True)
    price_minor = models.PositiveBigIntegerField(null=True)
    fee_minor = models.PositiveBigIntegerField(null=True)
    currency = models.CharField(max_length=3, null=True)  # noqa: DJ001  null until the batch is funded
    lease_minutes = models.PositiveSmallIntegerField(null=True)
    auto_accept_hours = models.PositiveSmallIntegerField(null=True)
    items_count = models.PositiveBigIntegerField(default=0)
    slots_count = models.PositiveBigIntegerField(default=0)
    low_seq = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = ScopedManager(workspace="workspace", _manager_class=_DataBatches)  # type: ignore[django-manager-missing, misc]
    every = ScopedManager(workspace="workspace")  # type: ignore[django-manager-missing]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="batch_key"),
            models.UniqueConstraint(
                fields=["workspace", "project", "id"], name="batch_project_key"
            ),
            models.UniqueConstraint(fields=["project", "number"], name="batch_number_once"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(is_pool=True), name="batch_pool_once"
            ),
            models.CheckConstraint(
                condition=Q(is_pool=False) | Q(status="draft", funding="none"),
                name="batch_pool_unfunded",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["draft", "funded", "open", "paused", "closed", "signed_off"]
                ),
                name="batch_status",
            ),
            models.CheckConstraint(
                condition=Q(funding__in=["none", "running", "funded"]), name="batch_funding"
            ),
            models.CheckConstraint(
                condition=Q(phase__in=["calibration", "main"]), name="batch_phase"
            ),
            models.CheckConstraint(
                condition=Q(
                    overlap__range=(1, 50),
                    share_percent__lte=100,
                    share_overlap__range=(3, 50),
                    reserve_percent__lte=100,
                    gold_percent__lte=20,
                    repeat_percent__lte=10,
                ),
                name="batch_plan",
            ),
            models.CheckConstraint(
                condition=Q(funding="none")
                | Q(
                    form__isnull=False,
                    price_minor__isnull=False,
                    fee_minor__isnull=False,
                    currency__isnull=False,
                    lease_minutes__isnull=False,
                    auto_accept_hours__isnull=False,
                ),
                name="batch_terms_when_funded",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", opened_at=None, closed_at=None)
                | Q(status="funded", funding="funded", opened_at=None, closed_at=None)
                | Q(
                    status__in=["open", "paused"],
                    funding="funded",
                    opened_at__isnull=False,
                    closed_at=None,
                )
                | Q(status__in=["closed", "signed_off"], closed_at__isnull=False),
                name="batch_opened_when_funded",
            ),
            TenantKey(name="batch_form", to="projects_plan_form", column="form_id"),
            TenantKey(name="batch_project", to="projects_plan_project", column="project_id"),
        ]

    def __str__(self) -> str:
        return self.name or f"Batch {self.number}"


class Item(TenantRow):
    """One record to judge: `prompt` is a list of messages, `responses` a list of `{"messages", "model"?}`.

    It cannot be changed in any plane. `sha256` is the digest of its content. Items with the same prompt, context and
    responses have the same `content_key`, whatever the order of responses and the metadata.

    A keyed item has Keys. A repeat (`repeat_of`) is a copy of another item, to be shown again to who answered that
    one. Both are in their project's pool. `objects` leaves the items of pools out, `every` does not.
    """

    project = tenant_fk("projects_plan.Project")
    batch = tenant_fk(Batch)
    seq = models.BigIntegerField()
    # Collation C orders by bytes, so that the unique index also serves searches by prefix.
    external_id = models.TextField(db_collation="C")
    prompt = models.JSONField()
    responses = models.JSONField()
    context = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    content_key = models.UUIDField()
    repeat_of = tenant_fk("self", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ScopedManager(workspace="workspace", _manager_class=_DataItems)  # type: ignore[django-manager-missing, misc]
    every = ScopedManager(workspace="workspace")  # type: ignore[django-manager-missing]

    class Meta:
        indexes = [models.Index(fields=["project", "content_key"], name="item_by_content")]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="item_key"),
            models.UniqueConstraint(
                fields=["project", "external_id"], name="item_external_id_once"
            ),
            models.UniqueConstraint(fields=["batch", "seq"], name="item_seq_once"),
            TenantKey(
                name="item_batch",
                to="projects_items_batch",
                columns=("workspace_id", "project_id", "batch_id"),
                to_columns=("workspace_id", "project_id", "id"),
            ),
            TenantKey(name="item_repeat_of", to="projects_items_item", column="repeat_of_id"),
        ]


class Key(TenantRow):
    """One person's right answer to one question about an item of the pool.

    `answer` is in stored order. Several people may give one each: if three or more that are not retired agree, the
    question's key is unanimous, and only then may it pass or fail anybody. `by` is the person's name, `rule` the
    guideline's rule that the answer follows, such as R3. A key is retired and restored, but never changed or deleted;
    `restored_at` is when somebody last let it count again.
    """

    class Source(models.TextChoices):
        IMPORT = "import"
        PICKED = "picked"
        EXPERT = "expert"
        PANEL = "panel"
        ADJUDICATED = "adjudicated"

    project = tenant_fk(
        "projects_plan.Project", held_by="the trigger `pooled` compares it with its item"
    )
    item = tenant_fk(Item)
    question = models.CharField(max_length=40)
    answer = models.JSONField()
    by = models.CharField(max_length=120)
    source = models.CharField(max_length=11, choices=Source.choices)
    rule = models.CharField(max_length=12, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    retired_at = models.DateTimeField(null=True)
    retired_because = models.CharField(max_length=500, blank=True)
    restored_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["project", "item"], name="key_by_project")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "question", "by"],
                condition=Q(retired_at=None),
                name="key_person_once",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["import", "picked", "expert", "panel", "adjudicated"]),
                name="key_source",
            ),
            models.CheckConstraint(
                condition=Q(rule="") | Q(rule__regex=r"^R[0-9]+$"), name="key_rule"
            ),
            models.CheckConstraint(condition=~Q(by=""), name="key_by_somebody"),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_because="")
                | (Q(retired_at__isnull=False) & ~Q(retired_because="")),
                name="key_retired_because",
            ),
            TenantKey(name="key_item", to="projects_items_item", column="item_id"),
        ]


class MetadataValue(TenantRow):
    """An item's value for a metadata key that its project declared: the first 200 characters of `metadata ->> key`.

    Rows are inserted when items are imported or keys are declared, deleted when a key is removed, and never updated.
    """

    project = tenant_fk(
        "projects_plan.Project", held_by="the row is copied from its item, which has a key"
    )
    item = tenant_fk(Item)
    key = models.CharField(max_length=60)
    value = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["project", "key", "value", "item"], name="metadata_value")]
        constraints = [
            models.UniqueConstraint(fields=["item", "key"], name="metadata_value_once"),
            TenantKey(name="metadata_value_item", to="projects_items_item", column="item_id"),
        ]


class Import(TenantRow):
    """The receipt of one upload. `warnings` is a list of `ItemWarning`s as JSON."""

    batch = tenant_fk(Batch)
    received = models.PositiveBigIntegerField()
    created = models.PositiveBigIntegerField()
    duplicates = models.PositiveBigIntegerField()
    rejected = models.PositiveBigIntegerField()
    rejections = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["batch", "-created_at"], name="import_by_batch")]
        constraints = [TenantKey(name="import_batch", to="projects_items_batch", column="batch_id")]
