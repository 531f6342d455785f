"""The page of a project's money for reading its guidelines."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from billing.ledger.selectors import free_minor
from billing.readings import selectors, services
from billing.readings.forms import ReadersForm
from billing.readings.models import Reading
from projects.plan.pages import project_context
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, refusals_on
from rlhfhub.web.queries import takes


@takes("cursor")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def reading(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show what reading pays and who got it. A member who may spend sets money aside for more readers."""
    context = project_context(request, project_id, "guidelines")
    project = context["project"]
    form = ReadersForm(request.POST or None, initial={"readers": services.LEAST_READERS})
    if request.method == "POST":
        if not request.member.may(Capability.SPEND):
            raise PermissionDenied
        if form.is_valid():
            with refusals_on(form):
                made = services.set_aside(
                    project=project, actor_id=request.member.user.pk, **form.cleaned_data
                )
            if form.is_valid():
                amount = format_minor(made.amount_minor, made.currency)
                messages.success(
                    request, f"{amount} is set aside for {made.readers:,} more to read it."
                )
                return go(request, request.path)
    rows = Reading.objects.filter(project=project).select_related("enrollment", "guideline_version")
    context |= {
        "form": form,
        "reading": selectors.of_project(project),
        "available_minor": free_minor(project.workspace_id, project.currency),
        "listing": listed(rows, request, "-id"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return Page(request, "billing/readings/reading.html", context, status=status)
