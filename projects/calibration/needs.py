"""The round that a project needs and does not have: annotators wait, and none is open to them. Workspace plane."""

import uuid
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from projects.calibration.models import Attempt, Round
from projects.calibration.selectors import latest_round, states_of
from projects.enrollment.models import Clearance, Enrollment
from projects.items.models import Batch
from projects.plan.models import GuidelineVersion, Project

_WAITS = "waiting for a round"


@dataclass(frozen=True, slots=True)
class NeededRound:
    """Why a project needs a round, in words, and how many annotators wait for it.

    `like` is the newest round that was opened, whose settings the next one can have. `draft` is a newer round that only
    has to be funded; None if there is none.
    """

    words: str
    waiting: int
    like: Round
    draft: Round | None

    @property
    def act(self) -> str:
        """The text of the link to the round, or to the form that makes it."""
        return f"Fund and open {self.draft}" if self.draft else f"Make a round like {self.like}"


def major_in_force(project_id: uuid.UUID) -> int:
    """Return the number of the newest major version of the guidelines up to the one in force; 0 before any."""
    in_force = Project.objects.filter(pk=OuterRef("project"))
    rows = GuidelineVersion.objects.filter(
        project=project_id,
        change=GuidelineVersion.Change.MAJOR,
        published_at__isnull=False,
        number__lte=in_force.values("guideline_version__number"),
    )
    return int(rows.aggregate(last=Max("number"))["last"] or 0)


def needed_round(project: Project) -> NeededRound | None:
    """Return the round that a project needs next.

    A round of the rules in force is needed once they changed since the newest one; or if it is closed, and somebody
    waits who has not failed.

    Returns: None if there is nothing to do, if no round was ever opened, and if the project asks for no calibration.
    """
    if project.calibration != Project.Calibration.REQUIRED:
        return None
    latest = latest_round(project.pk)
    if latest is None:
        return None
    major = major_in_force(project.pk)
    opened = Round.objects.filter(project=project, guideline_version__number__gte=major)
    opened = opened.exclude(opened_at=None)
    if opened.filter(state=Round.State.OPEN).exists():
        return None
    if not opened.exists():
        waiting = who_waits(project).count()
        words = f"Version {major} of the guidelines changed the rules and needs a calibration round: {_wait(waiting)}."
    else:
        states = states_of(list(_idle(project).filter(state=Enrollment.State.CALIBRATING)))
        waiting = sum(words == _WAITS for words in states.values())
        words = f"No calibration round is open: {_wait(waiting)}."
        if not waiting:
            return None
    draft = Round.objects.filter(project=project, state=Round.State.DRAFT)
    return NeededRound(words, waiting, latest, draft.order_by("-number").first())


def _wait(count: int) -> str:
    return f"{count} annotator{'' if count == 1 else 's'} {'waits' if count == 1 else 'wait'}"


def _idle(project: Project) -> QuerySet[Enrollment]:
    """Return the project's annotators who answer no attempt now."""
    running = Attempt.objects.filter(enrollment=OuterRef("pk"), state=Attempt.State.RUNNING)
    rows: QuerySet[Enrollment] = Enrollment.objects.filter(project=project)
    return rows.exclude(Exists(running))


def who_waits(project: Project) -> QuerySet[Enrollment]:
    """Return who answers no attempt now, and needs one before they can work: they calibrate, or the rules changed."""
    works = Q(state=Enrollment.State.ACTIVE) & ~is_cleared(project.pk, "pk")
    return _idle(project).filter(Q(state=Enrollment.State.CALIBRATING) | works)


def is_cleared(project_id: uuid.UUID, enrollment: str) -> Exists:
    """Return the condition that an enrollment, named by its column, is cleared for main work under the rules now."""
    cleared = Clearance.objects.filter(
        enrollment=OuterRef(enrollment),
        phase=Batch.Phase.MAIN,
        guideline_version__number__gte=major_in_force(project_id),
    )
    return Exists(cleared)
