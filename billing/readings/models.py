"""Money for reading guidelines: a project's budget for it, what went into the budget, and each annotator's reading."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey
from rlhfhub.tenancy.models import User

BUDGET_COVERS = "reading_budget_covers"
_PLAN = "projects_plan_project"


class ReadingBudget(TenantRow):
    """What a project has set aside for reading its guidelines, beside what its annotators were promised.

    Only triggers write it: of `ReadingFunding`, which adds to it or takes away, and of `Reading`, which takes what an
    annotator is promised and gives it back if they earn nothing.
    """

    project = tenant_fk("projects_plan.Project")
    currency = models.CharField(max_length=3)
    free_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project"], name="reading_budget_once"),
            models.CheckConstraint(condition=Q(free_minor__gte=0), name=BUDGET_COVERS),
            TenantKey(name="reading_budget_project", to=_PLAN, column="project_id"),
        ]


class ReadingFunding(TenantRow):
    """Money set aside for `readers` of a project's guidelines, or given back: then `amount_minor` is negative.

    It is moved before the row is recorded. `batch` is the one with whose funding it was set aside, if any.
    """

    project = tenant_fk("projects_plan.Project")
    batch = tenant_fk("projects_items.Batch", null=True)
    readers = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, readers__gt=0)
                | Q(amount_minor__lt=0, readers=0, batch=None),
                name="reading_funding_moves",
            ),
            models.UniqueConstraint(
                fields=["batch"], condition=Q(batch__isnull=False), name="reading_funding_of_batch"
            ),
            TenantKey(name="reading_funding_project", to=_PLAN, column="project_id"),
            TenantKey(name="reading_funding_batch", to="projects_items_batch", column="batch_id"),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="reading_funding_by_project")]


class Reading(TenantRow):
    """What an annotator is promised for reading a version of the guidelines. A trigger makes it when they accept it.

    It is paid with their first accepted answer under that version or a later one. If their enrollment ends without
    one, it is released: the money goes back to the project's budget.
    """

    class State(models.TextChoices):
        PROMISED = "promised"
        PAID = "paid"
        RELEASED = "released"

    project = tenant_fk("projects_plan.Project", held_by="a trigger writes it from the enrollment")
    enrollment = tenant_fk("projects_enrollment.Enrollment")
    annotator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    guideline_version = tenant_fk("projects_plan.GuidelineVersion")
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField(choices=State.choices, default=State.PROMISED)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="reading_key"),
            models.UniqueConstraint(
                fields=["enrollment", "guideline_version"], name="reading_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, state__in=["promised", "paid", "released"]),
                name="reading_pays",
            ),
            TenantKey(
                name="reading_enrollment",
                to="projects_enrollment_enrollment",
                columns=("workspace_id", "enrollment_id", "annotator_id"),
                to_columns=("workspace_id", "id", "annotator_id"),
            ),
            TenantKey(
                name="reading_guideline",
                to="projects_plan_guidelineversion",
                column="guideline_version_id",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="reading_by_project"),
            models.Index(
                fields=["enrollment"], condition=Q(state="promised"), name="reading_promised"
            ),
        ]
