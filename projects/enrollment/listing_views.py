"""The page on which somebody reads what a project asks and pays before they join it, and the one that says, later, what
they lack for its next item.
"""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from annotators.profiles import selectors as profiles
from projects.enrollment import eligibility, selectors
from projects.enrollment.asked import avoided_content, unmet
from projects.enrollment.boards import READER, Reader
from projects.enrollment.examples import examples_for
from projects.enrollment.models import Enrollment
from projects.enrollment.services import must_attest
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, desk_view, signed_in
from rlhfhub.web.pages import Page, go


@require_GET
@signed_in
def listing(request: PersonRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show a project to somebody who may join it: pay, times, guidelines, questions, examples, and what they lack.

    Who is enrolled is sent on to its guidelines; whose enrollment has ended, to the page that says how they come back.
    """
    person_id = request.user.pk
    found = selectors.joinable_project(person_id, project_id)
    if found is None:
        return _to_enrollment(person_id, project_id)
    with planes.at_desk(person_id, found.workspace_id, project_id):
        rows = Project.objects.select_related("form", "guideline_version")
        project = rows.get(pk=project_id)
        person = profiles.person(person_id)
    context = {
        "listed": found,
        "project": project,
        "guideline": project.guideline_version,
        "questions": project.form.questions if project.form else [],
        "must_attest": must_attest(project),
        "examples": examples_for(person_id, project_id),
        "unmet": [one for one in unmet(found.asked, person) if one.code != "content"],
        "avoided": avoided_content(found.asked, person),
        "panels": READER.panels(Reader(person_id, project_id)),
        "nav": "work",
    }
    return Page(request, "projects/enrollment/listing.html", context)


def _to_enrollment(person_id: uuid.UUID, project_id: uuid.UUID) -> HttpResponse:
    enrollment_id = selectors.enrollment_id_in(person_id, project_id)
    own = selectors.own_enrollment(person_id, enrollment_id) if enrollment_id else None
    if own is None:
        raise Http404
    to = "own_enrollment" if own.state == Enrollment.State.ENDED else "guideline"
    return redirect(to, enrollment_id=own.id)


@require_http_methods(["GET", "POST"])
@desk_view
def before_work(request: PersonRequest, enrollment_id: uuid.UUID) -> HttpResponse:
    """Say what the annotator lacks for the project's next item. They can agree to content there (POST).

    Who lacks nothing is sent on to the desk.
    """
    rows = Enrollment.objects.select_related("project__requirement")
    enrollment = rows.get(pk=enrollment_id)
    if request.method == "POST":
        eligibility.agree_to_content(enrollment=enrollment)
    found = eligibility.unmet_of(enrollment)
    if not found:
        return go(request, reverse("desk", args=[enrollment_id]))
    context = {
        "enrollment": enrollment,
        "project": enrollment.project,
        "unmet": found,
        "is_content_unmet": any(one.code == "content" for one in found),
        "nav": "work",
    }
    return Page(request, "projects/enrollment/before_work.html", context)
