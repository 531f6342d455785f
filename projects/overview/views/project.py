"""The page of a project, the part of it that updates itself, and the progress of a batch."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from projects.items import selectors as items
from projects.items import services as batches
from projects.items.boards import BATCH
from projects.overview.next_step import next_step
from projects.plan.boards import LIVE, PROJECT, ShownProject
from projects.plan.forms import BatchForm
from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.quality import answers, selectors
from projects.quality.answers import AnnotatorRow
from rlhfhub.ground.numbers import whole
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import Listing, listed, rest_of
from rlhfhub.web.pages import Page, go, part, refusals_on, wants_part, workspace_context
from rlhfhub.web.queries import takes

BATCHES, PEOPLE = 25, 50


@takes("cursor", "people", "question")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def project(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show a project with its agreement, batches, annotators and exports. POST creates a batch."""
    context = project_context(request, project_id, "overview")
    found: Project = context["project"]
    form = BatchForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not request.member.may(Capability.EDIT):
            raise PermissionDenied
        if batch := _create_batch(request, found, form):
            return go(request, reverse("batch", args=[request.member.workspace.slug, batch.pk]))
    counted = answers.answers_of(project_id)
    listing = listed(selectors.batches_of(found), request, "-number", size=BATCHES)
    live = _live(request, found)
    context["panels"] |= PROJECT.panels(found)
    context |= live | {
        "batches": answers.batch_rows(counted, listing.rows),
        "listing": listing,
        "people": _people(request, found, counted),
        "next_step": _next_step(found, live["live"], context["panels"]["alerts"].waiting),
        "batch_form": form,
        "judged": selectors.titles_of(found),
    }
    status = 422 if form.errors else 200
    return Page(request, "projects/overview/project.html", context, status=status)


def _create_batch(request: MemberRequest, project: Project, form: BatchForm) -> Any:
    """Create the batch that the form describes. Returns None if the form or the service refuses it."""
    batch = None
    if form.is_valid():
        with refusals_on(form):
            batch = batches.create_batch(
                project=project, actor_id=request.member.user.pk, **form.cleaned_data
            )
    return batch if form.is_valid() else None


def _next_step(project: Project, live: dict[str, Any], open_alerts: int) -> Any:
    agreement, work = live.get("agreement"), live.get("work")
    return next_step(
        project,
        open_alerts=open_alerts,
        waiting=work.waiting if work else 0,
        agrees_too_little=agreement is not None and agreement.trust.state == "poor",
    )


def _people(
    request: MemberRequest, project: Project, counted: answers.Answers
) -> Listing[AnnotatorRow]:
    """A page of annotators, those with the most answers first.

    Its cursor is the number of annotators before it: their order changes, so no annotator could mark the place.
    """
    start = whole(request.GET.get("people") or "0")
    if start is None:
        raise Http404
    rows = answers.annotator_rows(project, counted, start, PEOPLE + 1)
    more = str(start + PEOPLE) if len(rows) > PEOPLE else ""
    return Listing(rows[:PEOPLE], "people", more, start == 0, rest_of(request, "people"))


@takes("question")
@require_GET
@workspace_view(Capability.VIEW)
def agreement(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Return the agreement part of the project's page, which the open page requests again every few seconds."""
    found: Project = get_object_or_404(Project.objects.select_related("form"), pk=project_id)
    if not wants_part(request):
        return go(request, reverse("project", args=[request.member.workspace.slug, project_id]))
    context = {
        **workspace_context(request, "projects"),
        "project": found,
        **_live(request, found),
    }
    return part(request, "projects/overview/_live.html", context)


def _live(request: MemberRequest, project: Project) -> dict[str, Any]:
    """The panels of the polled part, about the question named in the query. An unknown one is answered with 404."""
    question = request.GET.get("question", "")
    if question and question not in selectors.scales_of(project):
        raise Http404
    return {"live": LIVE.panels(ShownProject(project, question)), "question": question}


@require_GET
@workspace_view(Capability.VIEW)
def batch_progress(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Return the progress of a batch, which the batch's page polls."""
    batch = items.batch_of(batch_id)
    if not wants_part(request):
        return go(request, reverse("batch", args=[request.member.workspace.slug, batch_id]))
    context = {
        **workspace_context(request, "projects"),
        "batch": batch,
        "panels": BATCH.panels(batch),
    }
    return part(request, "projects/items/_batch_progress.html", context)
