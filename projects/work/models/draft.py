"""Draft: an annotator's incomplete answer about an item."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class Draft(TenantRow):
    """An incomplete answer. It belongs to an annotator and an item, and remains when the lease ends.

    `answer` names responses by their index in the item, so that it can be shown in the order of a later lease.
    `pasted_percent` is how much of its text was pasted so far, and `active_ms` the active time so far, in milliseconds.
    A scheduled task deletes drafts after 30 days.
    """

    item = tenant_fk("projects_items.Item")
    enrollment = tenant_fk("projects_enrollment.Enrollment")
    form = tenant_fk("projects_plan.Form")
    annotator_id = models.UUIDField()
    answer = models.JSONField()
    pasted_percent = models.PositiveSmallIntegerField(null=True)
    active_ms = models.PositiveIntegerField(null=True)
    saved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["saved_at"], name="draft_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["annotator_id", "item"], name="draft_once"),
            models.CheckConstraint(
                condition=Q(pasted_percent=None) | Q(pasted_percent__lte=100),
                name="draft_pasted_percent",
            ),
            TenantKey(name="draft_item", to="projects_items_item", column="item_id"),
            TenantKey(name="draft_form", to="projects_plan_form", column="form_id"),
            TenantKey(
                name="draft_enrollment",
                to="projects_enrollment_enrollment",
                columns=("workspace_id", "enrollment_id", "annotator_id"),
                to_columns=("workspace_id", "id", "annotator_id"),
            ),
        ]
