"""Alert: something about an annotator's work, or a whole project's, that a person should look at."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from rlhfhub.ground.moments import moment_words
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

KINDS = (
    "gold",
    "agreement",
    "guessing",
    "side",
    "run",
    "speed",
    "pair",
    "copies",
    "pasted",
    "moved",
)


class Alert(TenantRow):
    """An alarm about an annotator, or without an enrollment about the project, with its `evidence`.

    `annotations` are the answers that a search found. An alarm of a monitor has none: it puts all answers since the
    change in doubt.

    A member upholds or lifts it; if nobody does until `lifts_at`, it lifts itself. The annotator sees it from
    `told_at` on, which for keyed items is drawn some time after `opened_at`, so that the moment does not tell which
    item was keyed, and may write a `reply`. `swapped_at` is when the annotator's main work was replaced by a paid
    recalibration because of it.
    """

    class Kind(models.TextChoices):
        GOLD = "gold", "right answers fell"
        AGREEMENT = "agreement", "agreement fell"
        GUESSING = "guessing", "like guesses"
        SIDE = "side", "one place on the screen"
        RUN = "run", "the same answer again and again"
        SPEED = "speed", "too fast"
        PAIR = "pair", "like one other annotator"
        COPIES = "copies", "copied texts"
        PASTED = "pasted", "pasted texts"
        MOVED = "moved", "the project’s agreement fell"

    class State(models.TextChoices):
        OPEN = "open"
        UPHELD = "upheld"
        LIFTED = "lifted"

    class By(models.TextChoices):
        PERSON = "person"
        CLOCK = "clock"

    project = tenant_fk("projects_plan.Project")
    enrollment = tenant_fk("projects_enrollment.Enrollment", null=True)
    kind = models.TextField(choices=Kind.choices)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    evidence = models.JSONField()
    annotations = ArrayField(models.UUIDField(), default=list)
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField()
    lifts_at = models.DateTimeField()
    swapped_at = models.DateTimeField(null=True)
    reply = models.CharField(max_length=2000, blank=True, db_default="")
    replied_at = models.DateTimeField(null=True)
    by = models.TextField(choices=By.choices, blank=True, db_default="")
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=2000, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["project", "-id"], name="alert_by_project"),
            models.Index(fields=["enrollment", "-id"], name="alert_by_enrollment"),
            models.Index(fields=["lifts_at"], condition=Q(state="open"), name="alert_open"),
            models.Index(fields=["told_at"], name="alert_by_telling"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="alert_key"),
            models.UniqueConstraint(
                fields=["project", "enrollment", "kind"],
                condition=Q(state="open"),
                name="alert_open_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="alert_kind"),
            models.CheckConstraint(
                condition=Q(kind="moved", enrollment=None)
                | (~Q(kind="moved") & Q(enrollment__isnull=False)),
                name="alert_about",
            ),
            models.CheckConstraint(
                condition=Q(state="open", by="", decided_at=None, decided_by_id=None, note="")
                | Q(state="lifted", by="clock", decided_at__gte=F("lifts_at"), decided_by_id=None)
                | (
                    Q(state__in=["upheld", "lifted"], by="person", decided_at__isnull=False)
                    & Q(decided_by_id__isnull=False)
                    & ~Q(note="")
                ),
                name="alert_decided",
            ),
            models.CheckConstraint(
                condition=Q(lifts_at__gt=F("opened_at"), told_at__gte=F("opened_at")),
                name="alert_times",
            ),
            models.CheckConstraint(
                condition=Q(reply="", replied_at=None)
                | (~Q(reply="") & Q(replied_at__isnull=False)),
                name="alert_reply",
            ),
            TenantKey(name="alert_project", to="projects_plan_project", column="project_id"),
            TenantKey(
                name="alert_enrollment",
                to="projects_enrollment_enrollment",
                column="enrollment_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {moment_words(self.opened_at)}"
