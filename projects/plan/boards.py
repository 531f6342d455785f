"""The boards of the pages about projects: what later rooms show on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from projects.plan.models import Project
from rlhfhub.tenancy.decorators import Member
from rlhfhub.web.panels import Board


@dataclass(frozen=True, slots=True)
class ProjectOn:
    """A project as its page shows it: `question` is the one whose figures are asked for, or empty."""

    project: Project
    question: str = ""


@dataclass(frozen=True, slots=True)
class Projects:
    """The projects that a member sees on the workspace's page."""

    member: Member
    projects: Sequence[Project]


#: The tabs above each page of a project.
HEAD: Board[Project] = Board()
#: The project's page, and the part of it that is polled.
PROJECT: Board[Project] = Board()
LIVE: Board[ProjectOn] = Board()
#: The workspace's page.
WORKSPACE: Board[Projects] = Board()
