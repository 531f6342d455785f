"""What quality shows on pages: agreement, work, the progress of a batch, the number on the tab of reviews."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from projects.items.boards import BATCH
from projects.items.models import Batch
from projects.plan.boards import HEAD, LIVE, ShownProject
from projects.plan.models import Project
from projects.quality import answers, drawings, history, patterns, selectors
from projects.quality.answers import Sum as SumOfAnswers
from projects.quality.models import AgreementSnapshot
from projects.stats.consensus import leading
from rlhfhub.web.charts import BarChart, LineChart
from rlhfhub.web.costly import remembered

POINTS_DRAWN = 60


@dataclass(frozen=True, slots=True)
class Reviews:
    """How many answers wait for a decision, a thousand at most."""

    waiting: int


def on_head(project: Project) -> Reviews:
    """The number on the tab of reviews."""
    return Reviews(answers.waiting_at_most(project.pk))


@dataclass(frozen=True, slots=True)
class Share:
    """The random share of items that gets more answers than one, so that agreement can be measured."""

    percent: int
    overlap: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on one question of the form, and the others that can be asked for.

    `titles` are the questions' titles by name. `share` is that of the newest batch whose items get one answer each,
    None where every item of the newest batch gets several.
    """

    question: str
    titles: dict[str, str]
    snapshot: AgreementSnapshot | None
    share: Share | None
    chart: LineChart

    @property
    def several_units(self) -> bool:
        """Whether an answer judges each response by itself, so that a response is the unit of agreement."""
        return self.snapshot is not None and sum(self.snapshot.counts) > self.snapshot.annotations


@dataclass(frozen=True, slots=True)
class Work:
    """Answers of the project now: of `total` paid for, so many were submitted."""

    total: int
    submitted: int
    accepted: int
    waiting: int
    leased: int
    chart: BarChart


def on_live(about: ShownProject) -> Agreement | None:
    """Agreement on the question asked for, else on the form's first that has judgments."""
    titles = selectors.titles_of(about.project)
    question = about.question or next(iter(titles), "")
    if not question:
        return None
    course = remembered(
        f"history:{about.project.pk}:{question}",
        lambda: history.points(project_id=about.project.pk, question=question, most=POINTS_DRAWN),
    )
    return Agreement(
        question=question,
        titles=titles,
        snapshot=selectors.latest(about.project.pk, question),
        share=_share(about.project),
        chart=drawings.agreement(course),
    )


def _share(project: Project) -> Share | None:
    newest = Batch.objects.filter(project=project).order_by("-number").first()
    if newest is None or newest.overlap > 1 or not newest.share_percent:
        return None
    return Share(newest.share_percent, newest.share_overlap)


def on_live_work(about: ShownProject) -> Work:
    """How far the work is, and how fast it goes."""
    project = about.project
    whole = answers.answers_of(project.pk).whole
    slots = Batch.objects.filter(project=project).aggregate(total=Sum("slots_count"))
    return Work(
        total=slots["total"] or 0,
        submitted=whole.submitted,
        accepted=whole.accepted,
        waiting=whole.waiting,
        leased=answers.leased_in(project_id=project.pk),
        chart=drawings.pace(answers.pace(project.pk, timezone.now())),
    )


@dataclass(frozen=True, slots=True)
class Items:
    """Items of a batch with two counted answers or more, on the form's first question that has judgments: where all
    are alike, and where none leads alone.
    """

    unanimous: int
    contested: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Slots of a batch by what became of them; `items` is None before it is funded."""

    total: int
    filled: int
    leased: int
    open: int
    accepted: int
    waiting: int
    items: Items | None


def on_batch(batch: Batch) -> Progress:
    """The batch's progress."""
    done = answers.answers_of(batch.project_id).by_batch.get(batch.pk, SumOfAnswers())
    total = batch.slots_count
    leased = answers.leased_in(project_id=batch.project_id, slot__batch=batch) if total else 0
    is_over = batch.status in {Batch.Status.CLOSED, Batch.Status.SIGNED_OFF}
    return Progress(
        total=total,
        filled=done.submitted,
        leased=leased,
        open=0 if is_over else max(0, total - done.submitted - leased),
        accepted=done.accepted,
        waiting=done.waiting,
        items=remembered(f"votes:{batch.pk}", lambda: _items(batch)) if total else None,
    )


def _items(batch: Batch) -> Items:
    found = patterns.of_batch(batch.pk, selectors.headline(batch.project), "counted")
    twice = {rows: n for rows, n in found.items() if min(map(sum, rows)) >= 2}

    def many(is_so: Any) -> int:
        return sum(items for rows, items in twice.items() if is_so(rows))

    return Items(
        unanimous=many(lambda rows: all(max(row) == sum(row) for row in rows)),
        contested=many(lambda rows: any(leading(row) is None for row in rows)),
    )


def register() -> None:
    """Called when the apps are ready."""
    HEAD.register("reviews", on_head)
    LIVE.register("agreement", on_live)
    LIVE.register("work", on_live_work)
    BATCH.register("progress", on_batch)
