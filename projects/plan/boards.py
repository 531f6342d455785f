"""Boards: where later rooms register the panels they show on pages about projects."""

from collections.abc import Sequence
from dataclasses import dataclass

from projects.plan.models import Project
from rlhfhub.tenancy.decorators import Member
from rlhfhub.web.panels import Board


@dataclass(frozen=True, slots=True)
class ShownProject:
    """A project on its own page. `question` names the question whose figures are shown; empty if none was chosen."""

    project: Project
    question: str = ""


@dataclass(frozen=True, slots=True)
class ShownProjects:
    """The projects that the workspace's page shows to a member."""

    member: Member
    projects: Sequence[Project]


#: The tabs at the top of each page of a project.
HEAD: Board[Project] = Board()
#: The project's page, and the part of it that the browser polls.
PROJECT: Board[Project] = Board()
LIVE: Board[ShownProject] = Board()
#: The workspace's page.
WORKSPACE: Board[ShownProjects] = Board()
