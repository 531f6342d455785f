"""What the quality pages of a project show, read from stored figures only. Workspace plane."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count, F, FloatField, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from projects.calibration.needs import NeededRound, needed_round
from projects.items.models import Batch
from projects.plan.models import GuidelineVersion, Project
from projects.quality import drawings, history, selectors
from projects.quality.alerts import selectors as alerts
from projects.quality.models import AgreementSnapshot, AnnotatorFigures, PartAgreement
from projects.quality.trust import Signals, Trust, trust_of, with_signals
from projects.work.models import Purpose, Slot
from rlhfhub.web.charts import LineChart

Part = PartAgreement.Part
POINTS, BATCHES = 60, 10
Where = Literal["project", "contested", "guidelines", "annotators", "alerts", "exports"]


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next: `words` say what and why, `where` names the page and `act` is the text of the link."""

    words: str
    where: Where
    act: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many annotators have figures on a question, as of `at`, and how many of them stand out.

    `below` agree less with the rest than chance explains; `one_sided` choose one place on the screen too often. The
    figures are of the project's `newest` answers, or of all if that is None.
    """

    annotators: int
    below: int
    one_sided: int
    newest: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class MeasuredBatch:
    """A batch and its newest agreement."""

    batch: Batch
    figures: AgreementSnapshot


@dataclass(frozen=True, slots=True)
class Quality:
    """A project's quality on one question.

    `titles` maps the names of all questions with judgments to their titles. `first` are the figures of first answers,
    `accepted` those of accepted answers, `versions` those of the first answers under each guideline version, and
    `tags` those of the first answers to items with each value of a declared metadata key. `fits_published` says that
    published agreement on preferences can be compared with it, `is_ordered` that the scale has an order.
    """

    question: str
    titles: dict[str, str]
    trust: Trust
    first: AgreementSnapshot | None
    accepted: PartAgreement | None
    versions: list[PartAgreement]
    tags: list[PartAgreement]
    batches: list[MeasuredBatch]
    crowd: Crowd
    needed_round: NeededRound | None
    steps: list[Step]
    fits_published: bool
    is_ordered: bool
    chart: LineChart


def quality_of(project: Project, question: str, signals: Signals) -> Quality:
    """Return a project's quality on a question that has judgments."""
    points = history.points(project_id=project.pk, question=question, most=POINTS)
    first = points[-1] if points else None
    parts = parts_of(project.pk, question)
    crowd = crowd_of(project.pk, question)
    is_taste = selectors.is_taste(project, question)
    trust = trust_of(first.measured if first else None, is_taste=is_taste)
    scale = selectors.scales_of(project)[question]
    return Quality(
        question=question,
        titles=selectors.titles_of(project),
        trust=with_signals(trust, signals),
        first=first,
        accepted=next((part for part in parts if part.part == Part.ACCEPTED), None),
        versions=[part for part in parts if part.part == Part.VERSION],
        tags=[part for part in parts if part.part == Part.TAG],
        batches=_batches(project.pk, question),
        crowd=crowd,
        needed_round=needed_round(project),
        steps=steps(project.pk, trust, crowd, signals.open_alerts),
        fits_published=is_taste and selectors.compares(scale),
        is_ordered=scale.level != "nominal",
        chart=drawings.agreement(points, _published(project)),
    )


def parts_of(project_id: uuid.UUID, question: str) -> list[PartAgreement]:
    """Return the agreement of accepted answers, and of first answers by guideline version (newest first) and by tag."""
    rows = PartAgreement.objects.filter(project_id=project_id, question=question)
    return list(
        rows.select_related("guideline_version")
        .defer("guideline_version__text")
        .order_by("-guideline_version__number", "tag_key", "-items", "tag_value")
    )


def crowd_of(project_id: uuid.UUID, question: str) -> Crowd:
    """Return how many of a project's annotators stand out on a question."""
    found = AnnotatorFigures.objects.filter(project_id=project_id, question=question).aggregate(
        annotators=Count("id"),
        below=Count("id", filter=Q(agreement_direction=-1)),
        one_sided=Count("id", filter=~Q(first_direction=0)),
        newest=Max("newest"),
        at=Max("at"),
    )
    return Crowd(**found)


def _published(project: Project) -> list[GuidelineVersion]:
    rows = GuidelineVersion.objects.filter(project=project, published_at__isnull=False)
    return list(rows.defer("text").order_by("-number")[:POINTS])[::-1]


