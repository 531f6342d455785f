"""The pages of enrollments: for members the annotators of a project and each one's enrollment."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from projects.enrollment.models import Enrollment
from projects.enrollment.states import selectors, services
from projects.enrollment.states.forms import GiveBackForm, StopForm
from projects.enrollment.states.models import EnrollmentChange
from projects.plan.pages import project_context
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, refusals_on
from rlhfhub.web.queries import takes

_DONE = {
    "pause": "Paused. The annotator is told why.",
    "end": "The enrollment has ended. The annotator is told why. You can take that back below.",
    "resume": "The annotator can work again, and is told so.",
    "restore": "The end is taken back. The annotator is told so.",
}
_VERBS: dict[str, Callable[..., EnrollmentChange]] = {
    "pause": services.pause,
    "end": services.end,
    "resume": services.resume,
    "restore": services.restore,
}
_GIVES_BACK = {"resume", "restore"}


@takes("cursor")
@require_GET
@workspace_view(Capability.VIEW)
def enrollments(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List the annotators of a project with the state of each enrollment, why and since when."""
    context = project_context(request, project_id, "overview")
    reasons = dict(EnrollmentChange.Reason.choices)
    context |= {
        "listing": listed(selectors.enrollments_of(project_id), request, "-id"),
        "reasons": reasons,
    }
    return Page(request, "projects/enrollment/enrollments.html", context)


@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def enrollment_state(request: MemberRequest, project_id: uuid.UUID, pseudonym: str) -> HttpResponse:
    """Show an annotator's enrollment and what was done with it. POST (`do`) pauses, ends, resumes or restores it."""
    context = project_context(request, project_id, "overview")
    enrollment: Enrollment = get_object_or_404(
        Enrollment.objects.select_related("project"), project_id=project_id, pseudonym=pseudonym
    )
    stop: forms.Form = StopForm()
    give_back: forms.Form = GiveBackForm()
    if request.method == "POST":
        if not request.member.may(Capability.EDIT):
            raise PermissionDenied
        do = request.POST.get("do", "")
        form = _form(do, request)
        if _changed(do, enrollment, form, request.member.user.pk):
            messages.success(request, _DONE[do])
            to = [request.member.workspace.slug, project_id, pseudonym]
            return go(request, reverse("enrollment", args=to))
        stop, give_back = (stop, form) if do in _GIVES_BACK else (form, give_back)
    changes = selectors.changes_of(enrollment, for_members=True)
    context |= {
        "enrollment": enrollment,
        "changes": changes,
        "stop": stop,
        "give_back": give_back,
        "may_pause": enrollment.state in services.PAUSABLE,
        "may_restore": bool(changes)
        and services.may_restore(changes[0].reason, changes[0].to_state),
    }
    is_wrong = bool(stop.errors or give_back.errors)
    return Page(
        request, "projects/enrollment/enrollment.html", context, status=422 if is_wrong else 200
    )


def _form(do: str, request: MemberRequest) -> forms.Form:
    if do not in _DONE:
        raise Http404
    return GiveBackForm(request.POST) if do in _GIVES_BACK else StopForm(request.POST)


def _changed(do: str, enrollment: Enrollment, form: forms.Form, actor_id: uuid.UUID) -> bool:
    """Change the enrollment as the form says. Returns false, with the errors on the form, if that is refused."""
    if form.is_valid():
        fields: dict[str, Any] = {**form.cleaned_data, "enrollment": enrollment}
        with refusals_on(form):
            _VERBS[do](**fields, actor_id=actor_id)
    return form.is_valid()
