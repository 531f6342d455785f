"""Requesting a bulk accept from the queue, and undoing it."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from projects.plan.models import Project
from projects.review import selectors
from projects.review.bulk import services
from projects.review.bulk.models import BulkAccept
from projects.review.queue.pages import queue_address, takes_queue
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import go, refusals_as_messages

_NONE_TICKED = "No answer is ticked. Tick the answers first, then accept them."


def request_ticked(request: MemberRequest, project: Project) -> None:
    """Ask to accept the ticked answers, and say when that takes effect."""
    ids = selectors.of_project(project, request.POST.getlist("annotation"))
    if not ids:
        messages.warning(request, _NONE_TICKED)
        return
    with refusals_as_messages(request):
        bulk = services.request_accept(
            project=project, annotation_ids=ids, member_id=request.member.user.pk
        )
        messages.success(request, words_of(bulk, len(ids)))


def words_of(bulk: BulkAccept, asked: int) -> str:
    """Say what was requested; `asked` is how many answers were chosen."""
    left = asked - bulk.answers
    what = "1 answer is" if bulk.answers == 1 else f"{bulk.answers:,} answers are"
    words = f"{what} accepted in ten minutes. Until then you can undo it."
    return words + (
        f" {left} left out: decided already, sent back, or accepted together already."
        if left
        else ""
    )


@takes_queue
@require_POST
@workspace_view(Capability.REVIEW)
def bulk_undo(request: MemberRequest, project_id: uuid.UUID, bulk_id: uuid.UUID) -> HttpResponse:
    """Undo a bulk accept before it takes effect."""
    project = get_object_or_404(Project, pk=project_id)
    if not BulkAccept.objects.filter(project=project, pk=bulk_id).exists():
        raise Http404
    with refusals_as_messages(request):
        services.undo(bulk_id=bulk_id, member_id=request.member.user.pk)
        messages.success(request, "Undone. Nothing was accepted.")
    return go(request, queue_address(request, project_id))
