"""Round, RoundItem, Attempt and Mark: who may work on a project's data, by their answers to keyed items."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey
from rlhfhub.tenancy.models import User

ROUND, ATTEMPT = "projects_calibration_round", "projects_calibration_attempt"

# A character that can be seen: no blank, and none without a glyph.
_VISIBLE = (
    r"[^\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]"
)


def free_returns(items: int) -> int:
    """Return how many of so many items may be returned without any being a miss: a tenth, rounded up."""
    return -(-items // 10)


class Round(TenantRow):
    """A frozen set of keyed items with a pass rule and a verdict for each annotator.

    Only the answers to `question` decide; those to the form's other questions are feedback. An attempt has `items`
    items and stops as soon as the evidence allows: `pass_at` and `fail_at` are the accuracies to tell apart,
    `wrong_pass` and `wrong_fail` the accepted probabilities of a wrong verdict. A category, which is the guideline rule
    that a key names, fails somebody only if the whole 95 % interval of their accuracy in it is below `category_floor`.
    Items that are returned beyond a tenth of an attempt's are misses. An attempt without an answer for `idle_days` is
    left, and its seat is free for others.

    `seats` annotators can make a first attempt in `batch`, and half as many, rounded up, a second one in
    `retake_batch`, on other items and `wait_hours` after they failed. Main batches open when `needed` annotators have
    passed and, if `alpha_gates`, the low end of α's interval is at least `alpha_target`; or when an owner has
    overridden that with a reason. `guideline_version` is the one in force when the round was opened. The rule never
    changes.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    project = tenant_fk("projects_plan.Project")
    number = models.PositiveIntegerField()
    question = models.CharField(max_length=40)
    form = tenant_fk("projects_plan.Form")
    guideline_version = tenant_fk("projects_plan.GuidelineVersion", null=True)
    items = models.PositiveSmallIntegerField()
    seats = models.PositiveSmallIntegerField()
    pass_at = models.FloatField()
    fail_at = models.FloatField()
    wrong_pass = models.FloatField()
    wrong_fail = models.FloatField()
    category_floor = models.FloatField(null=True)
    wait_hours = models.PositiveSmallIntegerField()
    idle_days = models.PositiveSmallIntegerField(default=7)
    needed = models.PositiveSmallIntegerField()
    alpha_target = models.FloatField(null=True)
    alpha_gates = models.BooleanField(default=False)
    batch = tenant_fk("projects_items.Batch")
    retake_batch = tenant_fk("projects_items.Batch")
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    override_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    override_at = models.DateTimeField(null=True)
    override_reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="round_key"),
            models.UniqueConstraint(fields=["project", "number"], name="round_number_once"),
            models.CheckConstraint(
                condition=Q(
                    items__range=(20, 200),
                    seats__range=(1, 50),
                    needed__range=(1, F("seats")),
                    fail_at__gt=0,
                    pass_at__lt=1,
                    pass_at__gt=F("fail_at"),
                    wrong_pass__gt=0,
                    wrong_pass__lt=0.5,
                    wrong_fail__gt=0,
                    wrong_fail__lt=0.5,
                    wait_hours__lte=720,
                    idle_days__range=(1, 60),
                ),
                name="round_rule",
            ),
            models.CheckConstraint(
                condition=Q(category_floor=None)
                | Q(category_floor__gt=0, category_floor__lt=F("pass_at")),
                name="round_floor",
            ),
            models.CheckConstraint(
                condition=(Q(alpha_target=None) & Q(alpha_gates=False))
                | Q(alpha_target__gt=-1, alpha_target__lt=1),
                name="round_alpha",
            ),
            # One annotator agrees with nobody.
            models.CheckConstraint(
                condition=Q(alpha_gates=False) | Q(needed__gte=2), name="round_alpha_needed"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", opened_at=None, closed_at=None, guideline_version=None)
                | Q(
                    state="open",
                    opened_at__isnull=False,
                    closed_at=None,
                    guideline_version__isnull=False,
                )
                | Q(state="closed", closed_at__isnull=False),
                name="round_state",
            ),
            models.CheckConstraint(
                condition=Q(override_by=None, override_at=None, override_reason="")
                | (
                    Q(override_by__isnull=False, override_at__isnull=False)
                    & Q(override_reason__regex=r".{20}")
                    & Q(override_reason__regex=_VISIBLE)
                ),
                name="round_override",
            ),
            TenantKey(name="round_project", to="projects_plan_project", column="project_id"),
            TenantKey(name="round_form", to="projects_plan_form", column="form_id"),
            TenantKey(
                name="round_guideline",
                to="projects_plan_guidelineversion",
                column="guideline_version_id",
            ),
            TenantKey(name="round_batch", to="projects_items_batch", column="batch_id"),
            TenantKey(
                name="round_retake_batch", to="projects_items_batch", column="retake_batch_id"
            ),
        ]

    def __str__(self) -> str:
        return f"Round {self.number}"

    @property
    def is_discarded(self) -> bool:
        """Whether the round was closed while it was a draft: nobody began it, and its items are free again."""
        return self.state == self.State.CLOSED and self.opened_at is None

    @property
    def retake_seats(self) -> int:
        """How many annotators can make a second attempt."""
        return -(-self.seats // 2)

    @property
    def free_returns(self) -> int:
        """How many items of an attempt may be returned; each further one counts as a wrong answer."""
        return free_returns(self.items)


class RoundItem(TenantRow):
    """One item of one of a round's two attempts, in the order of `position`.

    Each annotator begins at an item of their own, drawn among those with `is_start`, and goes on from the first item
    after the last one: so who has finished cannot tell others the right answers in order, and all items are asked
    about equally often. Where `is_start` is false, a constant answer would pass the items in the order from there.
    """

    round = tenant_fk(Round)
    attempt = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    item = tenant_fk("projects_items.Item")
    is_start = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "attempt", "position"], name="round_item_position_once"
            ),
            models.UniqueConstraint(fields=["round", "item"], name="round_item_once"),
            models.CheckConstraint(condition=Q(attempt__in=[1, 2]), name="round_item_attempt"),
            TenantKey(name="round_item_round", to=ROUND, column="round_id"),
            TenantKey(name="round_item_item", to="projects_items_item", column="item_id"),
        ]


