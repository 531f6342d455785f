"""Decisions, appeals, bulk accepts and sample checks in the staff's admin. Staff decide appeals here, and say whether
more may be rejected.
"""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from projects.items.models import Batch
from projects.review import case
from projects.review.bulk.admin import BulkAcceptAdmin as BulkAcceptAdmin
from projects.review.models import Appeal, Decision, RejectLimit, Source
from projects.review.samples.admin import SampleCheckAdmin as SampleCheckAdmin
from projects.review.services import appeals
from projects.review.services.appeals import STATEMENT_CHARS
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, Waiting, site
from rlhfhub.web.numbers import WholeNumberField
from rlhfhub.web.pages import refusals_on


@admin.register(Decision, site=site)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("decided_at", "workspace", "verdict", "by", "reviewer_id", "annotation_id")
    list_select_related = ("workspace",)
    search_fields = ("annotation_id__exact",)
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER


class AppealForm(forms.Form):
    """Why the appeal ends as it does. Both sides read it."""

    note = forms.CharField(
        label="Why", max_length=STATEMENT_CHARS, widget=UnfoldAdminTextareaWidget
    )


class LimitForm(AppealForm):
    """How many more answers of the batch may be rejected, and why."""

    more = WholeNumberField(
        label="More rejections", min_value=1, max_value=10_000, widget=UnfoldAdminIntegerFieldWidget
    )


class OpenFilter(admin.SimpleListFilter):
    """Appeals that wait for a decision, or have one."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waits", "waits"), ("decided", "decided")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appeal]) -> QuerySet[Appeal]:
        if self.value() is None:
            return queryset
        ended = Decision.objects.filter(annotation=OuterRef("annotation"), stage=2)
        return queryset.filter(Exists(ended) if self.value() == "decided" else ~Exists(ended))


def _is_answered(request: HttpRequest, form: forms.Form) -> bool:
    """Whether exactly one of the two answers was given; else the form says so."""
    if ("broken" in request.POST) == ("followed" in request.POST):
        form.add_error(None, "Say whether the rule was followed or broken.")
        return False
    return True


def _person(request: HttpRequest) -> uuid.UUID:
    if request.user.pk is None:
        raise PermissionDenied
    return request.user.pk


@admin.register(Appeal, site=site)
class AppealAdmin(ReadOnlyAdmin):
    list_display = ("appealed_at", "decide_by", "workspace", "state", "left_to_staff")
    list_filter = (OpenFilter,)
    list_select_related = ("workspace",)
    actions_detail = ("decide",)
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appeal]:
        ends = Decision.objects.filter(annotation=OuterRef("annotation"), stage=2)
        return super().get_queryset(request).annotate(verdict=Subquery(ends.values("verdict")))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Appeals that wait come first; `ordering` may name fields of the model alone."""
        return [F("verdict").asc(nulls_first=True), "decide_by"]

    @admin.display(description="State")
    def state(self, appeal: Appeal) -> str:
        return getattr(appeal, "verdict", None) or "waits"

    @action(description="Read the case and decide", url_path="decide")
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the item, the answer, the cited rule and both statements; POST decides whether the rule was broken."""
        found = case.of_appeal(object_id)
        if found is None:
            raise Http404
        form = AppealForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _is_answered(request, form):
            with refusals_on(form):
                appeals.decide(
                    annotation_id=found.annotation_id,
                    broken="broken" in request.POST,
                    note=form.cleaned_data["note"],
                    decider_id=_person(request),
                )
            if form.is_valid():
                messages.success(request, "Decided. Both sides are told.")
                to = reverse("admin:projects_review_appeal_changelist")
                return HttpResponseRedirect(to)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "An appeal",
            "case": found,
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "projects/review/appeal.html", context, status=status)


@admin.register(RejectLimit, site=site)
class RejectLimitAdmin(ReadOnlyAdmin):
    list_display = ("stopped_at", "workspace", "batch", "rejected", "allowed")
    list_filter = (("stopped_at", admin.EmptyFieldListFilter),)
    list_select_related = ("workspace", "batch")
    ordering = ("-stopped_at",)
    actions_detail = ("allow",)
    show_facets = admin.ShowFacets.NEVER

    @action(description="Allow more rejections", url_path="allow")
    def allow(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show how many answers of the batch were rejected; POST lets the workspace reject more."""
        try:
            row = RejectLimit.objects.select_related("workspace", "batch").get(pk=object_id)
        except (RejectLimit.DoesNotExist, ValidationError) as error:
            raise Http404 from error
        form = LimitForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            with refusals_on(form):
                appeals.allow_more(limit_id=row.pk, staff_id=_person(request), **form.cleaned_data)
            if form.is_valid():
                messages.success(request, "They may reject more.")
                to = reverse("admin:projects_review_rejectlimit_changelist")
                return HttpResponseRedirect(to)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Rejections of a batch",
            "limit": row,
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "projects/review/limit.html", context, status=status)


def _open_appeals() -> Waiting:
    """The appeals that nobody decided yet, and that no annotator is asked to decide now."""
    ended = Decision.objects.filter(annotation=OuterRef("annotation"), stage=2)
    path = reverse("admin:projects_review_appeal_changelist")
    asked = Source.objects.filter(
        annotation_id=OuterRef("annotation_id"),
        purpose=Source.Purpose.APPEAL,
        item__batch__status=Batch.Status.OPEN,
    )
    count = Appeal.objects.filter(~Exists(ended), ~Exists(asked)).count()
    return Waiting("Appeals without a decision", count, f"{path}?state=waits")


def _stopped_limits() -> Waiting:
    """The batches of which no more answers may be rejected until staff looked."""
    path = reverse("admin:projects_review_rejectlimit_changelist")
    count = RejectLimit.objects.filter(stopped_at__isnull=False).count()
    return Waiting("Batches with stopped rejections", count, f"{path}?stopped_at__isempty=0")


def _appeals(most: int) -> list[Need]:
    ended = Decision.objects.filter(annotation=OuterRef("annotation"), stage=2)
    rows = Appeal.objects.filter(~Exists(ended)).select_related("workspace").order_by("appealed_at")
    return [
        Need(
            kind="Appeal",
            words=_about(row),
            workspace=row.workspace.name,
            since=row.appealed_at,
            due_at=row.decide_by,
            path=reverse("admin:projects_review_appeal_decide", args=[row.pk]),
        )
        for row in rows[:most]
    ]


def _about(row: Appeal) -> str:
    """Why no annotator can be asked, if that is so, and the beginning of the statement."""
    because = f"{row.left_to_staff} The annotator says: " if row.left_to_staff else ""
    return because + row.statement[:120]


def _limits(most: int) -> list[Need]:
    rows = RejectLimit.objects.filter(stopped_at__isnull=False)
    rows = rows.select_related("workspace", "batch").order_by("stopped_at")
    return [
        Need(
            kind="Stopped rejections",
            words=f"{row.batch}: {row.rejected} of {row.allowed} rejections used",
            workspace=row.workspace.name,
            since=row.stopped_at,
            due_at=None,
            path=reverse("admin:projects_review_rejectlimit_allow", args=[row.pk]),
        )
        for row in rows[:most]
        if row.stopped_at
    ]


site.ask(_appeals)
site.ask(_limits)
site.count(_open_appeals)
site.count(_stopped_limits)
