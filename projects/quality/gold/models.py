"""Models of gold and repeats: how each answer to a keyed item or to a repeat came out, and how keyed items do."""

from django.db import models
from django.db.models import Q

from projects.work.models import Purpose
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# Why these rows' links without a TenantKey cannot point into another workspace.
_ANSWER = "the annotation is keyed, and the row is written from it"


class GoldAnswer(TenantRow):
    """Whether an answer to one question about a keyed item is right. It is stored once, when the answer arrives.

    `hit` says whether the first submission takes the side of the key. It is null if nothing was judged: the key was
    not unanimous when the answer arrived, or the question was left out. `purpose` is the annotation's: gold or
    calibration. Rows never change.
    """

    project = tenant_fk("projects_plan.Project", held_by=_ANSWER)
    item = tenant_fk("projects_items.Item", held_by=_ANSWER)
    enrollment = tenant_fk("projects_enrollment.Enrollment", held_by=_ANSWER)
    annotation = tenant_fk("projects_work.Annotation")
    question = models.CharField(max_length=40)
    purpose = models.TextField(choices=Purpose.choices)
    hit = models.BooleanField(null=True)
    submitted_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["enrollment", "submitted_at"], name="gold_answer_by_enrollment"),
            models.Index(fields=["project", "item"], name="gold_answer_by_item"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["annotation", "question"], name="gold_answer_once"),
            models.CheckConstraint(
                condition=Q(purpose__in=["gold", "calibration"]), name="gold_answer_purpose"
            ),
            TenantKey(
                name="gold_answer_annotation",
                to="projects_work_annotation",
                column="annotation_id",
            ),
        ]


class RepeatJudgment(TenantRow):
    """What somebody judged of one unit at first, and again when the item was repeated: values of the scale.

    Both are of first submissions. `annotation` is the answer to the repeat.
    """

    project = tenant_fk("projects_plan.Project", held_by=_ANSWER)
    enrollment = tenant_fk("projects_enrollment.Enrollment", held_by=_ANSWER)
    annotation = tenant_fk("projects_work.Annotation")
    question = models.CharField(max_length=40)
    unit = models.TextField()
    first = models.SmallIntegerField()
    again = models.SmallIntegerField()
    submitted_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["project", "question", "enrollment"],
                include=["first", "again"],
                name="repeat_judgment_of",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["annotation", "unit"], name="repeat_judgment_once"),
            TenantKey(
                name="repeat_judgment_annotation",
                to="projects_work_annotation",
                column="annotation_id",
            ),
        ]


class KeyFigures(TenantRow):
    """How a keyed item does on one question, as of `at`: see `projects.quality.gold.health.KeyHealth`.

    `hits` of the `judged` answers take the key's side, and `hits_good` of the `judged_good` ones of good annotators.
    `jump` holds the fields of a `ChangePoint`.
    """

    project = tenant_fk("projects_plan.Project", held_by="the item is keyed, and is of the project")
    item = tenant_fk("projects_items.Item")
    question = models.CharField(max_length=40)
    answers = models.PositiveIntegerField()
    judged = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    judged_good = models.PositiveIntegerField()
    hits_good = models.PositiveIntegerField()
    jump = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project"], name="key_figures_of_project")]
        constraints = [
            models.UniqueConstraint(fields=["item", "question"], name="key_figures_once"),
            TenantKey(name="key_figures_item", to="projects_items_item", column="item_id"),
        ]
