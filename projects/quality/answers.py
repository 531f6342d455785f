"""A project's answers by batch, by annotator and over time, as the live pages show them. Workspace plane."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.plan.models import Project
from projects.work.models import Annotation, Lease
from rlhfhub.ground.ids import first_id_since
from rlhfhub.web.costly import remembered

_ANSWERS = """
    SELECT batch_id, enrollment_id, state, count(*), max(submitted_at)
    FROM projects_work_annotation WHERE project_id = %s GROUP BY batch_id, enrollment_id, state
"""


@dataclass(slots=True)
class Sum:
    """Answers of a batch, an annotator or a whole project; `waiting` are those nobody has decided on."""

    submitted: int = 0
    accepted: int = 0
    waiting: int = 0
    last_at: datetime | None = None

    def add(self, state: str, count: int, last_at: datetime) -> None:
        self.submitted += count
        self.accepted += count if state == Annotation.State.ACCEPTED else 0
        self.waiting += count if state == Annotation.State.SUBMITTED else 0
        self.last_at = max(self.last_at, last_at) if self.last_at else last_at


@dataclass(slots=True)
class Answers:
    """A project's answers, counted once for all that a page shows of them."""

    whole: Sum = field(default_factory=Sum)
    by_batch: dict[uuid.UUID, Sum] = field(default_factory=dict)
    by_enrollment: dict[uuid.UUID, Sum] = field(default_factory=dict)


def answers_of(project_id: uuid.UUID) -> Answers:
    """Answers by batch and by annotator."""
    return remembered(f"answers:{project_id}", lambda: _answers(project_id))


def _answers(project_id: uuid.UUID) -> Answers:
    found = Answers()
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [project_id])
        for batch_id, enrollment_id, state, count, last_at in cursor.fetchall():
            for total in (
                found.whole,
                found.by_batch.setdefault(batch_id, Sum()),
                found.by_enrollment.setdefault(enrollment_id, Sum()),
            ):
                total.add(state, count, last_at)
    return found


def waiting_at_most(project_id: uuid.UUID, most: int = 1000) -> int:
    """Answers that wait for a decision, counted up to `most`."""
    waiting = Annotation.objects.filter(project_id=project_id, state=Annotation.State.SUBMITTED)
    return len(waiting.values_list("id", flat=True)[:most])


def leased_in(**where: Any) -> int:
    """Live leases."""
    return Lease.objects.filter(ended_at=None, **where).count()


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A line of the table of batches: answers given of those paid for, and α on the headline question."""

    batch: Batch
    done: int
    total: int
    alpha: float | None

    @property
    def pk(self) -> uuid.UUID:
        """The batch's."""
        return self.batch.pk


def batch_rows(answers: Answers, batches: Iterable[Batch]) -> list[BatchRow]:
    """The lines of the table of batches, for those of `selectors.batches_of`."""
    return [
        BatchRow(
            batch=batch,
            done=answers.by_batch.get(batch.pk, Sum()).submitted,
            total=batch.slots_count,
            alpha=batch.alpha,  # type: ignore[attr-defined]  # annotated
        )
        for batch in batches
    ]


@dataclass(frozen=True, slots=True)
class AnnotatorRow:
    """A line of the table of annotators."""

    pseudonym: str
    state: str
    submitted: int
    accepted: int
    waiting: int
    last_at: datetime | None


def annotator_rows(project: Project, answers: Answers, start: int, most: int) -> list[AnnotatorRow]:
    """The lines of the table of annotators from `start` on: the busiest first, then who has not begun, newest first."""
    sums = answers.by_enrollment
    busy = sorted(sums, key=lambda pk: (-sums[pk].submitted, pk))
    mine = Enrollment.objects.filter(project=project)
    known = mine.in_bulk(busy[start : start + most])
    rows = [known[pk] for pk in busy[start : start + most] if pk in known]
    if (left := start + most - len(busy)) > 0:
        idle = mine.exclude(pk__in=busy).order_by("-id")
        rows += idle[max(0, start - len(busy)) : left]
    return [_annotator(row, sums.get(row.pk, Sum())) for row in rows]


def _annotator(row: Enrollment, done: Sum) -> AnnotatorRow:
    return AnnotatorRow(
        row.pseudonym, row.state, done.submitted, done.accepted, done.waiting, done.last_at
    )


_PACE = """
    SELECT date_bin(%s::interval, submitted_at, '2000-01-01'), count(*) FROM projects_work_annotation
    WHERE project_id = %s AND id >= %s GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """Answers in each step of time: (when it began, how many), oldest first."""

    step: timedelta
    counts: list[tuple[datetime, int]]


def pace(project_id: uuid.UUID, now: datetime) -> Pace:
    """Answers by minutes, hours or days, as fits the project's age."""
    first = (
        Annotation.objects.filter(project_id=project_id)
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
