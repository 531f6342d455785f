"""Priority: why an undecided answer comes before others in the reviewers' queue."""

from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class Priority(TenantRow):
    """An answer for data that is flagged, or whose item is contested. Other answers have no row.

    `weight` is the sum of the weights of its flags. `contest` is how much the answers to its item differ, in percent:
    0 if all are alike, 100 if no answer leads. `waits` is whether the answer is undecided; a trigger keeps it.
    """

    project = tenant_fk("projects_plan.Project", held_by="the row is written from its annotation's")
    annotation = tenant_fk("projects_work.Annotation")
    contest = models.PositiveSmallIntegerField(db_default=0)
    weight = models.PositiveSmallIntegerField(db_default=0)
    waits = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(
                fields=["project", "-contest", "annotation"],
                condition=Q(waits=True, contest__gt=0),
                name="priority_contested",
            ),
            models.Index(
                fields=["project", "-weight", "annotation"],
                condition=Q(waits=True, weight__gt=0),
                name="priority_flagged",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["annotation"], name="priority_once"),
            models.CheckConstraint(condition=Q(contest__lte=100), name="priority_contest"),
            TenantKey(
                name="priority_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]
