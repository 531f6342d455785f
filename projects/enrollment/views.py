"""The pages on which an annotator joins a project, and reads and accepts its guidelines."""

import uuid

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from projects.enrollment import selectors, services
from projects.enrollment.boards import READER, Reader
from projects.plan.guidelines import compare_with
from projects.plan.models import Project
from rlhfhub.ground.numbers import whole
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, desk_view, signed_in
from rlhfhub.web.pages import Page, go, refusals_as_messages


@require_POST
@signed_in
def join(request: PersonRequest, project_id: uuid.UUID) -> HttpResponse:
    """Enroll in a project and redirect to its guidelines, or to the desk if the person was enrolled before.

    Who lacks something that the project asks for goes back to its page, which says what.
    """
    person = request.user.pk
    joinable = selectors.joinable_project(person, project_id)
    # After the lookup above, which no longer finds a project that another tab has joined meanwhile.
    if known := selectors.enrollment_id_in(person, project_id):
        return go(request, reverse("desk", args=[known]))
    if joinable is None:
        raise Http404
    to = reverse("listing", args=[project_id])
    with planes.at_desk(person, joinable.workspace_id, project_id), refusals_as_messages(request):
        project = Project.objects.get(pk=project_id)
        agrees = "agrees_to_content" in request.POST
        enrollment = services.enroll(project=project, annotator_id=person, agrees_to_content=agrees)
        to = reverse("guideline", args=[enrollment.pk])
    return go(request, to)


@require_http_methods(["GET", "POST"])
@desk_view
def guideline(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Show the guidelines in force. Accepting them (POST) redirects to the desk."""
    enrollment = selectors.with_guideline(enrollment_id)
    version = enrollment.project.guideline_version
    if version is None:
        raise Http404
    if request.method == "POST":
        number = whole(request.POST.get("guideline_version")) or 0
        to = "guideline"
        with refusals_as_messages(request):
            attested = "attested" in request.POST
            services.accept_guideline(enrollment=enrollment, number=number, attested=attested)
            to = "desk"
        return go(request, reverse(to, args=[enrollment_id]))
    previous = selectors.last_accepted_number(enrollment)
    # Whoever comes back is cleared still, but accepts again.
    is_onboarding = enrollment.state == enrollment.State.ONBOARDING
    is_cleared = not is_onboarding and selectors.is_cleared(enrollment, version)
    owes_attestation = is_cleared and selectors.owes_attestation(enrollment)
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "guideline": version,
        "cleared": is_cleared,
        "owes_attestation": owes_attestation,
        "accepted": selectors.has_accepted(enrollment, version),
        "previous": previous,
        "changes": compare_with(version, previous),
        "must_attest": services.must_attest(enrollment.project),
        "panels": READER.panels(Reader(enrollment.annotator_id, enrollment.project_id)),
    }
    return Page(request, "projects/enrollment/guideline.html", context)
