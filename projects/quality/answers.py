"""Counts of a project's answers by batch, by annotator and over time, for the live pages. Workspace plane.

They count answers for the project's data only: not gold, repeats and calibration.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from projects.calibration.selectors import states_of
from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.plan.models import Project
from projects.work import measured
from projects.work.models import Annotation, Lease, Purpose
from rlhfhub.ground.ids import first_id_since
from rlhfhub.web.costly import remembered

_ANSWERS = """
    SELECT batch_id, enrollment_id, state, count(*), max(submitted_at)
    FROM projects_work_annotation WHERE project_id = %s AND purpose = 'data' GROUP BY batch_id, enrollment_id, state
"""


@dataclass(slots=True)
class Totals:
    """Counts of answers in a batch, by an annotator or in a whole project.

    `waiting` answers are submitted and not yet accepted or rejected. `last_at` is when the newest was submitted.
    """

    submitted: int = 0
    accepted: int = 0
    waiting: int = 0
    last_at: datetime | None = None

    def add(self, state: str, count: int, last_at: datetime) -> None:
        """Add `count` answers that are in `state`, the newest of them from `last_at`."""
        self.submitted += count
        self.accepted += count if state == Annotation.State.ACCEPTED else 0
        self.waiting += count if state == Annotation.State.SUBMITTED else 0
        self.last_at = max(self.last_at, last_at) if self.last_at else last_at


@dataclass(slots=True)
class Answers:
    """A project's answers, counted once for every table and figure of a page."""

    whole: Totals = field(default_factory=Totals)
    by_batch: dict[uuid.UUID, Totals] = field(default_factory=dict)
    by_enrollment: dict[uuid.UUID, Totals] = field(default_factory=dict)


def answers_of(project_id: uuid.UUID) -> Answers:
    """Return a project's answers in all, by batch and by annotator; the result is cached for a short time."""
    return remembered(f"answers:{project_id}", lambda: _answers(project_id))


def _answers(project_id: uuid.UUID) -> Answers:
    found = Answers()
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [project_id])
        for batch_id, enrollment_id, state, count, last_at in cursor.fetchall():
            for total in (
                found.whole,
                found.by_batch.setdefault(batch_id, Totals()),
                found.by_enrollment.setdefault(enrollment_id, Totals()),
            ):
                total.add(state, count, last_at)
    return found


def waiting_at_most(project_id: uuid.UUID, most: int = 1000) -> int:
    """Return how many answers for data wait for a decision, or `most` if there are more."""
    waiting = Annotation.objects.filter(
        project_id=project_id, state=Annotation.State.SUBMITTED, purpose=Purpose.DATA
    )
    return len(waiting.values_list("id", flat=True)[:most])


def count_live_leases(**where: Any) -> int:
    """Return how many leases on the project's data that match the filter `where` are live."""
    return Lease.objects.filter(ended_at=None, slot__purpose=Purpose.DATA, **where).count()


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A row of the table of batches.

    `done` of the `total` funded slots for data are answered. `alpha` is Krippendorff's α on the headline question.
    """

    batch: Batch
    done: int
    total: int
    alpha: float | None

    @property
    def pk(self) -> uuid.UUID:
        """The batch's primary key."""
        return self.batch.pk


def batch_rows(answers: Answers, batches: Iterable[Batch]) -> list[BatchRow]:
    """Return the rows of the table of batches. `batches` come from `selectors.batches_of`, which annotates α."""
    batches = list(batches)
    others = measured.slots_by_batch(batches[0].project_id) if batches else {}
    return [
        BatchRow(
            batch=batch,
            done=answers.by_batch.get(batch.pk, Totals()).submitted,
            total=batch.slots_count - others.get(batch.pk, 0),
            alpha=batch.alpha,  # type: ignore[attr-defined]  # annotated
        )
        for batch in batches
    ]


@dataclass(frozen=True, slots=True)
class AnnotatorRow:
    """A row of the table of annotators, who appear under their pseudonyms; `state` is in words."""

    pseudonym: str
    state: str
    submitted: int
    accepted: int
    waiting: int
    last_at: datetime | None


def annotator_rows(project: Project, answers: Answers, start: int, most: int) -> list[AnnotatorRow]:
    """Return up to `most` rows of the table of annotators, from row `start` on.

    Those with answers come first, the busiest at the top. Those without follow, the newest first.
    """
    totals = answers.by_enrollment
    busy = sorted(totals, key=lambda pk: (-totals[pk].submitted, pk))
    mine = Enrollment.objects.filter(project=project)
    known = mine.in_bulk(busy[start : start + most])
    rows = [known[pk] for pk in busy[start : start + most] if pk in known]
    if (left := start + most - len(busy)) > 0:
        idle = mine.exclude(pk__in=busy).order_by("-id")
        rows += idle[max(0, start - len(busy)) : left]
    states = states_of(rows)
    return [_annotator(row, states[row.pk], totals.get(row.pk, Totals())) for row in rows]


def _annotator(row: Enrollment, state: str, totals: Totals) -> AnnotatorRow:
    return AnnotatorRow(
        pseudonym=row.pseudonym,
        state=state,
        submitted=totals.submitted,
        accepted=totals.accepted,
        waiting=totals.waiting,
        last_at=totals.last_at,
    )


_PACE = """
    SELECT date_bin(%s::interval, submitted_at, '2000-01-01'), count(*) FROM projects_work_annotation
    WHERE project_id = %s AND purpose = 'data' AND id >= %s GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """Answers in each time step of length `step`: (start of the step, number of answers), oldest first."""

    step: timedelta
    counts: list[tuple[datetime, int]]


def pace(project_id: uuid.UUID, now: datetime) -> Pace:
    """Count the newest answers by minute, hour or day, depending on how old the project's first answer is."""
    first = (
        Annotation.objects.filter(project_id=project_id, purpose=Purpose.DATA)
        .order_by("id")
        .values_list("submitted_at", flat=True)
        .first()
    )
    age = now - first if first else timedelta(0)
    step, count = _step(age)

    def read() -> dict[datetime, int]:
        with connection.cursor() as cursor:
            since = first_id_since(now - step * count)
            cursor.execute(_PACE, [f"{step.total_seconds()} seconds", project_id, since])
            return dict(cursor.fetchall())

    found = remembered(f"pace:{project_id}:{step.total_seconds()}", read) if first else {}
    epoch = datetime(2000, 1, 1, tzinfo=now.tzinfo)
    last = epoch + (now - epoch) // step * step
    begins = [last - step * n for n in range(count - 1, -1, -1)]
    return Pace(step, [(begin, found.get(begin, 0)) for begin in begins])


def _step(age: timedelta) -> tuple[timedelta, int]:
    if age < timedelta(minutes=30):
        return timedelta(minutes=1), 30
    if age < timedelta(hours=36):
        return timedelta(hours=1), 24
    return timedelta(days=1), 14
