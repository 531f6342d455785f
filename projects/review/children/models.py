"""Source: the answer that an item of a child project was frozen from."""

from django.db import models
from django.db.models import Q

from projects.plan.models import Project
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class Source(TenantRow):
    """The answer that an item of a child project was frozen from, so that nobody judges what they have a part in.

    The answer is `annotation_id` of `source_workspace_id`: the row's own workspace for a review, any other for an
    appeal. A trigger compares both with the annotation. It was frozen as revised at `revised_at`; null: as first given.
    `source_item_id` is the item that it answers, and `reviewer_id` who rejected it, for an appeal.
    """

    class Purpose(models.TextChoices):
        REVIEW = Project.Purpose.REVIEW.value
        APPEAL = Project.Purpose.APPEAL.value

    item = tenant_fk("projects_items.Item")
    purpose = models.TextField(choices=Purpose.choices)
    source_workspace_id = models.UUIDField()
    source_item_id = models.UUIDField()
    annotation_id = models.UUIDField()
    annotator_id = models.UUIDField()
    reviewer_id = models.UUIDField(null=True)
    revised_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["annotation_id"], name="source_of_annotation"),
            models.Index(fields=["source_item_id"], name="source_of_item"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["item"], name="source_once"),
            models.UniqueConstraint(
                fields=["annotation_id"], condition=Q(purpose="appeal"), name="source_appeal_once"
            ),
            models.CheckConstraint(
                condition=Q(purpose="review", source_workspace_id=models.F("workspace"))
                & Q(reviewer_id=None)
                | Q(purpose="appeal", reviewer_id__isnull=False),
                name="source_purpose",
            ),
            TenantKey(name="source_item", to="projects_items_item", column="item_id"),
        ]
