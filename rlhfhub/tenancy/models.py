"""Users and their devices, workspaces, memberships, invitations, API keys and the audit trail."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from rlhfhub.tenancy.base import Row, TenantRow
from rlhfhub.tenancy.fields import DoorField
from rlhfhub.tenancy.roles import Role


class UserManager(BaseUserManager["User"]):
    """Makes users, whose login is their email address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin, Row):
    """A person. Belongs to no workspace; memberships and enrollments say where they are.

    `side` is the side of the site that they used last: their pages and links are those of that side.
    """

    class Side(models.TextChoices):
        WORK = "work", "I want to work"
        GIVE = "give", "I have work to give"

    password = DoorField("password", max_length=128)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(db_default=Now())
    # Whether this person sees texts of models exactly as stored instead of formatted.
    reads_raw = models.BooleanField(default=False, db_default=False)
    # Empty until they chose one, as for somebody who made their account to accept an invitation.
    side = models.CharField(max_length=4, choices=Side.choices, blank=True, db_default="")

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(side__in=["", "work", "give"]), name="user_side"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email


class DeviceUse(Row):
    """The fact that somebody signed in with a device, first and last. Of the device's cookie a digest is stored.

    A scheduled task deletes it `DEVICE_USE_DAYS` days after the last sign-in.
    """

    device_sha256 = models.CharField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = "linked account"
        indexes = [models.Index(fields=["last_at"], name="device_use_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["device_sha256", "user"], name="device_use_once"),
            models.CheckConstraint(
                condition=models.Q(last_at__gte=models.F("first_at")), name="device_use_times"
            ),
        ]


class AccountPair(Row):
    """Two accounts that signed in with one device, and whether staff linked them as one person's.

    A trigger adds it `open` when the second account signs in. Linked accounts never get the same item, and neither
    reviews the other's work, from then on. No rule links anybody, and nothing else follows from it.
    """

    class State(models.TextChoices):
        OPEN = "open"
        LINKED = "linked"
        DISMISSED = "dismissed"

    # `one` is the account with the smaller id.
    one = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()
    note = models.CharField(max_length=2000, default="")
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "pair of accounts"
        indexes = [
            models.Index(
                fields=["found_at"], condition=models.Q(state="open"), name="account_pair_open"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="account_pair_once"),
            models.CheckConstraint(
                condition=models.Q(one__lt=models.F("other")), name="account_pair_order"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_by_id=None, decided_at=None)
                | models.Q(
                    state__in=["linked", "dismissed"],
                    decided_by_id__isnull=False,
                    decided_at__isnull=False,
                    note__regex=r".{10}",
                ),
                name="account_pair_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}"


class Workspace(Row):
    """The tenant: an organization's walled space. Money in it has one currency."""

    slug = models.SlugField(
        max_length=50,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", "lower-case letters, digits and -")],
    )
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, default="USD")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.name


class Membership(TenantRow):
    """A user in a workspace with a role."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role"
            ),
        ]


class Invitation(TenantRow):
    """An invitation of one email address into a workspace. Only its receiver knows the token."""

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            ),
        ]


class ApiKey(TenantRow):
    """An API key of one workspace: for integrators, or (with `annotator`) for one annotator's desk."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10))
    annotator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="apikey_by_workspace")]
        constraints = [
            # A key has the scope `desk`, and no other, exactly if it belongs to an annotator.
            models.CheckConstraint(
                condition=models.Q(annotator__isnull=False, scopes=["desk"])
                | (models.Q(annotator__isnull=True) & ~models.Q(scopes__contains=["desk"])),
                name="apikey_desk_is_annotators",
            ),
            # An annotator makes their own key, so that nobody else knows its secret and works in their name.
            models.CheckConstraint(
                condition=models.Q(annotator__isnull=True)
                | models.Q(annotator=models.F("created_by")),
                name="apikey_desk_is_made_by_them",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AuditEntry(Row):
    """An entry of who did what; append-only. `workspace` is null for what concerns the whole site."""

    workspace = models.ForeignKey(
        Workspace,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    actor = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    plane = models.CharField(max_length=10)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    # Not `db_default`: Django would read the value back, and most planes may only insert here.
    at = models.DateTimeField(default=Now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-at"], name="audit_by_workspace")]
