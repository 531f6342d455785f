"""What the quality pages show of gold and repeats beside agreement. Workspace plane."""

from dataclasses import dataclass

from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from projects.quality import selectors
from projects.quality.gold.consistency import (
    PERSON_REPEATS,
    Consistency,
    consistency_of,
    own_consistency,
)
from projects.quality.gold.figures import Hits, gold_of
from projects.quality.gold.overview import GoldOfProject, gold_of_project
from rlhfhub.web.costly import remembered


@dataclass(frozen=True, slots=True)
class ProjectMeasured:
    """A project's gold, the answers to it on one question, and how steadily its annotators judge that.

    `consistency` is None without an answered repeat.
    """

    gold: GoldOfProject
    hits: Hits
    consistency: Consistency | None


@dataclass(frozen=True, slots=True)
class PersonMeasured:
    """An annotator's gold on one question, and how steadily they judge; None with fewer than `needed` repeats."""

    gold: Hits
    consistency: Consistency | None
    needed: int = PERSON_REPEATS


def of_project(project: Project, question: str, hits: Hits) -> ProjectMeasured:
    """Return what is measured of a project on a question that has judgments; `hits` are the answers to gold on it."""
    scale, of = selectors.scales_of(project)[question], f"{project.pk}:{question}"
    return ProjectMeasured(
        gold=remembered(f"gold:{project.pk}", lambda: gold_of_project(project)),
        hits=hits,
        consistency=remembered(
            f"repeats:{of}", lambda: consistency_of(project.pk, question, scale)
        ),
    )


def of_person(project: Project, enrollment: Enrollment, question: str) -> PersonMeasured:
    """Return what is measured of an annotator on a question that has judgments."""
    scale = selectors.scales_of(project)[question]
    return PersonMeasured(
        gold=gold_of([enrollment.pk], question).get(enrollment.pk, Hits()),
        consistency=own_consistency(project.pk, question, scale, [enrollment.pk]).get(
            enrollment.pk
        ),
    )
