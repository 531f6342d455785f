"""Projects and guideline versions in the staff's admin, read-only."""

from django.contrib import admin

from projects.plan.models import GuidelineVersion, Project
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Project, site=site)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "workspace",
        "access",
        "status",
        "price_minor",
        "currency",
        "overlap",
        "created_at",
    )
    list_filter = ("access", "status")
    list_select_related = ("workspace",)
    search_fields = ("name__istartswith", "workspace__slug__startswith")
    ordering = ("-created_at",)


@admin.register(GuidelineVersion, site=site)
class GuidelineVersionAdmin(ReadOnlyAdmin):
    list_display = ("project", "number", "change", "workspace", "created_at", "published_at")
    list_select_related = ("workspace", "project")
    search_fields = ("project__name__istartswith", "workspace__slug__startswith")
    ordering = ("-created_at",)
    unlisted = ("text", "rules")
