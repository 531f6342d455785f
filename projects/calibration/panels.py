"""Panels of calibration on pages of other rooms: a project's funnel, and what annotators can do now."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from projects.calibration import funnels, own, selectors
from projects.calibration.funnels import Funnel
from projects.calibration.models import Round
from projects.calibration.own import OwnStep
from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.plan.boards import PROJECT
from projects.plan.models import Project
from projects.work.boards import DESK, HOME, NO_ITEM, ShownEnrollments
from projects.work.models import Lease


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
    return OnProject(latest, funnels.funnel_of(latest) if latest else None)


def on_desk(enrollment: Enrollment) -> own.OwnCalibration | None:
    """Return the calibration of an annotator who is calibrating; None for all others, and at an item taken before."""
    if enrollment.state != Enrollment.State.CALIBRATING:
        return None
    held = Lease.objects.filter(enrollment=enrollment.pk, ended_at=None)
    if held.filter(phase=Batch.Phase.MAIN).exists():
        return None
    return own.standing_of(enrollment)


def without_item(enrollment: Enrollment) -> own.OwnPass | None:
    """Return what an annotator who has passed waits for; None for all others."""
    is_asked = enrollment.project.calibration == Project.Calibration.REQUIRED
    if not is_asked or enrollment.state != Enrollment.State.ACTIVE:
        return None
    return own.pass_of(enrollment)


@dataclass(frozen=True, slots=True)
class OnHome:
    """What a person can do in each of the enrollments in which they calibrate."""

    steps: Mapping[uuid.UUID, OwnStep]


def on_home(shown: ShownEnrollments) -> OnHome | None:
    """Return what the person can do in calibration; None if they calibrate nowhere."""
    if not shown.enrollment_ids:
        return None
    return OnHome(own.steps_of(shown.person_id, shown.enrollment_ids))


def register() -> None:
    """Register the panels. Called from the AppConfig's ready()."""
    PROJECT.register("calibration", on_project)
    DESK.register("calibration", on_desk)
    NO_ITEM.register("calibration", without_item)
    HOME.register("calibration", on_home)
