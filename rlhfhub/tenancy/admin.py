"""People and workspaces in the staff's admin. No hash of a secret is shown."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from rlhfhub.ground.moments import day_words
from rlhfhub.tenancy import clock
from rlhfhub.tenancy.devices import linked
from rlhfhub.tenancy.models import (
    ApiKey,
    AuditEntry,
    DeviceUse,
    Invitation,
    Membership,
    User,
    Workspace,
)
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(User, site=site)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email__istartswith",)
    ordering = ("-date_joined",)
    fields = ("email", "name", "is_active", "is_staff", "date_joined", "last_login")


class _Used(admin.SimpleListFilter):
    title, parameter_name = "last used", "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("7", "in the last 7 days"), ("30", "30 days"), ("90", "90 days")]

    def queryset(self, request: HttpRequest, rows: QuerySet[DeviceUse]) -> QuerySet[DeviceUse]:
        if self.value() not in ("7", "30", "90"):
            return rows
        return rows.filter(last_at__gte=clock.now() - timedelta(days=int(self.value() or 0)))


class _Accounts(admin.SimpleListFilter):
    title, parameter_name = "accounts on the device", "accounts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("2", "two"), ("3", "three or more")]

    def queryset(self, request: HttpRequest, rows: QuerySet[DeviceUse]) -> QuerySet[DeviceUse]:
        wanted: dict[str, Any] = {"2": {"others__len": 1}, "3": {"others__len__gte": 2}}
        return rows.filter(**wanted.get(self.value() or "", {}))


@admin.register(DeviceUse, site=site)
class LinkedAccountAdmin(ReadOnlyAdmin):
    """Accounts that used one device within 90 days of each other: a signal for staff, and no proof of anything."""

    list_display = ("user", "linked_with", "first_at", "last_at", "device")
    list_filter = (_Used, _Accounts)
    list_select_related = ("user",)
    search_fields = ("user__email__istartswith",)
    ordering = ("-last_at", "pk")
    fields = ("user", "linked_with", "first_at", "last_at", "device")
    readonly_fields = ("linked_with", "device")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeviceUse]:
        return linked(super().get_queryset(request))

    @admin.display(description="Used by these accounts too")
    def linked_with(self, use: DeviceUse) -> str:
        others = use.others  # type: ignore[attr-defined]  # annotated
        return "; ".join(
            f"{one['email']}, {_day(one['first'])} to {_day(one['last'])}" for one in others
        )

    @admin.display(description="Device")
    def device(self, use: DeviceUse) -> str:
        return use.device_sha256[:8]


def _day(moment: str) -> str:
    return day_words(datetime.fromisoformat(moment))


@admin.register(Workspace, site=site)
class WorkspaceAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "currency", "created_at")
    search_fields = ("name__istartswith", "slug__startswith")
    ordering = ("-created_at",)


@admin.register(Membership, site=site)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "workspace")
    search_fields = ("user__email__istartswith", "workspace__slug__startswith")
    ordering = ("-created_at",)


@admin.register(Invitation, site=site)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = (
        "email",
        "workspace",
        "role",
        "created_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    )
    list_select_related = ("workspace",)
    search_fields = ("email__istartswith", "workspace__slug__startswith")
    ordering = ("-created_at",)
    exclude = ("token_sha256",)


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "prefix",
        "workspace",
        "scopes",
        "created_at",
        "last_used_at",
        "revoked_at",
    )
    list_select_related = ("workspace",)
    search_fields = ("prefix__startswith", "workspace__slug__startswith")
    ordering = ("-created_at",)
    exclude = ("secret_sha256",)


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "plane", "verb", "subject", "workspace")
    list_filter = ("plane",)
    list_select_related = ("actor", "workspace")
    search_fields = (
        "verb__startswith",
        "subject__startswith",
        "actor__email__istartswith",
        "workspace__slug__startswith",
    )
    ordering = ("-at",)
