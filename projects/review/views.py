"""The review pages of one answer, which is accepted, sent back or rejected there, and of the rejections."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.review import decided, selectors
from projects.review.children import advice
from projects.review.forms import RejectForm, ReturnForm
from projects.review.queue.pages import after_decision, mark_in_sample, suffix_of, takes_queue
from projects.review.record import selectors as record
from projects.review.services import rejecting, returning
from projects.work.models import Annotation
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.costly import remembered
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, page_or_partial, refusals_on, wants_part
from rlhfhub.web.queries import takes


@takes_queue
@require_GET
@workspace_view(Capability.VIEW)
def review_one(
    request: MemberRequest, project_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Show one answer with its whole texts, and what was decided on it; the queue shortens long ones."""
    return _show_one(request, project_id, annotation_id)


@takes_queue
@require_POST
@workspace_view(Capability.REVIEW)
def review_return(
    request: MemberRequest, project_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Send an answer back to its annotator for revision."""
    row = _found(project_id, annotation_id)
    form = ReturnForm(request.POST, auto_id=f"return_{annotation_id}_%s")
    if form.is_valid():
        with refusals_on(form):
            returning.send_back(
                annotation_id=annotation_id,
                reviewer_id=request.member.user.pk,
                **form.cleaned_data,
            )
            mark_in_sample(request, annotation_id)
    if not form.is_valid():
        return _show_one(request, project_id, annotation_id, status=422, return_form=form)
    words = "Sent back. The annotator has 72 hours to revise the answer."
    return after_decision(request, row.project, row.item_id, words)


@takes_queue
@require_POST
@workspace_view(Capability.REVIEW)
def review_reject(
    request: MemberRequest, project_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Reject an answer for a rule that it broke."""
    row = _found(project_id, annotation_id)
    rules = row.guideline_version.rules
    form = RejectForm(request.POST, rules=rules, auto_id=f"reject_{annotation_id}_%s")
    if form.is_valid():
        with refusals_on(form):
            rejecting.reject(
                annotation_id=annotation_id,
                reviewer_id=request.member.user.pk,
                **form.cleaned_data,
            )
            mark_in_sample(request, annotation_id)
    if not form.is_valid():
        return _show_one(request, project_id, annotation_id, status=422, reject_form=form)
    held = " Until then the pay is on hold." if row.price_minor else ""
    words = f"Rejected. The annotator may appeal for seven days.{held}"
    return after_decision(request, row.project, row.item_id, words)


@takes("cursor")
@require_GET
@workspace_view(Capability.VIEW)
def rejections(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List a project's rejections with their appeals, and how many answers are rejected."""
    context = project_context(request, project_id, "review")
    listing = listed(decided.rejections_of(context["project"]), request, "-id")
    context |= {
        "listing": listing,
        "rejections": decided.shown(listing.rows),
        "record": record.record_of_workspace(),
        "market": record.market(),
        "rates": remembered(f"rates:{project_id}", lambda: decided.rates_of(context["project"])),
    }
    return Page(request, "projects/review/rejections.html", context)


def _found(project_id: uuid.UUID, annotation_id: uuid.UUID) -> Annotation:
    project = get_object_or_404(Project, pk=project_id)
    found = selectors.one(project, annotation_id)
    if found is None:
        raise Http404
    return found


def _show_one(
    request: MemberRequest,
    project_id: uuid.UUID,
    annotation_id: uuid.UUID,
    *,
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    """Show the page of one answer; to htmx only its forms to send it back and to reject it."""
    context = project_context(request, project_id, "review")
    found = selectors.one(context["project"], annotation_id)
    if found is None:
        raise Http404
    rejection, back = decided.of_annotation(found)
    rules = found.guideline_version.rules
    context |= {
        "row": selectors.shown(found, request.member.user.pk),
        "rejection": rejection,
        "back": back,
        "rejections_left": decided.rejections_left(found.batch_id),
        "advice": advice.of_annotation(found),
        "return_form": ReturnForm(auto_id=f"return_{annotation_id}_%s"),
        "reject_form": RejectForm(rules=rules, auto_id=f"reject_{annotation_id}_%s"),
        "suffix": suffix_of(request),
        "inline": wants_part(request),
        **forms,
    }
    page, partial = "projects/review/review_one.html", "projects/review/_refuse.html"
    return page_or_partial(request, page, partial, context, status=status)
