"""Project, Form and GuidelineVersion: who is asked which questions, at what price and under which guidelines."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey
from rlhfhub.tenancy.models import User

TABLE = "projects_plan_project"


class Project(TenantRow):
    """One collection job. The price is per annotation, in minor units of the workspace's currency.

    Its price is that of its newest `PriceVersion`.
    `metadata_keys` are the metadata keys by whose values the project's items can be searched. `programs` is whether
    annotators may answer by program, with a token. `on_alarm` is what an alert about an annotator's accuracy does.
    `machine_text` is whether they may let a machine write their texts; where it is forbidden, they attest that they
    write themselves when they accept the guidelines. `taste_questions` names the questions on which people may differ
    without one of them being wrong; any other question has a right answer, so more agreement is asked for.
    `requirement` is what the project asks of annotators now; null: nothing.

    A project of another `purpose` than work has items that are answers of other projects: a review judges answers of
    its `parent`, and an appeal those of any workspace. Nobody judges an answer of their own there.

    Where `calibration` is required, annotators must pass a calibration round before they work on the project's data;
    `calibration_since` is when the project began to ask for it. Who passed is asked again `recalibrate_days` after
    that; null: never.
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        ARCHIVED = "archived"

    class Access(models.TextChoices):
        MEMBERS = "members", "Our own members, unpaid"
        MARKET = "market", "Annotators of the market, paid"

    class Calibration(models.TextChoices):
        NONE = "none", "Not asked for"
        REQUIRED = "required", "Required before work on the data"

    class OnAlarm(models.TextChoices):
        OFF = "off", "nothing: a person decides"
        SUGGEST = "suggest", "suggests a recalibration to the person who decides"
        SWAP = "swap", "replaces main work by a paid recalibration at once, until a person decides"

    class MachineText(models.TextChoices):
        FORBIDDEN = "forbidden", "Not allowed"
        ALLOWED = "allowed", "Allowed"

    class Purpose(models.TextChoices):
        WORK = "work"
        REVIEW = "review"
        APPEAL = "appeal"

    name = models.CharField(max_length=120)
    purpose = models.TextField(choices=Purpose.choices, db_default=Purpose.WORK)
    parent = tenant_fk("self", null=True)
    template = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    access = models.CharField(max_length=10, choices=Access.choices)
    price_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    overlap = models.PositiveSmallIntegerField(default=3)
    lease_minutes = models.PositiveSmallIntegerField(default=30)
    auto_accept_hours = models.PositiveSmallIntegerField(default=72)
    estimated_seconds = models.PositiveIntegerField(default=60)
    metadata_keys = ArrayField(models.CharField(max_length=60), default=list)
    calibration = models.CharField(
        max_length=8, choices=Calibration.choices, db_default=Calibration.NONE
    )
    calibration_since = models.DateTimeField(null=True)
    recalibrate_days = models.PositiveSmallIntegerField(null=True)
    programs = models.BooleanField(default=False)
    on_alarm = models.TextField(choices=OnAlarm.choices, default=OnAlarm.SUGGEST)
    machine_text = models.TextField(choices=MachineText.choices, default=MachineText.FORBIDDEN)
    taste_questions = ArrayField(models.CharField(max_length=40), default=list)
    form = tenant_fk("projects_plan.Form", null=True)
    guideline_version = tenant_fk("projects_plan.GuidelineVersion", null=True)
    requirement = tenant_fk("projects_plan.Requirement", null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="project_by_workspace"),
            models.Index(
                fields=["parent"], condition=Q(parent__isnull=False), name="project_by_parent"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="project_key"),
            models.CheckConstraint(
                condition=Q(overlap__gte=1, overlap__lte=50), name="project_overlap"
            ),
            models.CheckConstraint(
                condition=Q(lease_minutes__gte=1, lease_minutes__lte=1440), name="project_lease"
            ),
            models.CheckConstraint(
                condition=Q(auto_accept_hours__gte=1, auto_accept_hours__lte=168),
                name="project_auto_accept",
            ),
            models.CheckConstraint(
                condition=Q(metadata_keys__len__lte=8), name="project_metadata_keys"
            ),
            models.CheckConstraint(
                condition=Q(calibration="none", calibration_since=None)
                | Q(calibration="required", calibration_since__isnull=False),
                name="project_calibration",
            ),
            models.CheckConstraint(
                condition=Q(recalibrate_days=None) | Q(recalibrate_days__range=(1, 365)),
                name="project_recalibrate_days",
            ),
            models.CheckConstraint(
                condition=Q(on_alarm__in=["off", "suggest", "swap"]), name="project_on_alarm"
            ),
            models.CheckConstraint(
                condition=Q(machine_text__in=["forbidden", "allowed"]), name="project_machine_text"
            ),
            models.CheckConstraint(
                condition=Q(purpose="review", parent__isnull=False)
                | Q(purpose__in=["work", "appeal"], parent=None),
                name="project_parent_of_review",
            ),
            models.UniqueConstraint(
                fields=["parent", "access", "price_minor"],
                condition=Q(parent__isnull=False, status="active"),
                name="project_review_once",
            ),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(purpose="appeal", status="active"),
                name="project_appeals_once",
            ),
            # Members work unpaid: nobody is paid by a workspace they are a member of (M10).
            models.CheckConstraint(
                condition=Q(access="market") | Q(price_minor=0), name="project_members_unpaid"
            ),
            TenantKey(name="project_form", to="projects_plan_form", column="form_id"),
            TenantKey(name="project_parent", to=TABLE, column="parent_id"),
            TenantKey(
                name="project_guideline",
                to="projects_plan_guidelineversion",
                column="guideline_version_id",
            ),
            TenantKey(
                name="project_requirement",
                to="projects_plan_requirement",
                column="requirement_id",
            ),
            TenantKey(
                name="project_workspace",
                to="rlhfhub_tenancy_workspace",
                columns=("workspace_id",),
                to_columns=("id",),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PriceVersion(TenantRow):
    """A price of a project's answers. Batches that are funded after it was set pay it. It cannot be changed.

    The database makes the first one with the project. `because` is what annotators are told.
    """

    project = tenant_fk(Project)
    number = models.PositiveIntegerField()
    price_minor = models.PositiveBigIntegerField()
    because = models.CharField(max_length=500, blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="price_version_once"),
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="price_version_pays"),
            TenantKey(name="price_version_project", to=TABLE, column="project_id"),
        ]


