"""Queries on rounds and attempts. Workspace plane."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404

from projects.calibration.models import Attempt, Mark, Round, RoundItem
from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.plan.models import GuidelineVersion, Project
from projects.stats.intervals import wilson_interval


def drawn_items(batch: Batch, first: int, end: int) -> list[uuid.UUID]:
    """Return the ids of the items at the positions from `first` to before `end` of a calibration batch's attempt."""
    of = Round.objects.filter(Q(batch=batch.pk) | Q(retake_batch=batch.pk)).get()
    attempt = 1 if of.batch_id == batch.pk else 2
    rows = RoundItem.objects.filter(
        round=of, attempt=attempt, position__gte=first, position__lt=end
    )
    return list(rows.order_by("position").values_list("item_id", flat=True))


def round_of(round_id: uuid.UUID) -> Round:
    """Return the round with its project, guidelines and batches.

    Raises: Http404 for a round that is missing or of another workspace.
    """
    rows = Round.objects.select_related(
        "project__form", "guideline_version", "batch", "retake_batch", "override_by"
    ).defer("guideline_version__text", "guideline_version__rules")
    found: Round = get_object_or_404(rows, pk=round_id)
    return found


def latest_round(project_id: uuid.UUID) -> Round | None:
    """Return the project's newest round that was opened, with its guidelines; None if there is none."""
    rows = Round.objects.filter(project=project_id).exclude(opened_at=None)
    rows = rows.select_related("guideline_version").defer(
        "guideline_version__text", "guideline_version__rules"
    )
    found: Round | None = rows.order_by("-number").first()
    return found


def told_items(project_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the keyed items of a project whose right answer some annotator has read, after a verdict."""
    marks = Mark.objects.filter(
        attempt__project=project_id,
        attempt__state__in=[Attempt.State.PASSED, Attempt.State.FAILED],
        reference__isnull=False,
    )
    return set(marks.order_by().values_list("item_id", flat=True).distinct())


def open_main_batches(project_id: uuid.UUID) -> int:
    """Return how many of a project's batches of data are open."""
    rows = Batch.objects.filter(project=project_id, phase=Batch.Phase.MAIN)
    return int(rows.filter(status=Batch.Status.OPEN).count())


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the judged answers were right, as a share with its 95 % interval; None without any."""

    hits: int
    seen: int
    share: float | None
    low: float | None
    high: float | None


def score_of(hits: int, seen: int) -> Score:
    """Return the score of `hits` right answers among `seen` judged ones."""
    low, high = wilson_interval(hits, seen) or (None, None)
    return Score(hits, seen, hits / seen if seen else None, low, high)


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """An attempt as members see it, by the annotator's pseudonym."""

    attempt: Attempt
    pseudonym: str
    score: Score


def attempts_of(of: Round) -> list[AttemptLine]:
    """Return all attempts of a round, the newest first; it has seats for 75 at most."""
    rows = Attempt.objects.filter(round=of).select_related("enrollment").order_by("-pk")
    return attempt_lines(rows)


def attempt_lines(attempts: Iterable[Attempt]) -> list[AttemptLine]:
    """Return these attempts as members see them. Their enrollments must have been selected with them."""
    return [
        AttemptLine(row, row.enrollment.pseudonym, score_of(row.hits, row.seen)) for row in attempts
    ]


def passes_of(of: Round) -> int:
    """Return how many annotators have passed a round."""
    passed = Attempt.objects.filter(round=of, state=Attempt.State.PASSED)
    return int(passed.aggregate(n=Count("enrollment", distinct=True))["n"])


def round_in(project: Project, round_id: uuid.UUID) -> Round:
    """Return a round of this project.

    Raises: Http404 for any other.
    """
    found: Round = get_object_or_404(Round, project=project, pk=round_id)
    return found


def newest_text(project_id: uuid.UUID) -> str:
    """Return the text of the project's newest guideline version, published or not; empty if there is none."""
    rows = GuidelineVersion.objects.filter(project=project_id).order_by("-number")
    return rows.values_list("text", flat=True).first() or ""


def states_of(enrollments: Sequence[Enrollment]) -> dict[uuid.UUID, str]:
    """Return the state of each of these enrollments in words for members, by id; `calibrating` is told in detail."""
    ids = [row.pk for row in enrollments if row.state == Enrollment.State.CALIBRATING]
    found = {row.pk: str(row.state) for row in enrollments}
    if ids:
        rows = Attempt.objects.filter(enrollment__in=ids).order_by("enrollment", "-began_at", "-pk")
        last = {row.enrollment_id: row for row in rows.distinct("enrollment")}
        found |= {pk: _words(last.get(pk)) for pk in ids}
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reason, in words, why annotators who calibrate have no running attempt, and how many have it."""

    words: str
    count: int


def waiting_in(project_id: uuid.UUID) -> list[Waiting]:
    """Return why annotators of a project who calibrate have no running attempt, the most frequent reason first."""
    rows = Enrollment.objects.filter(project=project_id, state=Enrollment.State.CALIBRATING)
    running = Attempt.objects.filter(project=project_id, state=Attempt.State.RUNNING)
    idle = rows.exclude(pk__in=running.values("enrollment"))
    counts = Counter(states_of(list(idle)).values())
    return [Waiting(words, count) for words, count in counts.most_common()]


def _words(last: Attempt | None) -> str:
    """Describe what an annotator who calibrates is doing, judged by their last attempt."""
    if last is None:
        return "waiting for a round"
    if last.state == Attempt.State.RUNNING:
        is_again = last.cause in (Attempt.Cause.ALERT, Attempt.Cause.SCHEDULE)
        return "recalibrating" if is_again else "calibrating"
    if last.state == Attempt.State.FAILED:
        return "calibration not passed"
    return "left calibration: idle" if last.was_idle else "waiting for a round"
