"""Decision: what was decided on a submitted annotation, append-only. Return: a request to revise it. Flag: a reason
to look at it.
"""

from django.db import models
from django.db.models import F, Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

REASONS = ("drift", "guessing", "habit", "speed", "pair", "copies", "pasted", "moved")


class Decision(TenantRow):
    """Stage 1 accepts or rejects, by a member or by the clock. Stage 2 follows a rejection alone: overturned, upheld,
    or lapsed with the time to appeal.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        OVERTURNED = "overturned"
        UPHELD = "upheld"
        LAPSED = "lapsed"

    class By(models.TextChoices):
        PERSON = "person"
        CLOCK = "clock"

    annotation = tenant_fk("projects_work.Annotation")
    stage = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    by = models.CharField(max_length=6, choices=By.choices)
    reviewer_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotation", "stage"], name="decision_once"),
            models.CheckConstraint(
                condition=Q(stage=1, verdict__in=["accepted", "rejected"])
                | Q(stage=2, verdict__in=["overturned", "upheld", "lapsed"]),
                name="decision_verdict",
            ),
            models.CheckConstraint(
                condition=Q(by="person") | Q(verdict__in=["accepted", "lapsed"]),
                name="decision_by_clock",
            ),
            models.CheckConstraint(
                condition=Q(by="person", reviewer_id__isnull=False)
                | Q(by="clock", reviewer_id=None),
                name="decision_by",
            ),
            TenantKey(
                name="decision_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]


class Return(TenantRow):
    """An annotation sent back to its annotator. Until they revise it, it is not accepted automatically."""

    annotation = tenant_fk("projects_work.Annotation")
    reviewer_id = models.UUIDField()
    note = models.CharField(max_length=2000)
    returned_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["annotation"], condition=Q(answered_at=None), name="return_open_once"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("returned_at")),
                name="return_answered_after",
            ),
            TenantKey(
                name="return_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]


class Flag(TenantRow):
    """A reason for reviewers to look at an annotation before others; those of more `weight` come first.

    It says nothing about whether the answer is good, and no annotator sees it.
    """

    class Reason(models.TextChoices):
        DRIFT = "drift", "the annotator’s work changed about then"
        GUESSING = "guessing", "the annotator’s answers looked like guesses"
        HABIT = "habit", "the same place or the same answer again and again"
        SPEED = "speed", "answered faster than the text can be read"
        PAIR = "pair", "unusual answers that one other annotator gave too"
        COPIES = "copies", "a text that was written before"
        PASTED = "pasted", "mostly pasted, in a project without machine-written text"
        MOVED = "moved", "the project’s agreement fell about then"

    project = tenant_fk("projects_plan.Project", held_by="the row is written from its annotation's")
    annotation = tenant_fk("projects_work.Annotation")
    reason = models.TextField(choices=Reason.choices)
    weight = models.PositiveSmallIntegerField()
    flagged_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project", "annotation"], name="flag_of_project")]
        constraints = [
            models.UniqueConstraint(fields=["annotation", "reason"], name="flag_once"),
            models.CheckConstraint(condition=Q(reason__in=REASONS), name="flag_reason"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=10), name="flag_weight"),
            TenantKey(
                name="flag_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]
