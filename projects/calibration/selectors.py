"""Queries on rounds and attempts. Workspace plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404

from projects.calibration.models import Attempt, Round, RoundItem
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
    """Return the project's newest round that was opened; None if there is none."""
    rows = Round.objects.filter(project=project_id).exclude(opened_at=None)
    found: Round | None = rows.order_by("-number").first()
    return found


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many annotators began a round, and what came of it; each counts once, by their last attempt.

    `retaken` of them made a second attempt.
    """

    began: int
    running: int
    passed: int
    failed: int
    left: int
    retaken: int


def funnel_of(of: Round) -> Funnel:
    """Return the funnel of a round."""
    return funnels_of([of])[of.pk]


def funnels_of(rounds: Sequence[Round]) -> dict[uuid.UUID, Funnel]:
    """Return the funnels of these rounds by their ids."""
    rows = Attempt.objects.filter(round__in=[of.pk for of in rounds]).order_by("number")
    states: dict[uuid.UUID, dict[uuid.UUID, str]] = {of.pk: {} for of in rounds}
    again: dict[uuid.UUID, int] = dict.fromkeys(states, 0)
    for round_id, enrollment_id, number, state in rows.values_list(
        "round_id", "enrollment_id", "number", "state"
    ):
        states[round_id][enrollment_id] = state
        again[round_id] += number == 2
    return {pk: _funnel(list(found.values()), again[pk]) for pk, found in states.items()}


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
    """Return these rounds with their funnels."""
    funnels = funnels_of(rounds)
    return [RoundLine(of, funnels[of.pk]) for of in rounds]


def _funnel(states: Sequence[str], retaken: int) -> Funnel:
    return Funnel(
        began=len(states),
        running=states.count(Attempt.State.RUNNING),
        passed=states.count(Attempt.State.PASSED),
        failed=states.count(Attempt.State.FAILED),
        left=states.count(Attempt.State.LEFT),
        retaken=retaken,
    )


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the judged answers were right, as a share with its 95 % interval; None without any."""

    hits: int
    seen: int
    share: float | None
    low: float | None
    high: float | None


def score_of(hits: int, seen: int) -> Score:
    """Return the score of so many right answers."""
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
    return [
        AttemptLine(row, row.enrollment.pseudonym, score_of(row.hits, row.seen)) for row in rows
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
