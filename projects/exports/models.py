"""Export: an immutable, checksummed dataset. ExportRow: its frozen membership."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey
from rlhfhub.tenancy.models import User


class Export(TenantRow):
    """A member or an API key queues it; a worker freezes it and writes its files; then it never changes."""

    class State(models.TextChoices):
        QUEUED = "queued"
        FREEZING = "freezing"
        STREAMING = "streaming"
        FINISHED = "finished"
        FAILED = "failed"

        @classmethod
        def unfinished(cls) -> tuple["Export.State", ...]:
            """The states in which a worker still has something to do."""
            return (cls.QUEUED, cls.FREEZING, cls.STREAMING)

    project = tenant_fk("projects_plan.Project")
    batch = tenant_fk("projects_items.Batch", null=True)
    number = models.PositiveIntegerField()
    dataset = models.CharField(max_length=20)
    include_undecided = models.BooleanField(default=False)
    # The forms whose answers it may contain, set when it is frozen.
    forms = ArrayField(models.UUIDField(), default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    rows = models.PositiveBigIntegerField(default=0)
    rows_written = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    manifest = models.JSONField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    # The folder of the attempt whose files are the export's; empty until it is finished.
    folder = models.CharField(max_length=32, blank=True)
    error = models.CharField(max_length=200, blank=True)
    # How often a worker began it. Counted at the beginning, because a worker that is killed cannot count afterwards.
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    frozen_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["project", "-created_at"], name="export_by_project"),
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["queued", "freezing", "streaming"]),
                name="export_unfinished",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="export_key"),
            models.UniqueConstraint(fields=["project", "number"], name="export_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "freezing", "streaming", "finished", "failed"]),
                name="export_state",
            ),
            TenantKey(name="export_project", to="projects_plan_project", column="project_id"),
            TenantKey(
                name="export_batch",
                to="projects_items_batch",
                columns=("workspace_id", "project_id", "batch_id"),
                to_columns=("workspace_id", "project_id", "id"),
            ),
        ]

    def __str__(self) -> str:
        return f"Export {self.number}"


class ExportRow(TenantRow):
    """One row of the dataset, as the dataset's rule made it.

    It says which responses of the item the row is about, in which order, what was counted for it, and which annotations
    it rests on; `undecided` is how many of those were not decided yet. `adjudication` is the item's final answer if the
    row reads or reports one.

    There is no foreign key to the export, because checking it for each row is slow. Two statement-level triggers
    enforce it instead: rows are added only to an export of the same workspace that is being frozen, and no export is
    ever deleted. There is none to the item or the adjudication either: freezing reads them in the statement that writes
    the row, and no plane may delete them.
    """

    id = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    pk = models.CompositePrimaryKey("export", "number")
    export = tenant_fk(
        Export,
        held_by="the trigger `freezing` compares it with its export; `kept` keeps every export",
    )
    number = models.BigIntegerField()
    item = tenant_fk(
        "projects_items.Item",
        held_by="freezing reads the item in the statement that writes the row",
    )
    responses = ArrayField(models.SmallIntegerField())
    counts = ArrayField(models.IntegerField())
    undecided = models.PositiveSmallIntegerField()
    annotations = ArrayField(models.UUIDField())
    adjudication = tenant_fk(
        "projects_review.Adjudication",
        null=True,
        held_by="freezing reads it in the statement that writes the row",
    )
