"""MeasuredPay: how long a project's answers took and what they paid, at a moment. Raise: what a top-up added to one."""

from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class MeasuredPay(TenantRow):
    """The time and the pay of a project's newest answers that count or are paid, whatever they are for.

    `reading_seconds` is how long a fast reader needs for an item; 0 without items. `below_since` is when the measured
    pay per hour fell below the floor; null while it is not below.
    """

    project = tenant_fk("projects_plan.Project")
    reading_seconds = models.FloatField()
    answers = models.PositiveIntegerField()
    median_seconds = models.FloatField(null=True)
    total_seconds = models.FloatField()
    pay_minor = models.PositiveBigIntegerField()
    below_since = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="measured_pay_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["project"], name="measured_pay_once"),
            models.CheckConstraint(
                condition=Q(answers=0, median_seconds=None, total_seconds=0, pay_minor=0)
                | Q(answers__gt=0, median_seconds__gt=0, total_seconds__gt=0),
                name="measured_pay_of_answers",
            ),
            models.CheckConstraint(
                condition=Q(reading_seconds__gte=0), name="measured_pay_reading"
            ),
            TenantKey(name="measured_pay_project", to="projects_plan_project", column="project_id"),
        ]


class Raise(TenantRow):
    """What a top-up added to the pay of an accepted answer, in minor units: beyond its price and earlier top-ups."""

    annotation = tenant_fk("projects_work.Annotation")
    top_up_id = models.UUIDField()
    amount_minor = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["top_up_id"], name="raise_by_top_up")]
        constraints = [
            models.UniqueConstraint(fields=["annotation", "top_up_id"], name="raise_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="raise_pays"),
            TenantKey(
                name="raise_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]
