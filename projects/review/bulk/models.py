"""BulkAccept: a request to accept many answers, which takes effect ten minutes later. BulkAnswer: one of them."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

UNDO_MINUTES = 10
"""So long a bulk accept can be undone. Nothing is accepted before."""


class Outcome(models.TextChoices):
    """What became of an answer of a bulk accept."""

    ACCEPTED = "accepted", "accepted"
    DECIDED = "decided", "decided in between"
    RETURNED = "returned", "sent back in between"
    LINKED = "linked", "of an account that staff linked with the requester’s"
    UNDONE = "undone", "not accepted, because the bulk accept was undone or stopped"


LEFT_OUT = (Outcome.DECIDED, Outcome.RETURNED, Outcome.LINKED)
"""The outcomes of answers that a bulk accept left out when it took effect."""


def in_words(by_reason: Mapping[str, int]) -> list[str]:
    """Return how many answers were left out for each reason, in words: `2 decided in between`."""
    return [f"{count:,} {Outcome(reason).label}" for reason, count in by_reason.items() if count]


_ENDED = F("accepted") + F("decided") + F("returned") + F("linked")


class BulkAccept(TenantRow):
    """A member's request to accept many answers of a project.

    `answers`, `price_minor` and `fee_minor` are what was asked for: how many answers, and what they cost together.
    It ends when it is done, with `accepted` of the answers accepted; `decided`, `returned` and `linked` are how many
    were left out, by reason (see BulkAnswer). Or it is cancelled: by a member before it takes effect, or (without
    `cancelled_by_id`) because whoever asked may not review any more.
    """

    project = tenant_fk("projects_plan.Project")
    requested_by_id = models.UUIDField()
    requested_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField()
    answers = models.PositiveIntegerField()
    price_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by_id = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    accepted = models.PositiveIntegerField(db_default=0)
    decided = models.PositiveIntegerField(db_default=0)
    returned = models.PositiveIntegerField(db_default=0)
    linked = models.PositiveIntegerField(db_default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["takes_effect_at"],
                condition=Q(cancelled_at=None, done_at=None),
                name="bulk_accept_due",
            ),
            models.Index(fields=["project", "-id"], name="bulk_accept_of_project"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="bulk_accept_key"),
            models.CheckConstraint(
                condition=Q(
                    takes_effect_at=F("requested_at") + timedelta(minutes=UNDO_MINUTES),
                    answers__gte=1,
                ),
                name="bulk_accept_waits",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_by_id=None)
                | Q(cancelled_at__lt=F("takes_effect_at"), accepted=0),
                name="bulk_accept_undone_in_time",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None)
                | Q(done_at__gte=F("takes_effect_at"), cancelled_at=None, cancelled_by_id=None),
                name="bulk_accept_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(answers=_ENDED) | Q(done_at=None, answers__gte=_ENDED),
                name="bulk_accept_accepted",
            ),
            TenantKey(name="bulk_accept_project", to="projects_plan_project", column="project_id"),
        ]

    @property
    def waits(self) -> bool:
        """Whether it has neither taken effect nor been cancelled."""
        return self.cancelled_at is None and self.done_at is None

    @property
    def left_out(self) -> int:
        """How many answers it did not accept."""
        return self.answers - self.accepted

    @property
    def by_reason(self) -> dict[str, int]:
        """How many answers were left out when it took effect, by outcome."""
        return {str(outcome): getattr(self, outcome) for outcome in LEFT_OUT}

    @property
    def reasons(self) -> list[str]:
        """The same in words."""
        return in_words(self.by_reason)


class BulkAnswer(TenantRow):
    """An answer that a bulk accept is to accept. It waits in one bulk accept at a time.

    `outcome` says what became of it; empty while it waits.
    """

    bulk_accept = tenant_fk(BulkAccept)
    annotation = tenant_fk("projects_work.Annotation")
    outcome = models.TextField(choices=Outcome.choices, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["bulk_accept", "annotation"],
                condition=Q(outcome=""),
                name="bulk_answer_waits",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["bulk_accept", "annotation"], name="bulk_answer_once"),
            models.UniqueConstraint(
                fields=["annotation"], condition=Q(outcome=""), name="bulk_answer_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *Outcome.values]),
                name="bulk_answer_outcome",
            ),
            TenantKey(
                name="bulk_answer_bulk_accept",
                to="projects_review_bulkaccept",
                column="bulk_accept_id",
            ),
            TenantKey(
                name="bulk_answer_annotation", to="projects_work_annotation", column="annotation_id"
            ),
        ]
