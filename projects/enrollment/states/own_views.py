"""The page of an annotator's own enrollment: why it is paused or ended, to leave, to come back, to reply."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.enrollment.models import Enrollment
from projects.enrollment.states import selectors, services
from projects.enrollment.states.forms import LeaveForm, ReplyForm
from projects.enrollment.states.models import EnrollmentChange
from rlhfhub.tenancy.decorators import PersonRequest, desk_view
from rlhfhub.tenancy.models import Workspace
from rlhfhub.web.pages import Page, go, refusals_as_messages, refusals_on

_LEFT = (
    "You have left this project. What you earned stays; undecided answers are decided as always."
)


@require_GET
@desk_view
def own_enrollment(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Show the enrollment, what was done with it by whom and why, and what its annotator can do."""
    return _show(request, _enrollment(enrollment_id), LeaveForm(), ReplyForm())


@require_POST
@desk_view
def leave(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Leave the project. Who has left it already, in another tab, is told so."""
    enrollment, form = _enrollment(enrollment_id), LeaveForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            change, is_new = services.leave(enrollment=enrollment, note=form.cleaned_data["note"])
            messages.success(request, _LEFT if is_new else _ended_before(change))
    if not form.is_valid():
        return _show(request, enrollment, form, ReplyForm())
    return go(request, reverse("own_enrollment", args=[enrollment_id]))


def _ended_before(change: EnrollmentChange) -> str:
    if change.is_own:
        return "You had already left this project. Nothing else has changed."
    return "The workspace had already ended your enrollment. Nothing else has changed."


@require_POST
@desk_view
def rejoin(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Come back to a project that one left, and go to its guidelines."""
    to = "own_enrollment"
    with refusals_as_messages(request):
        services.rejoin(enrollment=_enrollment(enrollment_id))
        to = "guideline"
    return go(request, reverse(to, args=[enrollment_id]))


@require_POST
@desk_view
def reply(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Reply, once, to the pause or the end of one's enrollment."""
    enrollment, form = _enrollment(enrollment_id), ReplyForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            services.reply(enrollment=enrollment, text=form.cleaned_data["text"])
    if not form.is_valid():
        return _show(request, enrollment, LeaveForm(), form)
    messages.success(request, "Your reply is sent to the managers of the workspace.")
    return go(request, reverse("own_enrollment", args=[enrollment_id]))


def _enrollment(enrollment_id: uuid.UUID) -> Enrollment:
    found: Enrollment = Enrollment.objects.select_related("project").get(pk=enrollment_id)
    return found


def _show(
    request: PersonRequest, enrollment: Enrollment, leave_form: LeaveForm, reply_form: ReplyForm
) -> HttpResponse:
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "workspace_name": Workspace.objects.get(pk=enrollment.workspace_id).name,
        "own_state": selectors.own_state(enrollment),
        "leave_form": leave_form,
        "reply_form": reply_form,
        "nav": "work",
    }
    is_wrong = bool(leave_form.errors or reply_form.errors)
    page = "projects/enrollment/own_enrollment.html"
    return Page(request, page, context, status=422 if is_wrong else 200)
