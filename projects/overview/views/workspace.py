"""The workspace's page: all its projects."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from projects.overview.workspace import MOST, cards, lately
from projects.plan.boards import WORKSPACE, ShownProjects
from projects.plan.models import Project
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, workspace_context
from rlhfhub.web.queries import takes


@takes("cursor")
@require_GET
@workspace_view(Capability.VIEW)
def workspace(request: MemberRequest) -> HttpResponse:
    """All projects: how far, how well agreed."""
    listing = listed(Project.objects.select_related("form"), request, "status", "-id", size=MOST)
    context = {
        **workspace_context(request, "projects"),
        "cards": cards(listing.rows),
        "listing": listing,
        "lately": lately(request.member.workspace) if listing.rows else None,
        "panels": WORKSPACE.panels(ShownProjects(request.member, listing.rows)),
    }
    return Page(request, "projects/overview/workspace.html", context)
