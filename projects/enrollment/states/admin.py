"""Changes of enrollments and replies in the staff's admin. Staff note that they have read a reply."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from projects.enrollment.models import EnrollmentChange, EnrollmentReply
from projects.enrollment.states import selectors
from projects.enrollment.states.replies import mark_read
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, Waiting, site


@admin.register(EnrollmentChange, site=site)
class EnrollmentChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "workspace", "enrollment", "from_state", "to_state", "reason", "note")
    list_filter = ("to_state", "reason")
    list_select_related = ("workspace", "enrollment")
    search_fields = ("workspace__slug__startswith",)
    ordering = ("-at", "pk")
    show_facets = admin.ShowFacets.NEVER


@admin.register(EnrollmentReply, site=site)
class EnrollmentReplyAdmin(ReadOnlyAdmin):
    """What annotators said to the pause or the end of their enrollments; those not read come first."""

    list_display = ("at", "workspace", "change", "text", "read_at")
    list_filter = (("read_at", admin.EmptyFieldListFilter),)
    list_select_related = ("workspace", "change")
    ordering = ("-at", "pk")
    actions_detail = ("decide",)
    show_facets = admin.ShowFacets.NEVER

    @action(description="Read it beside what the workspace wrote", url_path="decide")
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a reply with the history of its enrollment; POST notes that staff have read it."""
        reply = _reply(object_id)
        if request.method == "POST":
            mark_read(reply=reply, staff_id=_person(request))
            messages.success(request, "Noted as read.")
            return HttpResponseRedirect(reverse("admin:queue"))
        enrollment = reply.change.enrollment
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "An annotator’s reply",
            "reply": reply,
            "enrollment": enrollment,
            "changes": selectors.changes_of(enrollment, for_members=True),
        }
        return TemplateResponse(request, "projects/enrollment/reply.html", context)


def _reply(object_id: str) -> EnrollmentReply:
    rows = EnrollmentReply.objects.select_related(
        "workspace", "change__enrollment__project", "change__enrollment__annotator"
    )
    try:
        found: EnrollmentReply = rows.get(pk=object_id)
    except (EnrollmentReply.DoesNotExist, ValidationError) as error:
        raise Http404 from error
    return found


def _person(request: HttpRequest) -> uuid.UUID:
    if request.user.pk is None:
        raise PermissionDenied
    return request.user.pk


def _unread() -> Waiting:
    """The replies that nobody of the staff has read."""
    path = reverse("admin:projects_enrollment_enrollmentreply_changelist")
    count = EnrollmentReply.objects.filter(read_at=None).count()
    return Waiting("Replies of paused annotators", count, f"{path}?read_at__isempty=1")


def _needs(most: int) -> list[Need]:
    rows = EnrollmentReply.objects.filter(read_at=None).select_related(
        "workspace", "change__enrollment"
    )
    return [
        Need(
            kind="Reply to a pause or an end",
            words=f"{row.change.enrollment.pseudonym}: {row.text[:120]}",
            workspace=row.workspace.name,
            since=row.at,
            due_at=None,
            path=reverse("admin:projects_enrollment_enrollmentreply_decide", args=[row.pk]),
        )
        for row in rows.order_by("at")[:most]
    ]


site.count(_unread)
site.ask(_needs)
