"""SampleCheck: a random sample of a batch's undecided answers, to check before the rest is accepted."""

from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class SampleCheck(TenantRow):
    """A sample drawn at random from the answers that were undecided at `made_at`, in a batch or of one annotator in it.

    `answers` is how many there were. The check supports accepting the rest if, with `confidence_percent`, at most
    `bound_percent` of them are wrong.
    """

    project = tenant_fk("projects_plan.Project")
    batch = tenant_fk("projects_items.Batch")
    enrollment = tenant_fk("projects_enrollment.Enrollment", null=True)
    made_by_id = models.UUIDField()
    made_at = models.DateTimeField()
    bound_percent = models.PositiveSmallIntegerField()
    confidence_percent = models.PositiveSmallIntegerField()
    answers = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="sample_check_of_project")]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="sample_check_key"),
            models.CheckConstraint(
                condition=Q(bound_percent__gte=1, bound_percent__lte=50, answers__gte=1)
                & Q(confidence_percent__gte=50, confidence_percent__lte=99),
                name="sample_check_bound",
            ),
            TenantKey(name="sample_check_project", to="projects_plan_project", column="project_id"),
            TenantKey(name="sample_check_batch", to="projects_items_batch", column="batch_id"),
            TenantKey(
                name="sample_check_enrollment",
                to="projects_enrollment_enrollment",
                column="enrollment_id",
            ),
        ]


class SampleAnswer(TenantRow):
    """An answer in a sample. `draw` is 1 for the first draw, and one more each time that more were drawn.

    `checked_at` is when a member decided on it in this check; null before, and if it was decided elsewhere. A trigger
    requires the decision, or the return, in the same transaction.
    """

    sample_check = tenant_fk(SampleCheck)
    annotation = tenant_fk("projects_work.Annotation")
    draw = models.PositiveSmallIntegerField()
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample_check", "annotation"], name="sample_answer_once"
            ),
            models.CheckConstraint(condition=Q(draw__gte=1), name="sample_answer_draw"),
            TenantKey(
                name="sample_answer_sample_check",
                to="projects_review_samplecheck",
                column="sample_check_id",
            ),
            TenantKey(
                name="sample_answer_annotation",
                to="projects_work_annotation",
                column="annotation_id",
            ),
        ]
