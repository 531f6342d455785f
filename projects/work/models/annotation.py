"""Annotation: a submitted answer that fills a slot."""

from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# What holds an annotation's links that have no TenantKey.
_LEASE = "the trigger `made` compares it with its lease and slot, which are keyed"


class Annotation(TenantRow):
    """`answer` is on the stored order of responses; `label` is -1 (first better), 0 (tie), 1 (second better).

    Guideline version, form, price and fee are those of the lease and the slot. Only `state` ever changes,
    once, by a decision.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted"
        ACCEPTED = "accepted"

    project = tenant_fk("projects_plan.Project", held_by=_LEASE)
    batch = tenant_fk("projects_items.Batch", held_by=_LEASE)
    item = tenant_fk("projects_items.Item")
    slot = tenant_fk("projects_work.Slot")
    lease = tenant_fk("projects_work.Lease")
    enrollment = tenant_fk("projects_enrollment.Enrollment", held_by=_LEASE)
    annotator_id = models.UUIDField()
    form = tenant_fk("projects_plan.Form", held_by=_LEASE)
    guideline_version = tenant_fk("projects_plan.GuidelineVersion", held_by=_LEASE)
    answer = models.JSONField()
    label = models.SmallIntegerField(null=True)
    price_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    seconds = models.FloatField()
    state = models.TextField(choices=State.choices, default=State.SUBMITTED)
    submitted_at = models.DateTimeField()
    decide_by = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["decide_by"], condition=Q(state="submitted"), name="annotation_due"
            ),
            models.Index(fields=["project", "id"], name="annotation_by_project"),
            models.Index(
                fields=["project", "id"],
                condition=Q(state="submitted"),
                name="annotation_undecided",
            ),
            models.Index(fields=["item"], name="annotation_by_item"),
            models.Index(fields=["enrollment", "-submitted_at"], name="annotation_by_enrollment"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="annotation_key"),
            models.UniqueConstraint(fields=["slot"], name="annotation_slot_once"),
            models.UniqueConstraint(fields=["lease"], name="annotation_lease_once"),
            models.CheckConstraint(
                condition=Q(state__in=["submitted", "accepted"]), name="annotation_state"
            ),
            TenantKey(name="annotation_lease", to="projects_work_lease", column="lease_id"),
            TenantKey(
                name="annotation_slot",
                to="projects_work_slot",
                columns=("workspace_id", "slot_id", "item_id"),
                to_columns=("workspace_id", "id", "item_id"),
            ),
        ]
