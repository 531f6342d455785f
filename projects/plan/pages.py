"""The context that all pages of a project share: its name, its tabs, and what later rooms add to them."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404

from projects.plan.boards import HEAD
from projects.plan.models import Project
from rlhfhub.tenancy.decorators import MemberRequest
from rlhfhub.web.pages import workspace_context


def project_context(request: MemberRequest, project_id: uuid.UUID, tab: str) -> dict[str, Any]:
    """Return the context of `_project_head.html` and the tabs. `tab` names the current one.

    Raises: Http404 for a project that is missing or of another workspace.
    """
    project: Project = get_object_or_404(
        Project.objects.select_related("form", "guideline_version", "requirement"), pk=project_id
    )
    return {
        **workspace_context(request, "projects"),
        "project": project,
        "tab": tab,
        "panels": HEAD.panels(project),
    }
