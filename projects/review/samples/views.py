"""The pages of sample checks: drawing a sample, its progress, and accepting the rest."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.plan.pages import project_context
from projects.review.bulk.views import words_of
from projects.review.samples import selectors, services
from projects.review.samples.forms import SampleForm
from projects.review.samples.models import SampleCheck
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, refusals_as_messages, refusals_on
from rlhfhub.web.queries import takes


@takes("cursor")
@require_GET
@workspace_view(Capability.VIEW)
def samples(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List a project's sample checks, with the form that draws one."""
    return _list(request, project_id)


@require_POST
@workspace_view(Capability.REVIEW)
def sample_draw(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Draw a sample, and lead to its page."""
    context = project_context(request, project_id, "review")
    form = SampleForm(request.POST, project=context["project"])
    if form.is_valid():
        with refusals_on(form):
            asked = form.cleaned_data
            check = services.draw(
                batch=asked["batch"],
                enrollment=asked["annotator"],
                bound_percent=asked["bound_percent"],
                confidence_percent=asked["confidence_percent"],
                member_id=request.member.user.pk,
            )
            return go(request, _address(request, check))
    return _list(request, project_id, form)


def _list(
    request: MemberRequest, project_id: uuid.UUID, form: SampleForm | None = None
) -> HttpResponse:
    context = project_context(request, project_id, "review")
    context |= {
        "form": form or SampleForm(project=context["project"]),
        "listing": listed(selectors.of_project(context["project"]), request, "-id"),
    }
    status = 422 if form else 200
    return Page(request, "projects/review/samples/samples.html", context, status=status)


@require_GET
@workspace_view(Capability.VIEW)
def sample(request: MemberRequest, project_id: uuid.UUID, sample_id: uuid.UUID) -> HttpResponse:
    """Show how far a check is, and what it says."""
    context, check = _found(request, project_id, sample_id)
    context["progress"] = selectors.progress_of(check, request.member.user.pk)
    return Page(request, "projects/review/samples/sample.html", context)


@require_POST
@workspace_view(Capability.REVIEW)
def sample_more(
    request: MemberRequest, project_id: uuid.UUID, sample_id: uuid.UUID
) -> HttpResponse:
    """Draw more answers into a sample."""
    _, check = _found(request, project_id, sample_id)
    with refusals_as_messages(request):
        drawn = services.draw_more(check=check, member_id=request.member.user.pk)
        messages.success(request, f"{drawn} more drawn.")
    return go(request, _address(request, check))


@require_POST
@workspace_view(Capability.REVIEW)
def sample_accept(
    request: MemberRequest, project_id: uuid.UUID, sample_id: uuid.UUID
) -> HttpResponse:
    """Accept the answers that the sample speaks for, after ten minutes."""
    _, check = _found(request, project_id, sample_id)
    to = _address(request, check)
    with refusals_as_messages(request):
        bulk = services.accept_rest(
            check=check, member_id=request.member.user.pk, anyway="anyway" in request.POST
        )
        messages.success(request, words_of(bulk, bulk.answers))
        to = reverse("review", args=[request.member.workspace.slug, project_id])
    return go(request, to)


def _found(
    request: MemberRequest, project_id: uuid.UUID, sample_id: uuid.UUID
) -> tuple[dict[str, Any], SampleCheck]:
    context = project_context(request, project_id, "review")
    check = selectors.of_project(context["project"]).filter(pk=sample_id).first()
    if check is None:
        raise Http404
    return context, check


def _address(request: MemberRequest, check: SampleCheck) -> str:
    slug = request.member.workspace.slug
    return reverse("sample", args=[slug, check.project_id, check.pk])
