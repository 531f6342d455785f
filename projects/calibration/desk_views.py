"""An annotator's own calibration: the attempts with their feedback, and the second attempt."""

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.calibration import own
from projects.calibration.services import attempts
from projects.enrollment.selectors import with_guideline
from rlhfhub.tenancy.decorators import PersonRequest, desk_view
from rlhfhub.web.pages import Page, go, named_id, refusals_as_messages
from rlhfhub.web.queries import takes


@takes("attempt")
@require_GET
@desk_view
def feedback(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Show the attempts, and item by item one that is decided: the last, or the one that the query names."""
    enrollment = with_guideline(enrollment_id)
    mine = own.own_attempts(enrollment_id)
    wanted = request.GET.get("attempt")
    decided = [attempt for attempt in mine if attempt.state in ("passed", "failed")]
    shown = next((attempt for attempt in decided if str(attempt.id) == wanted), None)
    if wanted and shown is None:
        named_id(wanted)
        return go(request, reverse("calibration_feedback", args=[enrollment_id]))
    shown = shown or (decided[-1] if decided else None)
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "attempts": mine[::-1],
        "standing": own.standing_of(enrollment),
        "shown": shown,
        "lines": own.feedback_of(enrollment, shown.id) if shown else [],
        "nav": "work",
    }
    return Page(request, "projects/calibration/feedback.html", context)


@require_POST
@desk_view
def retake(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Begin the second attempt, and go to the desk."""
    to = "calibration_feedback"
    with refusals_as_messages(request):
        attempts.retake(enrollment_id=enrollment_id)
        to = "desk"
    return go(request, reverse(to, args=[enrollment_id]))