class Form(TenantRow):
    """The questions asked about each item. A version cannot be changed. `asks_text`: one is answered in writing."""

    project = tenant_fk(Project)
    version = models.PositiveIntegerField()
    questions = models.JSONField()
    asks_text = models.BooleanField(db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="form_key"),
            models.UniqueConstraint(fields=["project", "version"], name="form_version_once"),
            TenantKey(name="form_project", to=TABLE, column="project_id"),
        ]

    def __str__(self) -> str:
        return f"Form {self.version}"


class GuidelineVersion(TenantRow):
    """A text that annotators accept. It cannot be changed once published; a major version must be accepted again.

    `reading_minor` is what an annotator gets for reading it, and `rereading_minor` what one gets who accepted the
    version before: both are set when it is published, 0 where nothing is paid.
    """

    class Change(models.TextChoices):
        MAJOR = "major"
        MINOR = "minor"

    project = tenant_fk(Project)
    number = models.PositiveIntegerField()
    change = models.CharField(max_length=5, choices=Change.choices)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    # The headings of the text in order, each {"id": "R3", "title": "…", "level": 2}. Ids are kept across versions.
    rules = models.JSONField(default=list)
    reading_minor = models.PositiveBigIntegerField(db_default=0)
    rereading_minor = models.PositiveBigIntegerField(db_default=0)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rereading_minor__lte=F("reading_minor"))
                & (Q(published_at__isnull=False) | Q(reading_minor=0)),
                name="guideline_reading",
            ),
            models.UniqueConstraint(fields=["workspace", "id"], name="guideline_key"),
            models.UniqueConstraint(fields=["project", "number"], name="guideline_number_once"),
            TenantKey(name="guideline_project", to=TABLE, column="project_id"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"


class Requirement(TenantRow):
    """What a project asks of its annotators, and which content it contains. A version cannot be changed.

    An annotator needs `all` or `any` of the languages (BCP 47), and likewise of the domains. `content` names what not
    everybody wants to see.
    """

    class Need(models.TextChoices):
        ALL = "all", "All of them"
        ANY = "any", "Any of them"

    project = tenant_fk(Project)
    number = models.PositiveIntegerField()
    languages = ArrayField(models.CharField(max_length=8), default=list)
    languages_need = models.CharField(max_length=3, choices=Need.choices, default=Need.ALL)
    domains = ArrayField(models.CharField(max_length=40), default=list)
    domains_need = models.CharField(max_length=3, choices=Need.choices, default=Need.ALL)
    content = ArrayField(models.CharField(max_length=10), default=list)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="requirement_key"),
            models.UniqueConstraint(fields=["project", "number"], name="requirement_number_once"),
            models.CheckConstraint(
                condition=Q(languages_need__in=["all", "any"], domains_need__in=["all", "any"])
                & Q(languages__len__lte=20, domains__len__lte=20, content__len__lte=20),
                name="requirement_lists",
            ),
            TenantKey(name="requirement_project", to=TABLE, column="project_id"),
        ]

    def __str__(self) -> str:
        return f"Requirement {self.number}"