def _batches(project_id: uuid.UUID, question: str) -> list[MeasuredBatch]:
    rows = history.measured_batches(project_id=project_id, question=question)
    batches = list(rows.order_by("-number")[:BATCHES])
    figures = history.snapshots_of(batches)
    return [MeasuredBatch(*pair) for pair in zip(batches, figures, strict=True)]


_LEVELS = Step(
    "Agreement needs items that several annotators answer: set this in the plan of the next batch.",
    "project",
    "Go to the batches",
)
_COMING = Step(
    "Items that several annotators answer are being worked on. The figures follow as the answers come in.",
    "project",
    "See the batches",
)
_CONTESTED = Step(
    "Look at the items on which annotators differ.", "contested", "See contested items"
)
_GUIDELINES = Step(
    "Say in the guidelines how to decide such items.", "guidelines", "Improve the guidelines"
)
_EXPORT = Step("The answers are ready to be used.", "exports", "Export them")


def awaits_several(project_id: uuid.UUID) -> bool:
    """Return whether answers for data are open to anybody in an open batch whose plan asks for several to an item."""
    batches = Batch.objects.filter(
        Q(overlap__gt=1) | Q(share_percent__gt=0),
        project=project_id,
        phase=Batch.Phase.MAIN,
        status=Batch.Status.OPEN,
    )
    open_to_all = Slot.objects.filter(state=Slot.State.OPEN, kept_for=None, purpose=Purpose.DATA)
    return open_to_all.filter(batch__in=batches).exists()


def steps(project_id: uuid.UUID, trust: Trust, crowd: Crowd, open_alerts: int) -> list[Step]:
    """Return what to do next in a project, the most useful first."""
    found = [Step(_waiting(open_alerts), "alerts", "See the alerts")] if open_alerts else []
    if trust.state in ("none", "few", "unsure"):
        found.append(_COMING if awaits_several(project_id) else _LEVELS)
    if trust.state in ("poor", "unsure", "usable", "alike"):
        found += [_CONTESTED, _GUIDELINES]
    if crowd.below or crowd.one_sided:
        found.append(Step(_standing_out(crowd), "annotators", "See the annotators"))
    if trust.state == "good":
        found.append(_EXPORT)
    return found


def _waiting(open_alerts: int) -> str:
    noun = "alert waits" if open_alerts == 1 else "alerts wait"
    return f"{open_alerts} {noun} for a decision: somebody’s work may have changed."


def _standing_out(crowd: Crowd) -> str:
    said = []
    if crowd.below:
        verb = "agrees" if crowd.below == 1 else "agree"
        said.append(f"{crowd.below} {verb} less with the others than chance explains")
    if crowd.one_sided:
        verb = "chooses" if crowd.one_sided == 1 else "choose"
        said.append(f"{crowd.one_sided} {verb} one place on the screen too often")
    return f"Of {crowd.annotators} annotators, {' and '.join(said)}: look at their answers."


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of the table of annotators: its column's title, and the columns of the query."""

    title: str
    order: tuple[str, ...]


#: The orders that the table of annotators has; the first is the usual one.
SORTS = {
    "answers": Sort("Answers", ("-answers", "id")),
    "alerts": Sort("Alerts", ("-alerts", "-answers", "id")),
    "agreement": Sort("Agrees with the rest", ("agreement_key", "id")),
    "seconds": Sort("Median time", ("median_seconds", "id")),
    "first": Sort("First shown", ("-first_key", "id")),
    "ties": Sort("Ties", ("-ties_key", "id")),
    "run": Sort("Longest run", ("-run", "id")),
}


def annotators_of(project_id: uuid.UUID, question: str) -> QuerySet[AnnotatorFigures]:
    """Return the figures of a project's annotators on a question, with the columns that SORTS names.

    Missing shares come last in every order.
    """
    rows = AnnotatorFigures.objects.filter(project_id=project_id, question=question)
    return (
        rows.select_related("enrollment")
        .defer("differences", "beside", "span_ends", "span_compared", "span_agreed")
        .annotate(
            alerts=alerts.open_about(OuterRef("enrollment")),
            agreement_key=Coalesce(F("agreement"), Value(2.0), output_field=FloatField()),
            first_key=Coalesce(F("first_share"), Value(-1.0), output_field=FloatField()),
            ties_key=Coalesce(F("tie_share"), Value(-1.0), output_field=FloatField()),
        )
    )
