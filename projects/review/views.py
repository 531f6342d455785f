"""The review pages: the queue of undecided answers, one answer by itself, and the rejections."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.review import decided, selectors
from projects.review.forms import RejectForm, ReturnForm
from projects.review.record import selectors as record
from projects.review.services import accepting, rejecting, returning
from projects.work.models import Annotation
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.costly import remembered
from rlhfhub.web.listing import cursor_of, cut, listed
from rlhfhub.web.pages import Page, go, refusals_as_messages, refusals_on
from rlhfhub.web.queries import takes

FLAGGED = 10


@takes("cursor", "flagged")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def review(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show the queue of undecided answers, those with flags first.

    POST accepts the ticked ones, for members who may review.
    """
    context = project_context(request, project_id, "review")
    if request.method == "POST":
        if not request.member.may(Capability.REVIEW):
            raise PermissionDenied
        _accept(
            request, selectors.of_project(context["project"], request.POST.getlist("annotation"))
        )
        return go(request, reverse("review", args=[request.member.workspace.slug, project_id]))
    project, reader = context["project"], request.member.user.pk
    found = selectors.waiting(project, cursor_of(request))
    listing = cut(found, request, key=lambda annotation: annotation.pk, size=selectors.PAGE)
    flagged = listed(
        selectors.flagged(project), request, "-flag_weight", "id", size=FLAGGED, name="flagged"
    )
    shown = selectors.shown([*flagged.rows, *listing.rows], reader)
    context |= {
        "annotations": shown[len(flagged.rows) :],
        "listing": listing,
        "flagged": shown[: len(flagged.rows)],
        "flagged_listing": flagged,
    }
    return Page(request, "projects/review/review.html", context)


@require_GET
@workspace_view(Capability.VIEW)
def review_one(
    request: MemberRequest, project_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Show one answer with its whole texts, and what was decided on it; the queue shortens long ones."""
    return _show_one(request, project_id, annotation_id)


@require_POST
@workspace_view(Capability.REVIEW)
def review_return(
    request: MemberRequest, project_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Send an answer back to its annotator for revision."""
    _found(request, project_id, annotation_id)
    form = ReturnForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            returning.send_back(
                annotation_id=annotation_id,
                reviewer_id=request.member.user.pk,
                **form.cleaned_data,
            )
    if not form.is_valid():
        return _show_one(request, project_id, annotation_id, status=422, return_form=form)
    messages.success(request, "Sent back. The annotator has 72 hours to revise the answer.")
    return go(request, reverse("review", args=[request.member.workspace.slug, project_id]))


@require_POST
@workspace_view(Capability.REVIEW)
def review_reject(
    request: MemberRequest, project_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Reject an answer for a rule that it broke."""
    row = _found(request, project_id, annotation_id)
    form = RejectForm(request.POST, rules=row.guideline_version.rules)
    if form.is_valid():
        with refusals_on(form):
            rejecting.reject(
                annotation_id=annotation_id,
                reviewer_id=request.member.user.pk,
                **form.cleaned_data,
            )
    if not form.is_valid():
        return _show_one(request, project_id, annotation_id, status=422, reject_form=form)
    held = " Until then the pay is on hold." if row.price_minor else ""
    words = f"Rejected. The annotator may appeal for seven days.{held}"
    messages.success(request, words)
    return go(request, reverse("review", args=[request.member.workspace.slug, project_id]))


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


def _found(request: MemberRequest, project_id: uuid.UUID, annotation_id: uuid.UUID) -> Annotation:
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
    context = project_context(request, project_id, "review")
    found = selectors.one(context["project"], annotation_id)
    if found is None:
        raise Http404
    [row] = selectors.shown([found], request.member.user.pk, whole=True)
    rejection, back = decided.of_annotation(found)
    context |= {
        "row": row,
        "rejection": rejection,
        "back": back,
        "return_form": ReturnForm(),
        "reject_form": RejectForm(rules=found.guideline_version.rules),
        **forms,
    }
    return Page(request, "projects/review/review_one.html", context, status=status)


def _accept(request: MemberRequest, ids: list[uuid.UUID]) -> None:
    if not ids:
        messages.warning(request, "No answer is ticked. Tick the answers first, then accept them.")
        return
    with refusals_as_messages(request):
        done = accepting.accept(annotation_ids=ids, reviewer_id=request.member.user.pk)
        left = (
            f"; {len(ids) - done} could not be: decided already, or sent back"
            if done < len(ids)
            else ""
        )
        messages.success(request, f"{done} accepted{left}.")
