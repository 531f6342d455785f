"""The quality page of a project, and that of each of its annotators."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from projects.calibration.funnels import funnel_of_project
from projects.calibration.selectors import states_of
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from projects.plan.pages import project_context
from projects.quality import pairs_page, people, quality_page, selectors, trust
from projects.quality.alerts import selectors as alerts
from projects.quality.alerts.standing import found_in
from projects.quality.gold import figures, measured
from projects.quality.person_page import person_of
from projects.quality.quality_page import SORTS
from projects.quality.signals import signals_of
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page
from rlhfhub.web.queries import takes

NEAREST = 5


@takes("cursor", "pairs", "question", "sort")
@require_GET
@workspace_view(Capability.VIEW)
def quality(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show whether the project's answers can be trusted, and why not."""
    context = project_context(request, project_id, "quality")
    question, sort = _question(request, context["project"]), _chosen(request, "sort", SORTS)
    pair_order = _chosen(request, "pairs", pairs_page.ORDERS)
    rows = quality_page.annotators_of(project_id, question)
    context |= _quality(context, question) if question else {"quality": None}
    context |= {
        "listing": listed(rows, request, *SORTS[sort].order),
        "sort": sort,
        "sorts": SORTS,
        "pairs": pairs_page.pairs_of(project_id, question, pair_order) if question else [],
        "pair_order": pair_order,
        "pair_orders": pairs_page.ORDERS,
        "rest": _rest(request),
        "enough_items": trust.ENOUGH_ITEMS,
        "enough": people.ENOUGH,
        "calibration": funnel_of_project(context["project"]),
        "nearest": list(alerts.nearest(project_id)[:NEAREST]),
    }
    people_shown = [row.enrollment_id for row in context["listing"].rows]
    context["gold"] = figures.gold_of(people_shown, question)
    return Page(request, "projects/quality/quality.html", context)


def _quality(context: dict[str, Any], question: str) -> dict[str, Any]:
    """The quality on a question, and the figures beside agreement that its headline takes into account."""
    project, waiting = context["project"], context["panels"]["alerts"].waiting
    signals = signals_of({project.pk: question}, {project.pk: waiting})[project.pk]
    return {
        "quality": quality_page.quality_of(project, question, signals),
        "measured": measured.of_project(project, question, signals.gold),
        "upheld": found_in(project),
    }


@takes("question")
@require_GET
@workspace_view(Capability.VIEW)
def annotator(request: MemberRequest, project_id: uuid.UUID, pseudonym: str) -> HttpResponse:
    """Show an annotator's figures, their agreement over time, and where they differ from the others."""
    context = project_context(request, project_id, "quality")
    enrollment = get_object_or_404(Enrollment, project_id=project_id, pseudonym=pseudonym)
    question = _question(request, context["project"])
    context |= {
        "person": person_of(context["project"], enrollment, question) if question else None,
        "enrollment": enrollment,
        "state": states_of([enrollment])[enrollment.pk],
        "enough": people.ENOUGH,
        "measured": measured.of_person(context["project"], enrollment, question)
        if question
        else None,
        "watch": alerts.watch_of(enrollment),
    }
    return Page(request, "projects/quality/annotator.html", context)


def _question(request: MemberRequest, project: Project) -> str:
    """Return the question named in the query, by default the project's headline question; "" if none has judgments.

    Raises Http404 for a question that the form does not have, or that makes no judgments.
    """
    name = request.GET.get("question")
    if name is not None and name not in selectors.scales_of(project):
        raise Http404
    return selectors.headline(project) if name is None else name


def _chosen(request: MemberRequest, parameter: str, names: Iterable[str]) -> str:
    """The name in the query, by default the first. Raises Http404 for one that is not among `names`."""
    known = list(names)
    name = request.GET.get(parameter, known[0])
    if name not in known:
        raise Http404
    return name


def _rest(request: MemberRequest) -> str:
    """Return the query string of a link to another order, which begins with its first page."""
    said = request.GET.copy()
    said.pop("cursor", None)
    said.pop("sort", None)
    return f"&{said.urlencode()}" if said else ""
