"""The desk: the annotator's page, by keyboard or by plain forms."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.enrollment.models import Enrollment
from projects.enrollment.selectors import with_guideline
from projects.kinds import form as kinds
from projects.work import endings, forms, guidelines, selectors
from projects.work.services import annotations, leasing, standing
from projects.work.services.annotations import LeaseEnded
from rlhfhub.ground.numbers import whole
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import PersonRequest, desk_view
from rlhfhub.web.pages import Page, go, page_or_partial, wants_part

Context = dict[str, Any]
# A lease whose time is over is not shown again; the grace is for answers on their way alone.
_SHOWN_AFTER_ITS_END = 0


@require_GET
@desk_view
def desk(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """The live lease or the next one; the partial alone for htmx."""
    return _next(request, with_guideline(enrollment_id))


@require_POST
@desk_view
def submit(request: PersonRequest, enrollment_id: uuid.UUID, lease_id: uuid.UUID) -> HttpResponse:
    """Store the answer, show the next lease. A wrong answer comes back with what is wrong."""
    enrollment = with_guideline(enrollment_id)
    asked = _asked(lease_id, enrollment_id)
    answer = kinds.read_form(asked.questions, request.POST.dict(), asked.keys)
    try:
        with transaction.atomic():
            annotations.submit(
                lease_id=lease_id, answer=answer, grace_seconds=settings.LEASE_GRACE_SECONDS
            )
    except LeaseEnded as ended:
        return _over(
            request, enrollment, endings.ending_of(ended, enrollment, asked.questions, answer)
        )
    except Refused as refused:
        return _wrong(request, enrollment, lease_id, answer, refused)
    return _onward(request, enrollment)


@require_POST
@desk_view
def return_lease(
    request: PersonRequest, enrollment_id: uuid.UUID, lease_id: uuid.UUID
) -> HttpResponse:
    """Give the slot back with a reason, show the next lease."""
    enrollment = with_guideline(enrollment_id)
    _asked(lease_id, enrollment_id)  # a lease of another enrollment is none
    reason, note = forms.return_reason(request.POST)
    try:
        with transaction.atomic():
            annotations.return_lease(lease_id=lease_id, reason=reason, note=note)
    except LeaseEnded as ended:
        return _over(request, enrollment, endings.ending_of(ended, enrollment))
    except Refused as refused:
        raise Http404 from refused
    return _onward(request, enrollment)


@require_POST
@desk_view
def draft(request: PersonRequest, enrollment_id: uuid.UUID, lease_id: uuid.UUID) -> HttpResponse:
    """Keep what is written so far: 204, or 409 when the lease has ended, with the words to say so."""
    answer = _answer_in(request, lease_id, enrollment_id)
    try:
        with transaction.atomic():
            annotations.save_draft(lease_id=lease_id, answer=answer)
    except Refused as refused:
        return HttpResponse(refused.detail, status=refused.status, content_type="text/plain")
    return HttpResponse(status=204)


def _asked(lease_id: uuid.UUID, enrollment_id: uuid.UUID) -> selectors.Asked:
    asked = selectors.asked_form(lease_id, enrollment_id)
    if asked is None:
        raise Http404
    return asked


def _answer_in(
    request: PersonRequest, lease_id: uuid.UUID, enrollment_id: uuid.UUID
) -> dict[str, Any]:
    """The answer in the fields of the POST, not yet checked."""
    asked = _asked(lease_id, enrollment_id)
    return kinds.read_form(asked.questions, request.POST.dict(), asked.keys)


@require_GET
@desk_view
def kept(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """What was written and not submitted: it comes back when its item does, and until then it stands here."""
    enrollment = with_guideline(enrollment_id)
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "kept": selectors.kept_in(enrollment),
        "nav": "work",
    }
    return Page(request, "projects/work/kept.html", context)


def _onward(request: PersonRequest, enrollment: Enrollment) -> HttpResponse:
    if not wants_part(request):
        return go(request, reverse("desk", args=[enrollment.pk]))
    return _next(request, enrollment)


def _next(request: PersonRequest, enrollment: Enrollment) -> HttpResponse:
    """Never a status of 400 or more: that would undo the submission which came before in this transaction."""
    try:
        with standing.refusals_in_words(), transaction.atomic():
            held = leasing.lease_next(
                enrollment_id=enrollment.pk,
                person_id=enrollment.annotator_id,
                grace_seconds=_SHOWN_AFTER_ITS_END,
            )
    except Refused as refused:
        return _refused(request, enrollment, refused)
    if held is None:
        return _show(request, enrollment, "projects/work/_empty.html", {})
    return _show(request, enrollment, "projects/work/_lease.html", _lease_context(held))


def _refused(request: PersonRequest, enrollment: Enrollment, refused: Refused) -> HttpResponse:
    if refused.code == "accept_guidelines":
        to = reverse("guideline", args=[enrollment.pk])
        return go(request, to) if wants_part(request) else redirect(to)
    title = endings.STATES.get(enrollment.state, "You cannot work here now")
    error = endings.Ending(enrollment.state, title, refused.detail)
    return _show(request, enrollment, "projects/work/_error.html", {"error": error})


def _over(request: PersonRequest, enrollment: Enrollment, ending: endings.Ending) -> HttpResponse:
    if not wants_part(request) and ending.code == "submitted":
        messages.info(request, "This answer is already saved. Here is the next.")
        return go(request, reverse("desk", args=[enrollment.pk]))
    return _show(request, enrollment, "projects/work/_error.html", {"error": ending}, status=409)


def _wrong(
    request: PersonRequest,
    enrollment: Enrollment,
    lease_id: uuid.UUID,
    answer: dict[str, Any],
    refused: Refused,
) -> HttpResponse:
    held = leasing.show(lease_id=lease_id)
    if held is None:
        raise Http404
    context = _lease_context(held) | {"draft": answer, "errors": forms.errors_by_question(refused)}
    return _show(request, enrollment, "projects/work/_lease.html", context, status=422)


def _lease_context(held: leasing.Held) -> Context:
    saved_at = selectors.draft_saved_at(held.id) if held.draft is not None else None
    return {
        "lease": held,
        "seconds_left": max(0, round(held.seconds_left)),
        "prompt": held.prompt,
        "responses": held.responses,
        "context": held.context,
        "several": len(held.responses) > 1,
        **_questions_context(kinds.present(annotations.form_questions(held.form_id))),
        "draft": held.draft or {},
        "draft_key": selectors.draft_key(held.enrollment_id, held.item_id),
        "draft_at": round(saved_at.timestamp() * 1000) if saved_at else None,
        "errors": {},
        "price": {"amount_minor": held.price_minor, "currency": held.currency},
    }


def _questions_context(questions: list[dict[str, Any]]) -> Context:
    """The questions by where their fields stand: under each response, or once."""
    return {
        "questions": questions,
        "asked_of_each": [q for q in questions if q.get("of_each_response")],
        "asked_once": [q for q in questions if not q.get("of_each_response")],
        "picker": next((q for q in questions if "picks_response" in q), None),
    }


def _shows_another(request: PersonRequest, number: int) -> bool:
    """Whether htmx asks for a page's part while the page's drawer is not known to show the version `number`."""
    return wants_part(request) and whole(request.headers.get(guidelines.HEADER)) != number


def _show(
    request: PersonRequest,
    enrollment: Enrollment,
    partial: str,
    context: Context,
    *,
    status: int = 200,
) -> HttpResponse:
    lease: leasing.Held | None = context.get("lease")
    drawer = guidelines.drawer_of(enrollment, lease.guideline_version_id if lease else None)
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "guideline": drawer,
        "replace_drawer": drawer is not None and _shows_another(request, drawer.version.number),
        "today": selectors.today_of(enrollment),
        "desk_partial": partial,
        **context,
    }
    return page_or_partial(request, "projects/work/desk.html", partial, context, status=status)
