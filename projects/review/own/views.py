"""An annotator's decisions in a project, their appeals against rejections, and the page to revise a returned answer."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.enrollment.models import Enrollment
from projects.enrollment.selectors import with_guideline
from projects.kinds import form as kinds
from projects.review.own import decided
from projects.review.own.outcomes import outcomes_of
from projects.review.own.revision import Revision, ending_of, revision_of
from projects.review.services import appeals, returning
from projects.work import forms, guidelines
from projects.work.endings import Ending
from projects.work.models import Annotation
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import PersonRequest, desk_view, desk_view_or
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, page_or_partial, wants_part
from rlhfhub.web.queries import takes

Context = dict[str, Any]


@takes("cursor")
@require_GET
@desk_view
def decisions(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """List own answers in a project that were rejected or sent back, the last decision first."""
    enrollment = with_guideline(enrollment_id)
    listing = listed(_rows(enrollment), request, "-told_at", "-id", size=decided.PAGE)
    in_force_id = enrollment.project.guideline_version_id
    context = _context(enrollment) | {
        "decisions": decided.shown(listing.rows, in_force_id),
        "listing": listing,
    }
    return Page(request, "projects/review/own/decisions.html", context)


def closed_decision(
    request: PersonRequest, enrollment_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Show what was decided on an own answer in a project that is not open to the person any more. Door plane.

    The words are theirs to read, but items and guidelines are those of the workspace.
    """
    outcome = outcomes_of(request.user.pk, [annotation_id]).get(annotation_id)
    if request.method == "POST" or outcome is None or outcome.enrollment_id != enrollment_id:
        raise Http404
    if not (outcome.rejected_at or outcome.returned_at):
        raise Http404
    context = {"outcome": outcome, "one": {"outcome": outcome}, "nav": "work"}
    return Page(request, "projects/review/own/closed_decision.html", context)


@require_GET
@desk_view_or(closed_decision)
def decision(
    request: PersonRequest, enrollment_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Show one such answer with its whole texts."""
    return _show_one(request, with_guideline(enrollment_id), annotation_id)


@require_POST
@desk_view
def appeal(
    request: PersonRequest, enrollment_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Appeal against a rejection. A refused statement is shown again with its error (422)."""
    enrollment = with_guideline(enrollment_id)
    if not _rows(enrollment).filter(pk=annotation_id).exists():
        raise Http404
    statement = request.POST.get("statement", "")
    try:
        with transaction.atomic():
            appeals.appeal(annotation_id=annotation_id, statement=statement)
    except Refused as refused:
        wrong = {"statement": statement, "error": refused.detail}
        return _show_one(request, enrollment, annotation_id, wrong)
    words = (
        "Your appeal is sent. Somebody outside the workspace decides; here you see what they wrote."
    )
    messages.success(request, words)
    return go(request, reverse("own_decision", args=[enrollment_id, annotation_id]))


def _rows(enrollment: Enrollment) -> QuerySet[Annotation]:
    rows = decided.decided_of(enrollment.annotator_id).filter(enrollment=enrollment)
    return rows.select_related("lease")


def _show_one(
    request: PersonRequest,
    enrollment: Enrollment,
    annotation_id: uuid.UUID,
    wrong: Context | None = None,
) -> HttpResponse:
    """Show one answer; `wrong` has the statement of a refused appeal and the error."""
    found = list(_rows(enrollment).filter(pk=annotation_id))
    if not found:
        raise Http404
    [one] = decided.shown(found, enrollment.project.guideline_version_id, whole=True)
    context = _context(enrollment) | {"one": one} | (wrong or {})
    status = 422 if wrong else 200
    return Page(request, "projects/review/own/decision.html", context, status=status)


def _context(enrollment: Enrollment) -> Context:
    return {"enrollment": enrollment, "project": enrollment.project, "nav": "work"}


@require_http_methods(["GET", "POST"])
@desk_view_or(closed_decision)
def revise(
    request: PersonRequest, enrollment_id: uuid.UUID, annotation_id: uuid.UUID
) -> HttpResponse:
    """Show a returned answer to be revised. POST submits it; a refused one is shown again with its errors (422)."""
    enrollment = with_guideline(enrollment_id)
    revision = revision_of(annotation_id, enrollment_id)
    if revision is None:
        raise Http404
    if request.method == "POST":
        return _submit(request, enrollment, revision)
    if revision.is_decided:
        return go(request, reverse("own_decision", args=[enrollment_id, annotation_id]))
    if not revision.is_open:
        return _show_ending(request, enrollment, revision, ending_of(revision), 200)
    return _show_form(request, enrollment, revision)


def _submit(request: PersonRequest, enrollment: Enrollment, revision: Revision) -> HttpResponse:
    answer = kinds.read_form(revision.questions, request.POST.dict(), revision.keys)
    counted = forms.counted(request.POST)
    if not revision.is_open:
        return _show_ending(request, enrollment, revision, ending_of(revision, answer), 409)
    try:
        with transaction.atomic():
            returning.revise(annotation_id=revision.annotation_id, answer=answer, **counted)
    except Refused as refused:
        if refused.status == 409:
            now = revision_of(revision.annotation_id) or revision
            return _show_ending(request, enrollment, now, ending_of(now, answer), 409)
        wrong = {
            "draft": answer,
            **counted,
            "errors": forms.errors_by_question(refused),
        }
        return _show_form(request, enrollment, revision, wrong)
    now = revision_of(revision.annotation_id) or revision
    if wants_part(request):
        return _show_ending(request, enrollment, now, ending_of(now), 200)
    messages.success(request, "Your revised answer is saved. The reviewer decides on it.")
    return go(request, reverse("own_decisions", args=[enrollment.pk]))


def _show_form(
    request: PersonRequest, enrollment: Enrollment, revision: Revision, wrong: Context | None = None
) -> HttpResponse:
    context = {
        "prompt": revision.prompt,
        "responses": revision.responses,
        "context": revision.context,
        "several": len(revision.responses) > 1,
        **forms.questions_context(kinds.present(revision.questions)),
        "draft": revision.draft,
        "pasted_percent": revision.pasted_percent,
        "errors": {},
        **(wrong or {}),
    }
    partial = "projects/review/own/_revise.html"
    return _show(request, enrollment, revision, partial, context, 422 if wrong else 200)


def _show_ending(
    request: PersonRequest, enrollment: Enrollment, revision: Revision, ending: Ending, status: int
) -> HttpResponse:
    partial = "projects/review/own/_revise_over.html"
    return _show(request, enrollment, revision, partial, {"error": ending}, status)


def _show(
    request: PersonRequest,
    enrollment: Enrollment,
    revision: Revision,
    partial: str,
    context: Context,
    status: int,
) -> HttpResponse:
    context = _context(enrollment) | {
        "revision": revision,
        "seconds_left": round(revision.seconds_left),
        "guideline": guidelines.drawer_of(enrollment, revision.guideline_version_id),
        "desk_partial": partial,
        **context,
    }
    page = "projects/review/own/revise.html"
    return page_or_partial(request, page, partial, context, status=status)
