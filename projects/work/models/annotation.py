"""Annotation: a submitted answer that fills a slot. AnnotationHistory: its answer before a revision."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from projects.work.models.slot import Purpose
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

#: From so many percent on, an answer's text counts as pasted.
PASTED_PERCENT = 80
# Why an annotation's links without a TenantKey cannot point into another workspace.
_LEASE = "the trigger `made` compares it with its lease and slot, which are keyed"


class Annotation(TenantRow):
    """A submitted answer that fills a slot.

    `answer` names responses by their index in the item. `units` and `judged` are parallel arrays of its judgments:
    what was judged (a question's name and facet, in the text form of `projects.kinds.units`) and the value on the
    question's scale. `seconds` is the active time that the desk counted, revisions included, and no more than the lease
    lasted; of a client that does not count it is the time from lease to submit, `PROGRAM_SPEED` times for a program.
    `pasted_percent` is how much of the answer's text came by paste or drop, as the desk counted it; null if it was not
    counted.

    Guideline version and form are those of the lease, price, fee and purpose those of the slot; a trigger copies the
    purpose, which no annotator may read or write. Only decisions change the
    state, except that a returned annotation is submitted again. Only then does the answer change too; a trigger
    copies the old answer to the history. An annotation is counted if it is submitted or accepted and not set aside.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        RETURNED = "returned"

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
    units = ArrayField(models.TextField())
    judged = ArrayField(models.SmallIntegerField())
    price_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    purpose = models.TextField(choices=Purpose.choices, db_default=Purpose.DATA)
    seconds = models.FloatField()
    pasted_percent = models.PositiveSmallIntegerField(null=True)
    state = models.TextField(choices=State.choices, default=State.SUBMITTED)
    set_aside = models.BooleanField(db_default=False)
    submitted_at = models.DateTimeField()
    revised_at = models.DateTimeField(null=True)
    decide_by = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["decide_by"], condition=Q(state="submitted"), name="annotation_due"
            ),
            models.Index(fields=["project", "id"], name="annotation_by_project"),
            # The order of the reviewers' queue, of a project and of one annotator.
            models.Index(
                fields=["project", "decide_by", "id"],
                condition=Q(state="submitted"),
                name="annotation_undecided",
            ),
            models.Index(
                fields=["enrollment", "decide_by", "id"],
                condition=Q(state="submitted"),
                name="annotation_undecided_of",
            ),
            models.Index(
                fields=["enrollment"], condition=Q(state="returned"), name="annotation_returned"
            ),
            models.Index(fields=["item"], name="annotation_by_item"),
            models.Index(fields=["enrollment", "-submitted_at"], name="annotation_by_enrollment"),
            models.Index(
                fields=["enrollment"],
                condition=Q(state="submitted") & ~Q(purpose="data"),
                name="annotation_not_data",
            ),
            models.Index(
                fields=["project", "enrollment"],
                condition=Q(pasted_percent__gte=PASTED_PERCENT),
                name="annotation_pasted",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="annotation_key"),
            models.UniqueConstraint(fields=["slot"], name="annotation_slot_once"),
            models.UniqueConstraint(fields=["lease"], name="annotation_lease_once"),
            models.CheckConstraint(
                condition=Q(state__in=["submitted", "accepted", "rejected", "returned"]),
                name="annotation_state",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="annotation_purpose"
            ),
            models.CheckConstraint(
                condition=Q(pasted_percent=None) | Q(pasted_percent__lte=100),
                name="annotation_pasted_percent",
            ),
            TenantKey(name="annotation_lease", to="projects_work_lease", column="lease_id"),
            TenantKey(
                name="annotation_slot",
                to="projects_work_slot",
                columns=("workspace_id", "slot_id", "item_id"),
                to_columns=("workspace_id", "id", "item_id"),
            ),
        ]


class AnnotationHistory(TenantRow):
    """An annotation's answer before a revision; `number` 1 is the first submission. A trigger writes the rows."""

    annotation = tenant_fk(Annotation)
    number = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    units = ArrayField(models.TextField())
    judged = ArrayField(models.SmallIntegerField())
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotation", "number"], name="history_number_once"),
            TenantKey(
                name="history_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]
