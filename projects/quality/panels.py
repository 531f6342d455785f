"""Panels for pages of other rooms: agreement, work, a batch's progress, the numbers on the tabs."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from projects.items.boards import BATCH
from projects.items.models import Batch
from projects.plan.boards import HEAD, LIVE, ShownProject
from projects.plan.models import Project
from projects.quality import answers, drawings, history, patterns, selectors
from projects.quality.alerts import selectors as alerts
from projects.quality.answers import Totals
from projects.quality.models import AgreementSnapshot
from projects.quality.signals import signals_of
from projects.quality.trust import Trust, trust_of, with_signals
from projects.stats.consensus import leading
from projects.work import measured
from rlhfhub.web.charts import BarChart, LineChart
from rlhfhub.web.costly import remembered

POINTS_DRAWN = 60


@dataclass(frozen=True, slots=True)
class Reviews:
    """How many answers wait for a decision; 1,000 means that many or more."""

    waiting: int


def on_head(project: Project) -> Reviews:
    """Return the number for the reviews tab."""
    return Reviews(answers.waiting_at_most(project.pk))


@dataclass(frozen=True, slots=True)
class OpenAlerts:
    """How many alerts wait for a decision."""

    waiting: int


def on_head_alerts(project: Project) -> OpenAlerts:
    """Return the number for the quality tab."""
    return OpenAlerts(alerts.open_in([project.pk]).get(project.pk, 0))


@dataclass(frozen=True, slots=True)
class Share:
    """The random share of items that get several answers (`overlap`), so that agreement can be measured."""

    percent: int
    overlap: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on one question of the form, and the other questions that can be chosen.

    `titles` maps the names of all questions with judgments to their titles. `share` is that of the newest batch, and
    None if it has no random share or all of its items get several answers.
    """

    question: str
    titles: dict[str, str]
    snapshot: AgreementSnapshot | None
    trust: Trust
    share: Share | None
    chart: LineChart

    @property
    def several_units(self) -> bool:
        """Whether one answer makes several judgments, so that the unit of agreement is a response, not an item."""
        return self.snapshot is not None and sum(self.snapshot.counts) > self.snapshot.annotations


@dataclass(frozen=True, slots=True)
class Work:
    """The project's progress: `total` slots for data, of which `submitted` have an answer and `leased` a live lease."""

    total: int
    submitted: int
    accepted: int
    waiting: int
    leased: int
    chart: BarChart


def on_live(about: ShownProject) -> Agreement | None:
    """Return agreement on the chosen question, by default the form's first with judgments; None if none has any."""
    titles = selectors.titles_of(about.project)
    question = about.question or next(iter(titles), "")
    if not question:
        return None
    points = remembered(
        f"history:{about.project.pk}:{question}",
        lambda: history.points(project_id=about.project.pk, question=question, most=POINTS_DRAWN),
    )
    snapshot = selectors.latest(about.project.pk, question)
    is_taste, project_id = selectors.is_taste(about.project, question), about.project.pk
    trust = trust_of(snapshot.measured if snapshot else None, is_taste=is_taste)
    signals = signals_of({project_id: question}, alerts.open_in([project_id]))
    return Agreement(
        question=question,
        titles=titles,
        snapshot=snapshot,
        trust=with_signals(trust, signals[project_id]),
        share=_share(about.project),
        chart=drawings.agreement(points),
    )


def _share(project: Project) -> Share | None:
    newest = Batch.objects.filter(project=project).order_by("-number").first()
    if newest is None or newest.overlap > 1 or not newest.share_percent:
        return None
    return Share(newest.share_percent, newest.share_overlap)


def on_live_work(about: ShownProject) -> Work:
    """Return how much of the project's work is done, and how fast answers come in."""
    project = about.project
    whole = answers.answers_of(project.pk).whole
    slots = Batch.objects.filter(project=project).aggregate(total=Sum("slots_count"))
    others = measured.slots_by_project([project.pk]).get(project.pk, 0)
    return Work(
        total=(slots["total"] or 0) - others,
        submitted=whole.submitted,
        accepted=whole.accepted,
        waiting=whole.waiting,
        leased=answers.count_live_leases(project_id=project.pk),
        chart=drawings.pace(answers.pace(project.pk, timezone.now())),
    )


@dataclass(frozen=True, slots=True)
class Items:
    """Items of a batch that have two or more counted answers to the form's first question with judgments.

    On `unanimous` items all answers are alike. On `contested` items two or more values have the most answers.
    """

    unanimous: int
    contested: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The slots of a batch for data, by their state; `items` is None before the batch is funded.

    `agreement` is that of its first answers to the form's first question with judgments; None before there is any.
    """

    total: int
    filled: int
    leased: int
    open: int
    accepted: int
    waiting: int
    items: Items | None
    agreement: AgreementSnapshot | None


def on_batch(batch: Batch) -> Progress:
    """Return the batch's progress."""
    done = answers.answers_of(batch.project_id).by_batch.get(batch.pk, Totals())
    others = measured.slots_by_batch(batch.project_id)
    total = batch.slots_count - others.get(batch.pk, 0)
    here = {"project_id": batch.project_id, "slot__batch": batch}
    leased = answers.count_live_leases(**here) if total else 0
    is_over = batch.status in {Batch.Status.CLOSED, Batch.Status.SIGNED_OFF}
    return Progress(
        total=total,
        filled=done.submitted,
        leased=leased,
        open=0 if is_over else max(0, total - done.submitted - leased),
        accepted=done.accepted,
        waiting=done.waiting,
        items=remembered(f"votes:{batch.pk}", lambda: _items(batch)) if total else None,
        agreement=_agreement(batch) if total else None,
    )


def _agreement(batch: Batch) -> AgreementSnapshot | None:
    rows = AgreementSnapshot.objects.filter(
        project=batch.project_id, batch=batch, question=selectors.headline(batch.project)
    )
    return rows.order_by("-at").first()


def _items(batch: Batch) -> Items:
    found = patterns.of_batch(batch.pk, selectors.headline(batch.project), "counted")
    twice = {rows: n for rows, n in found.items() if min(map(sum, rows)) >= 2}

    def count(matches: Any) -> int:
        return sum(items for rows, items in twice.items() if matches(rows))

    return Items(
        unanimous=count(lambda rows: all(max(row) == sum(row) for row in rows)),
        contested=count(lambda rows: any(leading(row) is None for row in rows)),
    )


def register() -> None:
    """Register the panels. Called once the apps are ready."""
    HEAD.register("reviews", on_head)
    HEAD.register("alerts", on_head_alerts)
    LIVE.register("agreement", on_live)
    LIVE.register("work", on_live_work)
    BATCH.register("progress", on_batch)
