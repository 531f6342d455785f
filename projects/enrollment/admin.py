"""Enrollments in the staff's admin, read-only, with those whose annotators may be one person."""

from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from projects.enrollment.models import Enrollment
from projects.enrollment.pairs_admin import AccountPairAdmin as AccountPairAdmin
from projects.enrollment.states.admin import EnrollmentReplyAdmin as EnrollmentReplyAdmin
from rlhfhub.tenancy.devices import LINKED_DAYS
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site

# The pseudonyms of others in the same project who used a device of this annotator's, within `LINKED_DAYS` days.
_LINKED = f"""
    SELECT array_agg(DISTINCT e.pseudonym::text)
    FROM rlhfhub_tenancy_deviceuse mine
    JOIN rlhfhub_tenancy_deviceuse theirs ON theirs.device_sha256 = mine.device_sha256
        AND theirs.last_at >= mine.first_at - interval '{LINKED_DAYS} days'
        AND theirs.first_at <= mine.last_at + interval '{LINKED_DAYS} days'
    JOIN projects_enrollment_enrollment e ON e.annotator_id = theirs.user_id
        AND e.project_id = projects_enrollment_enrollment.project_id AND e.id <> projects_enrollment_enrollment.id
    WHERE mine.user_id = projects_enrollment_enrollment.annotator_id
"""  # noqa: S608  constants only


class _Linked(admin.SimpleListFilter):
    title, parameter_name = "shares a device in the project", "linked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "with another annotator")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
        wanted: dict[str, Any] = {"linked__isnull": False} if self.value() == "yes" else {}
        return rows.filter(**wanted)


@admin.register(Enrollment, site=site)
class EnrollmentAdmin(ReadOnlyAdmin):
    list_display = (
        *("pseudonym", "annotator", "project", "workspace", "state", "linked_with", "created_at"),
    )
    list_filter = ("state", _Linked)
    list_select_related = ("annotator", "project", "workspace")
    search_fields = (
        "pseudonym__startswith",
        "annotator__email__istartswith",
        "workspace__slug__startswith",
    )
    ordering = ("-created_at",)
    readonly_fields = ("linked_with",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrollment]:
        names = ArrayField(TextField())
        rows: QuerySet[Enrollment] = super().get_queryset(request)
        return rows.annotate(linked=RawSQL(_LINKED, [], output_field=names))  # noqa: S611  constants only

    @admin.display(description="Shares a device with")
    def linked_with(self, enrollment: Enrollment) -> str:
        """Return the pseudonyms of others in the project who used the same device: they could agree with each other."""
        return ", ".join(enrollment.linked or ())  # type: ignore[attr-defined]  # annotated
