"""Dashboards: the workspace's, a project's with its live part, a batch's progress."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from projects.items import selectors as items
from projects.items import services as batches
from projects.plan.forms import BatchForm
from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.quality import drawings, history, overview, selectors
from rlhfhub.ground.numbers import whole
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.costly import remembered
from rlhfhub.web.listing import Listing, listed, rest_of
from rlhfhub.web.pages import Page, go, part, refusals_on, wants_part, workspace_context
from rlhfhub.web.panels import gathered
from rlhfhub.web.queries import takes

BATCHES, PEOPLE = 25, 50
POINTS_DRAWN = 60


@takes("cursor")
@require_GET
@workspace_view(Capability.VIEW)
def workspace(request: MemberRequest) -> HttpResponse:
    """All projects: how far, how well agreed."""
    listing = listed(
        Project.objects.select_related("form"), request, "status", "-id", size=overview.MOST
    )
    cards = overview.cards(listing.rows)
    context = {
        **workspace_context(request, "projects"),
        "cards": cards,
        "listing": listing,
        "totals": overview.totals(request.member.workspace) if cards else None,
    }
    extra = gathered("workspace", member=request.member, cards=cards)
    if context["totals"]:
        context["totals"] |= extra
    return Page(request, "projects/plan/dashboard.html", context)


@takes("cursor", "people")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def project(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """The project: agreement live, batches, annotators, exports. POST makes a batch."""
    context = project_context(request, project_id, "overview")
    form = BatchForm()
    if request.method == "POST":
        if not request.member.may(Capability.EDIT):
            raise PermissionDenied
        form = BatchForm(request.POST)
        if form.is_valid():
            with refusals_on(form):
                batch = batches.create_batch(
                    project=context["project"], actor_id=request.member.user.pk, **form.cleaned_data
                )
            if form.is_valid():
                return go(request, reverse("batch", args=[request.member.workspace.slug, batch.pk]))
    tally = selectors.tally_of(project_id)
    listing = listed(selectors.batches_of(context["project"]), request, "-number", size=BATCHES)
    context |= {
        **_live(context["project"]),
        "batches": selectors.batch_rows(tally, listing.rows),
        "listing": listing,
        **_annotators(request, context["project"], tally),
        "guideline": context["project"].guideline_version,
        "batch_form": form,
        **gathered("project", project=context["project"]),
    }
    return Page(request, "projects/plan/project.html", context, status=422 if form.errors else 200)


def _annotators(request: MemberRequest, project: Project, tally: selectors.Tally) -> dict[str, Any]:
    """A page of people by how much they did: their order changes, so it is told by how many come before it."""
    start = whole(request.GET.get("people") or "0")
    if start is None:
        raise Http404
    rows = selectors.annotator_rows(project, tally, start, PEOPLE + 1)
    more = str(start + PEOPLE) if len(rows) > PEOPLE else ""
    return {
        "annotators": rows[:PEOPLE],
        "people_listing": Listing(
            rows[:PEOPLE], "people", more, start == 0, rest_of(request, "people")
        ),
    }


@require_GET
@workspace_view(Capability.VIEW)
def agreement(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """The live part alone, polled by the project's page."""
    found: Project = get_object_or_404(Project.objects.select_related("form"), pk=project_id)
    if not wants_part(request):
        return go(request, reverse("project", args=[request.member.workspace.slug, project_id]))
    context = {**workspace_context(request, "projects"), "project": found, **_live(found)}
    return part(request, "projects/plan/_agreement.html", context)


def _live(project: Project) -> dict[str, Any]:
    whole = selectors.tally_of(project.pk).whole
    now = timezone.now()
    question = selectors.headline(project)
    course = remembered(
        f"history:{project.pk}",
        lambda: history.points(project_id=project.pk, question=question, most=POINTS_DRAWN),
    )
    return {
        "agreement": selectors.latest(project.pk, question),
        "agreement_chart": drawings.agreement(course),
        "throughput_chart": drawings.pace(*selectors.pace(project.pk, now)),
        "totals": {
            "submitted": whole.submitted,
            "accepted": whole.accepted,
            "waiting": whole.waiting,
            "leased": selectors.leased_in(project_id=project.pk),
        },
    }


@require_GET
@workspace_view(Capability.VIEW)
def batch_progress(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """The progress of a batch, polled by its page."""
    batch = items.batch_of(batch_id)
    if not wants_part(request):
        return go(request, reverse("batch", args=[request.member.workspace.slug, batch_id]))
    context = {
        **workspace_context(request, "projects"),
        "batch": batch,
        **selectors.progress_of(batch, batch.project),
    }
    return part(request, "projects/items/_batch_progress.html", context)
