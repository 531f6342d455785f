"""The review pages: the queue of undecided answers, and one answer by itself."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from projects.plan.pages import project_context
from projects.review import selectors
from projects.review.services import accepting
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import cursor_of, cut, listed
from rlhfhub.web.pages import Page, go, refusals_as_messages
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
    """Show one answer with its whole texts; the queue shortens long ones."""
    context = project_context(request, project_id, "review")
    found = selectors.one(context["project"], annotation_id)
    if found is None:
        raise Http404
    [row] = selectors.shown([found], request.member.user.pk, whole=True)
    return Page(request, "projects/review/review_one.html", context | {"row": row})


def _accept(request: MemberRequest, ids: list[uuid.UUID]) -> None:
    if not ids:
        messages.warning(request, "No answer is ticked. Tick the answers first, then accept them.")
        return
    with refusals_as_messages(request):
        done = accepting.accept(annotation_ids=ids, reviewer_id=request.member.user.pk)
        left = f"; {len(ids) - done} had been decided already" if done < len(ids) else ""
        messages.success(request, f"{done} accepted{left}.")
