"""Enrollment: an annotator in a project. Clearance: the right to lease under one guideline version, in one phase."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from projects.enrollment.states.models import EnrollmentChange as EnrollmentChange
from projects.enrollment.states.models import EnrollmentReply as EnrollmentReply
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey
from rlhfhub.tenancy.models import User

TABLE = "projects_enrollment_enrollment"


class Enrollment(TenantRow):
    """One annotator in one project. The workspace sees only the pseudonym."""

    class State(models.TextChoices):
        APPLIED = "applied"
        ONBOARDING = "onboarding"
        CALIBRATING = "calibrating"
        ACTIVE = "active"
        PAUSED = "paused"
        ENDED = "ended"

    project = tenant_fk("projects_plan.Project")
    annotator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    pseudonym = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=State.choices)
    # The content that the annotator agreed to see in this project although they avoid it elsewhere.
    agreed_content = ArrayField(models.CharField(max_length=10), db_default=[])
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="enrollment_key"),
            models.UniqueConstraint(
                fields=["workspace", "id", "annotator"], name="enrollment_annotator_key"
            ),
            models.UniqueConstraint(fields=["project", "annotator"], name="enrollment_once"),
            models.UniqueConstraint(
                fields=["project", "pseudonym"], name="enrollment_pseudonym_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["applied", "onboarding", "calibrating", "active", "paused", "ended"]
                ),
                name="enrollment_state",
            ),
            TenantKey(name="enrollment_project", to="projects_plan_project", column="project_id"),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class GuidelineAcceptance(TenantRow):
    """The fact that an annotator accepted a guideline version, and when.

    `attested_at` is when they attested that they write their texts themselves; null if they did not. A trigger requires
    it where the project asks for written text and allows no machine-written text. If the project began to do so later,
    no lease is made until they have attested.
    """

    enrollment = tenant_fk(Enrollment)
    guideline_version = tenant_fk("projects_plan.GuidelineVersion")
    accepted_at = models.DateTimeField(db_default=Now(), editable=False)
    attested_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "guideline_version"], name="acceptance_once"
            ),
            TenantKey(name="acceptance_enrollment", to=TABLE, column="enrollment_id"),
            TenantKey(
                name="acceptance_guideline",
                to="projects_plan_guidelineversion",
                column="guideline_version_id",
            ),
        ]


class Clearance(TenantRow):
    """The right to lease in batches of one phase under one guideline version. A lease has a foreign key to it.

    In the calibration phase it is for one `batch`: that of the annotator's running attempt. It is null while none runs.
    Only the database's functions clear for calibration, or for main work where the project asks for calibration; an
    annotator can carry a clearance over to a minor version.
    """

    enrollment = tenant_fk(Enrollment)
    guideline_version = tenant_fk("projects_plan.GuidelineVersion")
    phase = models.CharField(max_length=11, default="main")
    batch = tenant_fk("projects_items.Batch", null=True)
    cleared_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "guideline_version", "phase"], name="clearance_once"
            ),
            models.CheckConstraint(
                condition=Q(phase__in=["calibration", "main"]), name="clearance_phase"
            ),
            models.CheckConstraint(
                condition=Q(phase="calibration") | Q(batch=None), name="clearance_batch_phase"
            ),
            TenantKey(name="clearance_batch", to="projects_items_batch", column="batch_id"),
            TenantKey(name="clearance_enrollment", to=TABLE, column="enrollment_id"),
            TenantKey(
                name="clearance_guideline",
                to="projects_plan_guidelineversion",
                column="guideline_version_id",
            ),
        ]


class Eligibility(TenantRow):
    """The fact that an annotator met what their project asks for when that was last checked. Holds until `expires_at`.

    It is for the requirement and the terms named here. A lease in a project that pays or asks for something needs it,
    and its trigger refuses one that is for another requirement or older terms. A trigger lets nobody write a row that
    the profile does not bear out, and another deletes a person's rows when their profile changes.
    """

    enrollment = tenant_fk(Enrollment)
    annotator_id = models.UUIDField()
    requirement = tenant_fk("projects_plan.Requirement", null=True)
    acceptance_id = models.UUIDField(null=True)
    terms_number = models.PositiveSmallIntegerField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "eligibilities"
        indexes = [models.Index(fields=["annotator_id"], name="eligibility_by_annotator")]
        constraints = [
            models.UniqueConstraint(fields=["enrollment"], name="eligibility_once"),
            TenantKey(
                name="eligibility_enrollment",
                to=TABLE,
                columns=("workspace_id", "enrollment_id", "annotator_id"),
                to_columns=("workspace_id", "id", "annotator_id"),
            ),
            TenantKey(
                name="eligibility_requirement",
                to="projects_plan_requirement",
                column="requirement_id",
            ),
            TenantKey(
                name="eligibility_acceptance",
                to="annotators_profiles_acceptance",
                columns=("annotator_id", "acceptance_id"),
                to_columns=("user_id", "id"),
            ),
        ]


class Example(TenantRow):
    """An item that a project shows to everybody who may join it, before they do. A project has up to three.

    A trigger refuses an item of a pool and one with a known right answer, and removes an example that gets one.
    """

    project = tenant_fk("projects_plan.Project")
    number = models.PositiveSmallIntegerField()
    item = tenant_fk("projects_items.Item")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="example_number_once"),
            models.UniqueConstraint(fields=["project", "item"], name="example_item_once"),
            models.CheckConstraint(condition=Q(number__range=(1, 3)), name="example_number"),
            TenantKey(name="example_project", to="projects_plan_project", column="project_id"),
            TenantKey(name="example_item", to="projects_items_item", column="item_id"),
        ]
