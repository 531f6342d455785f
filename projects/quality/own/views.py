"""How an annotator does: the page with their figures, and their replies to alerts about them."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.enrollment.selectors import with_guideline
from projects.quality.alerts import selectors, services
from projects.quality.own.figures import own_of
from rlhfhub.tenancy.decorators import PersonRequest, desk_view
from rlhfhub.web.pages import Page, go, refusals_as_messages


@require_GET
@desk_view
def how_i_do(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Show the annotator's own figures in a project, and the alerts about them."""
    enrollment = with_guideline(enrollment_id)
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "own": own_of(enrollment),
        "alerts": selectors.own_alerts(enrollment_id),
        "nav": "work",
    }
    return Page(request, "projects/quality/own/how_i_do.html", context)


@require_POST
@desk_view
def reply(request: PersonRequest, enrollment_id: uuid.UUID, alert_id: uuid.UUID) -> HttpResponse:
    """Store what the annotator answers to an open alert about them."""
    with refusals_as_messages(request):
        services.reply(
            alert_id=alert_id, enrollment_id=enrollment_id, text=request.POST.get("reply", "")
        )
        messages.success(request, "Your answer is saved. Whoever decides on the alert reads it.")
    return go(request, reverse("how_i_do", args=[enrollment_id]))
