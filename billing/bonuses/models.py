"""TopUp: a higher pay for a project's accepted answers. Bonus: money for one annotator, of a top-up or for itself."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey
from rlhfhub.tenancy.models import User

REASON_CHARS = 500


class TopUp(TenantRow):
    """Raises what each of a project's accepted answers was paid to `price_minor`; `answers` were paid less.

    `amount_minor` is the sum of what they got. It is set aside before the row is recorded.
    """

    project = tenant_fk("projects_plan.Project")
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    answers = models.PositiveIntegerField()
    amount_minor = models.PositiveBigIntegerField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="top_up_key"),
            models.CheckConstraint(
                condition=Q(answers__gt=0, amount_minor__gt=0, price_minor__gt=0),
                name="top_up_pays",
            ),
            TenantKey(name="top_up_project", to="projects_plan_project", column="project_id"),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="top_up_by_project")]


class Bonus(TenantRow):
    """What an annotator gets beside the price of their answers: for a reason in words, or by a top-up of `answers`.

    Its money is set aside before the row is recorded: for itself, for its top-up, or for the `reading` of guidelines
    that it pays. A handler then pays it to the annotator.
    """

    enrollment = tenant_fk("projects_enrollment.Enrollment")
    annotator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    top_up = tenant_fk(TopUp, null=True)
    reading = tenant_fk("billing_readings.Reading", null=True)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    answers = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=REASON_CHARS, blank=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["enrollment", "-id"], name="bonus_by_enrollment"),
            models.Index(fields=["annotator", "-at"], name="bonus_of_annotator"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="bonus_pays"),
            models.CheckConstraint(
                condition=(Q(top_up=None, answers=0) & ~Q(reason=""))
                | Q(top_up__isnull=False, reading=None, answers__gt=0, reason=""),
                name="bonus_says_why",
            ),
            models.UniqueConstraint(
                fields=["top_up", "enrollment"],
                condition=Q(top_up__isnull=False),
                name="bonus_of_top_up_once",
            ),
            models.UniqueConstraint(
                fields=["reading"],
                condition=Q(reading__isnull=False),
                name="bonus_of_reading_once",
            ),
            TenantKey(name="bonus_reading", to="billing_readings_reading", column="reading_id"),
            TenantKey(name="bonus_top_up", to="billing_bonuses_topup", column="top_up_id"),
            TenantKey(
                name="bonus_enrollment",
                to="projects_enrollment_enrollment",
                columns=("workspace_id", "enrollment_id", "annotator_id"),
                to_columns=("workspace_id", "id", "annotator_id"),
            ),
        ]
