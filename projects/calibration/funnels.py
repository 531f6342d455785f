"""How many annotators began, passed, failed and work: of a round, and of a project. Workspace plane."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from projects.calibration.models import Attempt, Round
from projects.calibration.needs import is_cleared
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from rlhfhub.web.charts import Bar, BarChart, bar_chart

NEWEST = 10
_PASSED, _FAILED, _LEFT = Attempt.State.PASSED, Attempt.State.FAILED, Attempt.State.LEFT


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many annotators began a round, and what came of it.

    Each counts once by their last attempt in `running`, `passed`, `failed` and `left`. `passed_first`, `failed_first`
    and `left_first` count first attempts alone. `retaken` made a second one, `passed_again` of them passed it.
    `working` passed, and can take items of main work now: they are active, and the rules have not changed since.
    """

    began: int
    running: int
    passed: int
    failed: int
    left: int
    passed_first: int
    failed_first: int
    left_first: int
    retaken: int
    passed_again: int
    working: int


def funnel_of(of: Round) -> Funnel:
    """Return the funnel of a round."""
    return funnels_of([of])[of.pk]


@dataclass(slots=True)
class _Course:
    """The states of one annotator's attempts in a round by their numbers, and whether they can take main work now."""

    works: bool
    states: dict[int, str]

    @property
    def last(self) -> str:
        return self.states[max(self.states)]


def funnels_of(rounds: Sequence[Round]) -> dict[uuid.UUID, Funnel]:
    """Return the funnel of each of these rounds of one project, by the round's id."""
    if not rounds:
        return {}
    works = Q(is_cleared(rounds[0].project_id, "enrollment"))
    works &= Q(enrollment__state=Enrollment.State.ACTIVE)
    rows = Attempt.objects.filter(round__in=[of.pk for of in rounds]).annotate(works=works)
    courses: dict[uuid.UUID, dict[uuid.UUID, _Course]] = defaultdict(dict)
    for round_id, enrollment_id, number, state, now in rows.values_list(
        "round_id", "enrollment_id", "number", "state", "works"
    ):
        course = courses[round_id].setdefault(enrollment_id, _Course(now, {}))
        course.states[number] = state
    return {of.pk: _funnel(list(courses[of.pk].values())) for of in rounds}


def _funnel(courses: Sequence[_Course]) -> Funnel:
    last = [course.last for course in courses]
    first = [course.states.get(1) for course in courses]
    second = [course.states[2] for course in courses if 2 in course.states]
    passed = [course for course in courses if _PASSED in course.states.values()]
    return Funnel(
        began=len(courses),
        running=last.count(Attempt.State.RUNNING),
        passed=last.count(_PASSED),
        failed=last.count(_FAILED),
        left=last.count(_LEFT),
        passed_first=first.count(_PASSED),
        failed_first=first.count(_FAILED),
        left_first=first.count(_LEFT),
        retaken=len(second),
        passed_again=second.count(_PASSED),
        working=sum(course.works for course in passed),
    )


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round and its funnel."""

    round: Round
    funnel: Funnel

    @property
    def pk(self) -> uuid.UUID:
        """The round's primary key."""
        return self.round.pk


def round_lines(rounds: Sequence[Round]) -> list[RoundLine]:
    """Return each of these rounds with its funnel, in their order."""
    funnels = funnels_of(rounds)
    return [RoundLine(of, funnels[of.pk]) for of in rounds]


@dataclass(frozen=True, slots=True)
class Stage:
    """How many annotators reached one stage, and their share of those at an earlier one; None if nobody was there."""

    name: str
    count: int
    share: float | None
    of: str


@dataclass(frozen=True, slots=True)
class ProjectFunnel:
    """How many of a project's annotators reached each stage from joining to work, its chart, and the newest rounds."""

    stages: list[Stage]
    chart: BarChart
    rounds: list[RoundLine]


def stages_of(funnel: Funnel) -> list[Stage]:
    """Return the stages of a round, from its beginning to work."""
    return [
        Stage("Began", funnel.began, None, ""),
        _stage("Passed at once", funnel.passed_first, funnel.began, "those who began"),
        _stage("Did not pass", funnel.failed_first, funnel.began, "those who began"),
        _stage("Left without a verdict", funnel.left_first, funnel.began, "those who began"),
        _stage(
            "Tried again",
            funnel.retaken,
            funnel.failed_first + funnel.left_first,
            "those who did not pass, or left",
        ),
        _stage("Passed then", funnel.passed_again, funnel.retaken, "those who tried again"),
        _stage("Work now", funnel.working, funnel.passed, "those who passed"),
    ]


def _stage(name: str, count: int, whole: int, of: str) -> Stage:
    return Stage(name, count, count / whole if whole else None, of)


def funnel_of_project(project: Project) -> ProjectFunnel | None:
    """Return the funnel of a project that asks for calibration, or has done so; None for others."""
    rounds = Round.objects.filter(project=project).exclude(opened_at=None).order_by("-number")
    lines = round_lines(list(rounds[:NEWEST]))
    if not lines and project.calibration != Project.Calibration.REQUIRED:
        return None
    counts = _counts(project.pk)
    stages = [
        Stage("Joined", counts["joined"], None, ""),
        _stage("Began", counts["began"], counts["joined"], "those who joined"),
        _stage("Passed at once", counts["first"], counts["began"], "those who began"),
        _stage("Passed later", counts["later"], counts["began"], "those who began"),
        _stage("Work now", counts["working"], counts["joined"], "those who joined"),
    ]
    return ProjectFunnel(stages, _chart(stages), lines)


def _counts(project_id: uuid.UUID) -> Mapping[str, int]:
    """Count a project's annotators: each once at each stage, however many rounds they took part in."""
    people = Enrollment.objects.filter(project=project_id)
    works = Q(is_cleared(project_id, "pk"), state=Enrollment.State.ACTIVE)
    counts = people.aggregate(joined=Count("id"), working=Count("id", filter=works))
    rows = Attempt.objects.filter(project=project_id).order_by("began_at", "pk")
    states: dict[uuid.UUID, list[str]] = defaultdict(list)
    for enrollment_id, state in rows.values_list("enrollment_id", "state"):
        states[enrollment_id].append(state)
    first = sum(found[0] == _PASSED for found in states.values())
    passed = sum(_PASSED in found for found in states.values())
    return counts | {"began": len(states), "first": first, "later": passed - first}


def _chart(stages: Iterable[Stage]) -> BarChart:
    return bar_chart(
        [Bar(stage.name, stage.count) for stage in stages],
        name="calibration-funnel",
        title="Annotators from joining to work",
        description=", ".join(f"{stage.name}: {stage.count}" for stage in stages),
    )
