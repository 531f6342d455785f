"""People and workspaces in the staff's admin. No hash of a secret is shown."""

from django.contrib import admin

from rlhfhub.tenancy.models import ApiKey, AuditEntry, Invitation, Membership, User, Workspace
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(User, site=site)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email__istartswith",)
    ordering = ("-date_joined",)
    fields = ("email", "name", "is_active", "is_staff", "date_joined", "last_login")


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