class Attempt(TenantRow):
    """One annotator's attempt in a round.

    `seen` counts the answers that the pass rule has used so far, `hits` those of them that agree with the key. Nothing
    is counted after the verdict. `why` says in words, for the annotator, what led to the verdict. An attempt that was
    left because `was_idle` runs on when its annotator asks for that while its round is open and a seat is free: then
    `resumed_at` is when.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        PASSED = "passed"
        FAILED = "failed"
        LEFT = "left"

    class Cause(models.TextChoices):
        JOINED = "joined", "Joined the project"
        GUIDELINE = "guideline", "A major version of the guidelines"
        RETAKE = "retake", "Second attempt"
        ALERT = "alert", "A drift alert"
        SCHEDULE = "schedule", "On schedule"

    round = tenant_fk(Round)
    project = tenant_fk("projects_plan.Project")
    enrollment = tenant_fk("projects_enrollment.Enrollment")
    number = models.PositiveSmallIntegerField()
    batch = tenant_fk("projects_items.Batch")
    cause = models.TextField(choices=Cause.choices)
    state = models.TextField(choices=State.choices, default=State.RUNNING)
    seen = models.PositiveSmallIntegerField(db_default=0)
    hits = models.PositiveSmallIntegerField(db_default=0)
    began_at = models.DateTimeField(db_default=Now(), editable=False)
    resumed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=1000, blank=True)
    was_idle = models.BooleanField(db_default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["project", "round"], condition=Q(state="running"), name="attempt_running"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="attempt_key"),
            models.UniqueConstraint(fields=["round", "enrollment", "number"], name="attempt_once"),
            models.UniqueConstraint(fields=["enrollment", "batch"], name="attempt_batch_once"),
            models.UniqueConstraint(
                fields=["enrollment"], condition=Q(state="running"), name="attempt_running_once"
            ),
            models.CheckConstraint(condition=Q(number__in=[1, 2]), name="attempt_number"),
            models.CheckConstraint(condition=Q(hits__lte=F("seen")), name="attempt_hits"),
            models.CheckConstraint(
                condition=Q(state="running", decided_at=None)
                | Q(state__in=["passed", "failed", "left"], decided_at__isnull=False),
                name="attempt_state",
            ),
            models.CheckConstraint(
                condition=Q(was_idle=False) | Q(state="left"), name="attempt_idle"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["joined", "guideline", "retake", "alert", "schedule"]),
                name="attempt_cause",
            ),
            TenantKey(name="attempt_round", to=ROUND, column="round_id"),
            TenantKey(name="attempt_project", to="projects_plan_project", column="project_id"),
            TenantKey(name="attempt_batch", to="projects_items_batch", column="batch_id"),
            TenantKey(
                name="attempt_enrollment",
                to="projects_enrollment_enrollment",
                column="enrollment_id",
            ),
        ]


class Mark(TenantRow):
    """How one answer of an attempt compares with the key that counted when it was marked.

    `hit` is null if the item's key does not count (any more), or cannot be compared with the answer. `counted` answers
    are those that the pass rule has used: no answer after the verdict is one. `reference`, `rule` and `note` are the
    key's, for the feedback. `position` is the order in which the attempt's answers were marked.
    """

    attempt = tenant_fk(Attempt)
    annotation = tenant_fk("projects_work.Annotation")
    item = tenant_fk(
        "projects_items.Item", held_by="the trigger `made` compares it with its annotation"
    )
    position = models.PositiveSmallIntegerField()
    hit = models.BooleanField(null=True)
    counted = models.BooleanField()
    reference = models.JSONField(null=True)
    rule = models.CharField(max_length=12, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    marked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotation"], name="mark_once"),
            models.UniqueConstraint(fields=["attempt", "position"], name="mark_position_once"),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(hit__isnull=False), name="mark_counted"
            ),
            TenantKey(name="mark_attempt", to=ATTEMPT, column="attempt_id"),
            TenantKey(
                name="mark_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]
