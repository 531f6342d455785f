"""Decision: what was decided on a submitted annotation, append-only. Return: a request to revise it. Appeal: its
annotator asks somebody else to look at a rejection. RejectLimit: how many may be rejected. Flag: a reason to look.

Adjudications, the queue, bulk accepts, sample checks and sources of child projects are in packages of their own. Django
finds them by the imports here.
"""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from projects.review.adjudication.models import Adjudication as Adjudication
from projects.review.bulk.models import BulkAccept as BulkAccept
from projects.review.bulk.models import BulkAnswer as BulkAnswer
from projects.review.children.models import Source as Source
from projects.review.queue.models import Priority as Priority
from projects.review.record.models import WorkspaceRecord as WorkspaceRecord
from projects.review.samples.models import SampleAnswer as SampleAnswer
from projects.review.samples.models import SampleCheck as SampleCheck
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

APPEAL_DAYS = 7
"""So many days an annotator has to appeal against a rejection."""
APPEAL_DECIDE_DAYS = 5
"""So many days after it was made an appeal is decided, or else the work is paid."""
REVISE_HOURS = 72
"""So long an annotator has to revise a returned answer."""

REJECT_REASONS = ("rule", "careless", "unusable", "copied", "machine")
REASONS = ("drift", "guessing", "habit", "speed", "pair", "copies", "pasted", "moved")


