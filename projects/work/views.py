"""Views of the desk, the annotator's page. All actions also work as plain form posts, without JavaScript."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.enrollment import eligibility
from projects.enrollment.models import Enrollment
from projects.enrollment.selectors import with_guideline
from projects.kinds import form as kinds
from projects.work import endings, forms, guidelines, selectors
from projects.work.boards import DESK, NO_ITEM
from projects.work.services import annotations, leasing, refusals
from projects.work.services.annotations import LeaseEnded
from rlhfhub.ground.numbers import whole
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import PersonRequest, desk_view
from rlhfhub.web.pages import Page, go, page_or_partial, wants_part

Context = dict[str, Any]
# A lease whose time is over is not shown again. The grace period is only for answers that are already being sent.
_GRACE_FOR_SHOWING = 0
_SAVED = "Your answer is saved."
# The page that says what an annotator must do before their next item.
_PAGES_OF_REFUSALS = {"accept_guidelines": "guideline", eligibility.NOT_ELIGIBLE: "before_work"}


@require_GET
@desk_view
def desk(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Show the live lease or the next one; for htmx only the partial."""
    return _show_next(request, with_guideline(enrollment_id))


@require_POST
@desk_view
def submit(request: PersonRequest, enrollment_id: uuid.UUID, lease_id: uuid.UUID) -> HttpResponse:
    """Store the answer and show the next lease. A refused answer is shown again with its errors (422)."""
    enrollment = with_guideline(enrollment_id)
    form = _form_of_lease(lease_id, enrollment_id)
    answer = kinds.read_form(form.questions, request.POST.dict(), form.keys)
    try:
        with transaction.atomic():
            annotations.submit(
                lease_id=lease_id,
                answer=answer,
                grace_seconds=settings.LEASE_GRACE_SECONDS,
                **forms.counted(request.POST),
            )
    except LeaseEnded as ended:
        ending = endings.ending_of(ended, enrollment, form.questions, answer)
        return _show_ending(request, enrollment, ending)
    except Refused as refused:
        return _show_errors(request, enrollment, lease_id, answer, refused)
    return _go_on(request, enrollment, done=_SAVED)


@require_POST
@desk_view
def return_lease(
    request: PersonRequest, enrollment_id: uuid.UUID, lease_id: uuid.UUID
) -> HttpResponse:
    """Return the slot with a reason and show the next lease."""
    enrollment = with_guideline(enrollment_id)
    _form_of_lease(lease_id, enrollment_id)  # 404 for a lease of another enrollment
    reason, note = forms.return_reason(request.POST)
    try:
        with transaction.atomic():
            annotations.return_lease(lease_id=lease_id, reason=reason, note=note)
    except LeaseEnded as ended:
        return _show_ending(request, enrollment, endings.ending_of(ended, enrollment))
    except Refused as refused:
        raise Http404 from refused
    return _go_on(request, enrollment)


@require_POST
@desk_view
def draft(request: PersonRequest, enrollment_id: uuid.UUID, lease_id: uuid.UUID) -> HttpResponse:
    """Save an incomplete answer. Returns 204, or 409 with a message in plain text if the lease has ended."""
    answer = _answer_in(request, lease_id, enrollment_id)
    try:
        with transaction.atomic():
            annotations.save_draft(lease_id=lease_id, answer=answer, **forms.counted(request.POST))
    except Refused as refused:
        return HttpResponse(refused.detail, status=refused.status, content_type="text/plain")
    return HttpResponse(status=204)


def _form_of_lease(lease_id: uuid.UUID, enrollment_id: uuid.UUID) -> selectors.LeaseForm:
    form = selectors.form_of_lease(lease_id, enrollment_id)
    if form is None:
        raise Http404
    return form


def _answer_in(
    request: PersonRequest, lease_id: uuid.UUID, enrollment_id: uuid.UUID
) -> dict[str, Any]:
    """Return the unchecked answer in the fields of the POST."""
    form = _form_of_lease(lease_id, enrollment_id)
    return kinds.read_form(form.questions, request.POST.dict(), form.keys)


@require_GET
@desk_view
def kept(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """List what the annotator wrote and did not submit. The desk fills it in again when its item is leased again."""
    enrollment = with_guideline(enrollment_id)
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "kept": selectors.kept_drafts(enrollment),
        "nav": "work",
    }
    return Page(request, "projects/work/kept.html", context)


