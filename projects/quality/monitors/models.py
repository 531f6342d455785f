"""Monitor: the state of one sequential statistic. Score: one judgment as a monitor took it."""

from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

TABLE = "projects_quality_monitor"


class MonitorKind(models.TextChoices):
    """What a monitor watches."""

    GOLD = "gold", "right answers to keyed items"
    AGREEMENT = "agreement", "agreement with the others"
    TIME = "time", "time for the length of the text"
    SIDE = "side", "place on the screen"
    LABELS = "labels", "equal answers in a row"


class Monitor(TenantRow):
    """What is kept of an annotator's judgments by one statistic; without an enrollment, of the whole project's.

    `state` is small whatever the number of judgments (`seen`). `level` is how near the statistic is to an alarm, as a
    share of its threshold: at 1 there is one. `since` is the number of the judgment after which the change that it
    speaks for began. The row is locked while a judgment enters, so the order in which scores are inserted is that of
    the stream.
    """

    project = tenant_fk("projects_plan.Project")
    enrollment = tenant_fk("projects_enrollment.Enrollment", null=True)
    kind = models.TextField(choices=MonitorKind.choices)
    state = models.JSONField(default=dict)
    seen = models.PositiveIntegerField(default=0)
    level = models.FloatField(default=0.0)
    since = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["project", "-level"],
                condition=Q(enrollment__isnull=False),
                name="monitor_by_level",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="monitor_key"),
            models.UniqueConstraint(
                fields=["project", "enrollment", "kind"], name="monitor_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["gold", "agreement", "time", "side", "labels"]),
                name="monitor_kind",
            ),
            TenantKey(name="monitor_project", to="projects_plan_project", column="project_id"),
            TenantKey(
                name="monitor_enrollment",
                to="projects_enrollment_enrollment",
                column="enrollment_id",
            ),
        ]


class Score(TenantRow):
    """One annotation as one monitor took it: the `number`th. It is never changed.

    `value` is what entered: for keyed items 1 (right) or 0, for agreement the probability of being right given what
    the others said, for time the share of the least time that a careful answer takes (below 1 it is too fast), for the
    side 1 (first shown) or 0, for labels the length of the run of answers that looked the same. `level` is the
    monitor's level afterwards.
    """

    monitor = tenant_fk(Monitor)
    annotation = tenant_fk("projects_work.Annotation")
    number = models.PositiveIntegerField()
    value = models.FloatField(null=True)
    level = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["monitor", "annotation"], name="score_once"),
            models.UniqueConstraint(fields=["monitor", "number"], name="score_number_once"),
            TenantKey(name="score_monitor", to=TABLE, column="monitor_id"),
            TenantKey(
                name="score_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]