class Decision(TenantRow):
    """Stage 1 accepts or rejects, by a member or by the clock; a review accepts if all its people do. Stage 2 follows
    a rejection alone: overturned, upheld, or lapsed with the time to appeal.

    A rejection names a `reason` and the guideline `rule` that the answer broke, by its id in the guideline version of
    the answer; `note` says in words what is wrong. Its annotator may appeal until `appeal_by`. In stage 2 `note` is why
    the appeal ended so. A rejection that nobody upholds in time is overturned by the clock.
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
        REVIEW = "review"

    class Reason(models.TextChoices):
        """Why work is refused. That an answer differs from others, a key or the reviewer's is no reason."""

        RULE = "rule", "a rule of the guidelines was not followed"
        CARELESS = "careless", "given without reading: the same or a random answer again and again"
        UNUSABLE = "unusable", "empty, broken or in the wrong language"
        COPIED = "copied", "a text copied from elsewhere"
        MACHINE = "machine", "machine-written text where the project forbids it"

    annotation = tenant_fk("projects_work.Annotation")
    annotator_id = models.UUIDField()
    stage = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    by = models.CharField(max_length=6, choices=By.choices)
    reviewer_id = models.UUIDField(null=True)
    reason = models.TextField(choices=Reason.choices, default="", db_default="")
    rule = models.TextField(default="", db_default="")
    note = models.TextField(default="", db_default="")
    decided_at = models.DateTimeField()
    appeal_by = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["appeal_by"], condition=Q(verdict="rejected"), name="decision_appeal_by"
            ),
            models.Index(
                fields=["workspace", "-id"],
                condition=~Q(verdict="accepted"),
                name="decision_not_accepted",
            ),
            models.Index(
                fields=["annotator_id", "-decided_at"],
                condition=~Q(verdict="accepted"),
                name="decision_of_annotator",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["annotation", "stage"], name="decision_once"),
            models.CheckConstraint(
                condition=Q(stage=1, verdict__in=["accepted", "rejected"])
                | Q(stage=2, verdict__in=["overturned", "upheld", "lapsed"]),
                name="decision_verdict",
            ),
            models.CheckConstraint(
                condition=Q(by="person")
                | Q(by="clock", verdict__in=["accepted", "lapsed", "overturned"])
                | Q(by="review", verdict="accepted"),
                name="decision_by_clock",
            ),
            models.CheckConstraint(
                condition=Q(by="person", reviewer_id__isnull=False)
                | Q(by__in=["clock", "review"], reviewer_id=None),
                name="decision_by",
            ),
            models.CheckConstraint(
                condition=Q(
                    verdict="rejected",
                    reason__in=REJECT_REASONS,
                    appeal_by__isnull=False,
                )
                & ~Q(rule="")
                | (~Q(verdict="rejected") & Q(reason="", rule="", appeal_by=None)),
                name="decision_reason",
            ),
            models.CheckConstraint(
                condition=~Q(note="") | Q(verdict__in=["accepted", "lapsed"]) | Q(by="clock"),
                name="decision_note",
            ),
            models.CheckConstraint(
                condition=Q(appeal_by=None)
                | Q(appeal_by__gte=F("decided_at") + timedelta(days=APPEAL_DAYS)),
                name="decision_appeal_days",
            ),
            TenantKey(
                name="decision_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]


class Return(TenantRow):
    """An annotation sent back to its annotator once, who may revise it until `revise_by`, for the same price.

    Until then it is not accepted automatically. It ends revised (`answered_at`) or left as it stands (`lapsed_at`).
    """

    annotation = tenant_fk("projects_work.Annotation")
    annotator_id = models.UUIDField()
    reviewer_id = models.UUIDField()
    note = models.CharField(max_length=2000)
    returned_at = models.DateTimeField()
    revise_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["revise_by"],
                condition=Q(answered_at=None, lapsed_at=None),
                name="return_due",
            ),
            models.Index(fields=["annotator_id"], name="return_of_annotator"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["annotation"], name="return_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None)
                | Q(answered_at__gte=F("returned_at"), lapsed_at=None),
                name="return_answered_after",
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at=None) | Q(lapsed_at__gte=F("revise_by")),
                name="return_lapsed_after",
            ),
            models.CheckConstraint(
                condition=Q(revise_by__gt=F("returned_at")), name="return_has_time"
            ),
            TenantKey(
                name="return_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]


class Appeal(TenantRow):
    """An annotator's appeal against a rejection: it asks whether the cited rule was broken.

    Somebody outside the workspace decides it, as a decision of stage 2. If nobody does until `decide_by`, the work is
    accepted and paid. `left_to_staff` says why no annotator can be asked to decide it; empty unless that was found.
    """

    annotation = tenant_fk("projects_work.Annotation")
    annotator_id = models.UUIDField()
    statement = models.TextField()
    appealed_at = models.DateTimeField()
    decide_by = models.DateTimeField()
    left_to_staff = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["decide_by"], name="appeal_due")]
        constraints = [
            models.UniqueConstraint(fields=["annotation"], name="appeal_once"),
            models.CheckConstraint(condition=~Q(statement=""), name="appeal_statement"),
            models.CheckConstraint(
                condition=Q(
                    decide_by__lte=F("appealed_at") + timedelta(days=APPEAL_DECIDE_DAYS),
                    decide_by__gt=F("appealed_at"),
                ),
                name="appeal_decide_days",
            ),
            TenantKey(
                name="appeal_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]


class RejectLimit(TenantRow):
    """How many answers of a batch were rejected, overturned ones included, and how many may be.

    A trigger counts. The last rejection that is allowed sets `stopped_at`; staff then look at the batch's rejections,
    and may allow more.
    """

    batch = tenant_fk("projects_items.Batch")
    rejected = models.PositiveIntegerField()
    allowed = models.PositiveIntegerField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["stopped_at"],
                condition=Q(stopped_at__isnull=False),
                name="reject_limit_stopped",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch"], name="reject_limit_once"),
            models.CheckConstraint(
                condition=Q(rejected__lte=F("allowed")), name="reject_limit_allowed"
            ),
            models.CheckConstraint(
                condition=Q(rejected__lt=F("allowed"), stopped_at=None)
                | Q(rejected=F("allowed"), stopped_at__isnull=False),
                name="reject_limit_stopped_there",
            ),
            TenantKey(name="reject_limit_batch", to="projects_items_batch", column="batch_id"),
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
