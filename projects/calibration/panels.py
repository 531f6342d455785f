"""Panels of calibration on pages of other rooms: the funnel on the project's page, and the annotator's desk."""

from dataclasses import dataclass

from projects.calibration import own, selectors
from projects.calibration.models import Round
from projects.calibration.selectors import Funnel
from projects.enrollment.models import Enrollment
from projects.plan.boards import PROJECT
from projects.plan.models import Project
from projects.work.boards import DESK


@dataclass(frozen=True, slots=True)
class OnProject:
    """The latest round of a project that asks for calibration, and its funnel; None before one was opened."""

    round: Round | None
    funnel: Funnel | None


def on_project(project: Project) -> OnProject | None:
    """Return the funnel of the latest round; None if the project asks for no calibration."""
    if project.calibration != Project.Calibration.REQUIRED:
        return None
    latest = selectors.latest_round(project.pk)
    return OnProject(latest, selectors.funnel_of(latest) if latest else None)


def on_desk(enrollment: Enrollment) -> own.OwnCalibration | None:
    """Return where an annotator stands who is calibrating; None for all others."""
    if enrollment.state != Enrollment.State.CALIBRATING:
        return None
    return own.standing_of(enrollment)


def register() -> None:
    """Register the panels. Called from the AppConfig's ready()."""
    PROJECT.register("calibration", on_project)
    DESK.register("calibration", on_desk)
