"""EnrollmentChange: a person paused, resumed or ended an enrollment. EnrollmentReply: what its annotator says to it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

CHANGE = "projects_enrollment_enrollmentchange"
NOTE_CHARS = 2000
BEFORE_END = ["applied", "onboarding", "calibrating", "active", "paused"]
STATES = [*BEFORE_END, "ended"]
#: The reasons of an annotator about their own enrollment; all others are a member's.
OWN_REASONS = ["left", "rejoined"]
#: The reasons with which a member pauses or ends an enrollment.
STOP_REASONS = ["quality", "rules", "requirements", "enough", "asked", "other"]


class EnrollmentChange(TenantRow):
    """A person changed the state of an enrollment; append-only. Inserting the row changes the enrollment.

    This is the only way to a paused or ended enrollment, and out of it: a trigger refuses every other. `by_id` is the
    annotator for the reasons `left` and `rejoined`, else a member who may edit. The annotator does not see which one.
    A trigger writes `from_state` and `at`.
    """

    class Reason(models.TextChoices):
        QUALITY = "quality", "answers do not follow the guidelines"
        RULES = "rules", "a rule of working together was broken"
        REQUIREMENTS = "requirements", "what the project requires is not met any more"
        ENOUGH = "enough", "the project needs fewer annotators now"
        ASKED = "asked", "the annotator asked for it"
        OTHER = "other", "another reason, given in words"
        RESUMED = "resumed", "work goes on"
        RESTORED = "restored", "the end was taken back"
        LEFT = "left", "the annotator left"
        REJOINED = "rejoined", "the annotator came back"

    enrollment = tenant_fk("projects_enrollment.Enrollment")
    annotator_id = models.UUIDField()
    by_id = models.UUIDField()
    from_state = models.TextField()
    to_state = models.TextField()
    reason = models.TextField(choices=Reason.choices)
    note = models.CharField(max_length=NOTE_CHARS, blank=True, default="")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["enrollment", "-at"], name="enrollment_change_last")]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="enrollment_change_key"),
            models.CheckConstraint(
                condition=Q(reason__in=STOP_REASONS, to_state__in=["paused", "ended"])
                | Q(reason="resumed", from_state="paused", to_state__in=["active", "calibrating"])
                | Q(reason="restored", from_state="ended", to_state__in=BEFORE_END)
                | Q(reason="left", to_state="ended")
                | Q(reason="rejoined", from_state="ended", to_state="onboarding"),
                name="enrollment_change_reason",
            ),
            models.CheckConstraint(
                condition=~Q(reason__in=OWN_REASONS) | Q(by_id=models.F("annotator_id")),
                name="enrollment_change_own",
            ),
            models.CheckConstraint(
                condition=~Q(reason__in=STOP_REASONS) | Q(note__regex=r".{10}"),
                name="enrollment_change_note",
            ),
            models.CheckConstraint(
                condition=Q(from_state__in=STATES) & ~Q(from_state=models.F("to_state")),
                name="enrollment_change_states",
            ),
            TenantKey(
                name="enrollment_change_enrollment",
                to="projects_enrollment_enrollment",
                columns=("workspace_id", "enrollment_id", "annotator_id"),
                to_columns=("workspace_id", "id", "annotator_id"),
            ),
        ]

    @property
    def is_own(self) -> bool:
        """Whether the annotator changed it."""
        return self.reason in OWN_REASONS


class EnrollmentReply(TenantRow):
    """What an annotator says, once, to a pause or an end of their enrollment that a member decided.

    Members who may edit read it, and staff, who note that they have (`read_at`).
    """

    change = tenant_fk(EnrollmentChange)
    annotator_id = models.UUIDField()
    text = models.CharField(max_length=NOTE_CHARS)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=Q(read_at=None), name="enrollment_reply_unread")
        ]
        constraints = [
            models.UniqueConstraint(fields=["change"], name="enrollment_reply_once"),
            models.CheckConstraint(condition=~Q(text=""), name="enrollment_reply_text"),
            models.CheckConstraint(
                condition=Q(read_at=None, read_by_id=None)
                | Q(read_at__isnull=False, read_by_id__isnull=False),
                name="enrollment_reply_read",
            ),
            TenantKey(name="enrollment_reply_change", to=CHANGE, column="change_id"),
        ]
