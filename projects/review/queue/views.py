"""The page of the reviewers' queue, and the acceptance of one answer in it."""

import uuid
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.review import selectors
from projects.review.bulk import selectors as bulk
from projects.review.bulk.views import request_ticked
from projects.review.queue import cards, orders
from projects.review.queue.cards import Card, Queue
from projects.review.queue.forms import QueueForm
from projects.review.queue.orders import Ranked
from projects.review.queue.pages import (
    after_decision,
    mark_in_sample,
    queue_address,
    suffix_of,
    takes_queue,
)
from projects.review.services import accepting
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web import views as errors
from rlhfhub.web.listing import Listing, rest_of
from rlhfhub.web.pages import Page, go

SIZE = 10
_OF_LINKS = {"order", "seed", "sample", "reason"}
"""What the page's links and choices name: nobody types a wrong value of these into the form."""


@takes_queue
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def review(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show the queue: items with undecided answers, in the order that the query asks for.

    POST asks to accept the ticked answers in ten minutes, for members who may review.
    """
    context = project_context(request, project_id, "review")
    project: Project = context["project"]
    if request.method == "POST":
        if not request.member.may(Capability.REVIEW):
            raise PermissionDenied
        request_ticked(request, project)
        return go(request, queue_address(request, project_id))
    form = QueueForm(request.GET, project=project)
    if wrong := sorted(_OF_LINKS & set(form.errors)):
        return errors.unknown_query(request, wrong)
    if form.lacks_seed:
        asked = {**request.GET.dict(), "seed": orders.new_seed()}
        return HttpResponseRedirect(f"{request.path}?{urlencode(asked)}")
    context |= {
        "form": form,
        "suffix": suffix_of(request),
        "listing": _listing(request, project, form),
        "bulk_accepts": bulk.recent(project),
        "window": orders.WINDOW,
    }
    return Page(request, "projects/review/queue/queue.html", context)


def _listing(request: MemberRequest, project: Project, form: QueueForm) -> Listing[Card]:
    after = item_before(request)
    if form.is_valid():
        reader = request.member.user.pk
        found = cards.page_of(project, form.filters, after, reader, size=SIZE)
    else:
        found = Queue([], [])
    following = found.ranked[SIZE - 1].cursor if len(found.ranked) > SIZE else ""
    return Listing(found.cards, "cursor", following, after is None, rest_of(request, "cursor"))


def item_before(request: HttpRequest) -> Ranked | None:
    """Return the item after which the list continues; None for its beginning. Raises Http404 for a forged one."""
    if not (cursor := request.GET.get("cursor")):
        return None
    try:
        return Ranked.read(cursor)
    except ValueError as error:
        raise Http404 from error


@takes_queue
@require_POST
@workspace_view(Capability.REVIEW)
def review_accept(
    request: MemberRequest, project_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Accept one answer at once."""
    project = get_object_or_404(Project, pk=project_id)
    row = selectors.one(project, annotation_id)
    if row is None:
        raise Http404
    try:
        done = accepting.accept(annotation_ids=[row.pk], reviewer_id=request.member.user.pk)
        if done:
            mark_in_sample(request, row.pk)
    except Refused as refused:
        return after_decision(request, project, row.item_id, refused.detail, done=False)
    words = "Accepted." if done else "This answer was decided already, or is sent back."
    return after_decision(request, project, row.item_id, words, done=bool(done))