def _go_on(request: PersonRequest, enrollment: Enrollment, *, done: str = "") -> HttpResponse:
    if not wants_part(request):
        if done and enrollment.state in endings.TITLES_BY_STATE:
            messages.success(request, done)
        return go(request, reverse("desk", args=[enrollment.pk]))
    return _show_next(request, enrollment, done)


def _show_next(request: PersonRequest, enrollment: Enrollment, done: str = "") -> HttpResponse:
    """Show the live lease, a new one, or why there is none; then also what was `done` just before, if anything.

    The status is always below 400: a higher one would roll back the submission made before in this transaction.
    """
    try:
        with refusals.from_database(), transaction.atomic():
            held = leasing.lease_next(
                enrollment_id=enrollment.pk,
                person_id=enrollment.annotator_id,
                grace_seconds=_GRACE_FOR_SHOWING,
            )
    except Refused as refused:
        return _show_refusal(request, enrollment, refused, done)
    if held is None:
        return _show(
            request, enrollment, "projects/work/_empty.html", {"none": NO_ITEM.panels(enrollment)}
        )
    return _show(request, enrollment, "projects/work/_lease.html", _lease_context(held))


def _show_refusal(
    request: PersonRequest, enrollment: Enrollment, refused: Refused, done: str
) -> HttpResponse:
    if refused.code in _PAGES_OF_REFUSALS:
        to = reverse(_PAGES_OF_REFUSALS[refused.code], args=[enrollment.pk])
        return go(request, to) if wants_part(request) else redirect(to)
    title = endings.TITLES_BY_STATE.get(enrollment.state, "You cannot work in this project now")
    error = endings.Ending(enrollment.state, title, f"{done} {refused.detail}".strip())
    return _show(request, enrollment, "projects/work/_error.html", {"error": error})


def _show_ending(
    request: PersonRequest, enrollment: Enrollment, ending: endings.Ending
) -> HttpResponse:
    if not wants_part(request) and ending.code == "submitted":
        messages.info(request, "This answer is already saved. Here is the next item.")
        return go(request, reverse("desk", args=[enrollment.pk]))
    return _show(request, enrollment, "projects/work/_error.html", {"error": ending}, status=409)


def _show_errors(
    request: PersonRequest,
    enrollment: Enrollment,
    lease_id: uuid.UUID,
    answer: dict[str, Any],
    refused: Refused,
) -> HttpResponse:
    held = leasing.show(lease_id=lease_id)
    if held is None:
        raise Http404
    context = _lease_context(held) | {
        "draft": answer,
        **forms.counted(request.POST),
        "errors": forms.errors_by_question(refused),
    }
    return _show(request, enrollment, "projects/work/_lease.html", context, status=422)


def _lease_context(held: leasing.HeldLease) -> Context:
    saved_at = selectors.draft_saved_at(held.id) if held.draft is not None else None
    return {
        "lease": held,
        "seconds_left": max(0, round(held.seconds_left)),
        "prompt": held.prompt,
        "responses": held.responses,
        "context": held.context,
        "several": len(held.responses) > 1,
        **forms.questions_context(kinds.present(annotations.form_questions(held.form_id))),
        "draft": held.draft or {},
        "pasted_percent": held.pasted_percent,
        "active_ms": held.active_ms,
        "draft_key": selectors.draft_key(held.enrollment_id, held.item_id),
        "draft_at": round(saved_at.timestamp() * 1000) if saved_at else None,
        "errors": {},
        "price": {"amount_minor": held.price_minor, "currency": held.currency},
    }


def _needs_drawer(request: PersonRequest, number: int) -> bool:
    """Return whether htmx requests a partial for a page whose drawer does not show version `number`."""
    return wants_part(request) and whole(request.headers.get(guidelines.HEADER)) != number


def _show(
    request: PersonRequest,
    enrollment: Enrollment,
    partial: str,
    context: Context,
    *,
    status: int = 200,
) -> HttpResponse:
    lease: leasing.HeldLease | None = context.get("lease")
    drawer = guidelines.drawer_of(enrollment, lease.guideline_version_id if lease else None)
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "guideline": drawer,
        "replace_drawer": drawer is not None and _needs_drawer(request, drawer.version.number),
        "today": selectors.today_of(enrollment),
        "panels": DESK.panels(enrollment),
        "desk_partial": partial,
        **context,
    }
    return page_or_partial(
        request, "projects/work/desk.html", partial, context, status=status, has_topbar=False
    )
