"""Lease: an annotator's hold on a slot. Cursor: how far the annotator has come in a batch's queue."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# Why a lease's links without a TenantKey cannot point into another workspace.
_ENROLLED = "the slot and the enrollment are keyed; invariant W6 compares their projects"


class Lease(TenantRow):
    """An annotator's hold on a slot. A lease is ended once; apart from that it is never changed, and never deleted.

    `shown[p]` is the stored index of the response at position p, and `keys[p]` the key that names it in the
    client's answer. The order is drawn from `seed` when the lease is made.
    """

    class EndedAs(models.TextChoices):
        SUBMITTED = "submitted"
        RETURNED = "returned"
        EXPIRED = "expired"
        REVOKED = "revoked"

    project = tenant_fk("projects_plan.Project", held_by=_ENROLLED)
    slot = tenant_fk("projects_work.Slot")
    item = tenant_fk("projects_items.Item")
    enrollment = tenant_fk("projects_enrollment.Enrollment")
    annotator_id = models.UUIDField()
    form = tenant_fk("projects_plan.Form", held_by=_ENROLLED)
    guideline_version = tenant_fk("projects_plan.GuidelineVersion")
    # Of the site's terms, by its annotator. A trigger copies it from their eligibility; null where none is needed.
    terms_acceptance_id = models.UUIDField(null=True, editable=False)
    phase = models.CharField(max_length=11)
    seed = models.BigIntegerField()
    shown = ArrayField(models.SmallIntegerField())
    keys = ArrayField(models.CharField(max_length=12))
    leased_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_as = models.TextField(choices=EndedAs.choices, null=True)  # noqa: DJ001  null while it lives
    return_reason = models.CharField(max_length=12, blank=True)
    return_note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(ended_at=None), name="lease_due"),
            models.Index(
                fields=["project", "item"],
                condition=Q(ended_as__in=["returned", "expired", "revoked"]),
                name="lease_unanswered",
            ),
            models.Index(
                fields=["enrollment", "-ended_at"],
                condition=Q(ended_as__in=["returned", "expired", "revoked"]),
                name="lease_unanswered_by",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="lease_key"),
            models.UniqueConstraint(
                fields=["slot"], condition=Q(ended_at=None), name="lease_slot_live_once"
            ),
            models.UniqueConstraint(
                fields=["enrollment"], condition=Q(ended_at=None), name="lease_live_once"
            ),
            # An annotator gets no second lease on an item that they hold, have answered or have returned. After an
            # expired or revoked lease they may get the item again.
            models.UniqueConstraint(
                fields=["annotator_id", "item"],
                condition=Q(ended_as=None) | Q(ended_as__in=["submitted", "returned"]),
                name="lease_item_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_as=None)
                | Q(ended_at__isnull=False, ended_as__isnull=False),
                name="lease_ended_once",
            ),
            TenantKey(
                name="lease_slot",
                to="projects_work_slot",
                columns=("workspace_id", "slot_id", "item_id"),
                to_columns=("workspace_id", "id", "item_id"),
            ),
            TenantKey(
                name="lease_enrollment",
                to="projects_enrollment_enrollment",
                columns=("workspace_id", "enrollment_id", "annotator_id"),
                to_columns=("workspace_id", "id", "annotator_id"),
            ),
            TenantKey(
                name="lease_terms",
                to="annotators_profiles_acceptance",
                columns=("annotator_id", "terms_acceptance_id"),
                to_columns=("user_id", "id"),
            ),
            TenantKey(
                name="lease_clearance",
                to="projects_enrollment_clearance",
                columns=("enrollment_id", "guideline_version_id", "phase"),
                to_columns=("enrollment_id", "guideline_version_id", "phase"),
            ),
        ]


class Cursor(TenantRow):
    """How far an enrollment has come in a batch's queue.

    `seq` is the number of the last slot that it passed. `wrapped_at` is when it last searched behind the cursor,
    which it does at most once a minute.
    """

    enrollment = tenant_fk("projects_enrollment.Enrollment")
    batch = tenant_fk("projects_items.Batch")
    annotator_id = models.UUIDField()
    seq = models.BigIntegerField(default=0)
    wrapped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "batch"], name="cursor_once"),
            TenantKey(
                name="cursor_enrollment",
                to="projects_enrollment_enrollment",
                column="enrollment_id",
            ),
            TenantKey(name="cursor_batch", to="projects_items_batch", column="batch_id"),
        ]
