"""The page of a project's listing: what the project asks of annotators, and the items it shows before they join."""

import uuid
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from projects.enrollment import examples
from projects.enrollment.eligibility import asked_of
from projects.enrollment.listing_forms import ExampleForm, RequirementForm
from projects.enrollment.models import Example
from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.plan.requirements import set_requirement
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import form_page, go, named_id, refusals_on


@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def project_listing(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show what annotators are told and asked before they join. A member who may edit changes it (POST)."""
    context = project_context(request, project_id, "listing")
    project: Project = context["project"]
    action = request.POST.get("action")
    asks = RequirementForm(request.POST if action == "asks" else None, project=project)
    adds = ExampleForm(request.POST if action == "add" else None)
    if request.method == "POST":
        if not request.member.may(Capability.EDIT):
            raise PermissionDenied
        if _ACTIONS.get(action, _remove)(request, project, asks if action == "asks" else adds):
            return go(
                request,
                reverse("project_listing", args=[request.member.workspace.slug, project_id]),
            )
    context |= {
        "form": asks,
        "example_form": adds,
        "examples": examples.of_project(project),
        "asked": asked_of(project),
        "most": examples.MOST,
    }
    return form_page(
        request,
        "projects/enrollment/project_listing.html",
        adds if action == "add" else asks,
        context,
    )


def _ask(request: MemberRequest, project: Project, form: forms.Form) -> bool:
    if form.is_valid():
        with refusals_on(form):
            set_requirement(project=project, actor_id=request.member.user.pk, **form.cleaned_data)
            messages.success(request, "Saved. It holds from each annotator’s next item on.")
    return form.is_valid()


def _add(request: MemberRequest, project: Project, form: forms.Form) -> bool:
    if form.is_valid():
        with refusals_on(form):
            examples.add(project=project, actor_id=request.member.user.pk, **form.cleaned_data)
            messages.success(request, "The item is shown to everybody who may join.")
    return form.is_valid()


def _remove(request: MemberRequest, project: Project, form: forms.Form) -> bool:
    rows = Example.objects.filter(project=project)
    example: Example = get_object_or_404(rows, pk=named_id(request.POST.get("example")))
    examples.remove(example=example, actor_id=request.member.user.pk)
    messages.success(request, "The item is not shown any more.")
    return True


_ACTIONS: dict[str | None, Callable[[MemberRequest, Project, forms.Form], bool]] = {
    "asks": _ask,
    "add": _add,
    "remove": _remove,
}
