"""How far a project is, and how far its annotators agree, as the live pages show it. Workspace plane."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.kinds import form as forms
from projects.kinds.protocol import Scale
from projects.plan.models import Project
from projects.quality import patterns
from projects.quality.models import AgreementSnapshot
from projects.stats.consensus import leading
from projects.work.models import Annotation, Lease
from rlhfhub.ground.ids import first_id_since
from rlhfhub.web.costly import remembered

_TALLY = """
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
class Tally:
    """A project's answers, counted once for all that a page shows of them."""

    whole: Sum = field(default_factory=Sum)
    by_batch: dict[uuid.UUID, Sum] = field(default_factory=dict)
    by_enrollment: dict[uuid.UUID, Sum] = field(default_factory=dict)


def tally_of(project_id: uuid.UUID) -> Tally:
    """Answers by batch and by annotator."""
    return remembered(f"tally:{project_id}", lambda: _tally(project_id))


def _tally(project_id: uuid.UUID) -> Tally:
    found = Tally()
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, [project_id])
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


def scales_of(project: Project) -> dict[str, Scale]:
    """The scale of each question of the project's form that has judgments, in the form's order."""
    return forms.scales_of(project.form.questions) if project.form else {}


def headline(project: Project) -> str:
    """The question whose agreement stands for the project's: the first that has judgments, or the empty name."""
    return next(iter(scales_of(project)), "")


def latest(project_id: uuid.UUID, question: str) -> AgreementSnapshot | None:
    """The newest agreement of the whole project on a question."""
    mine = AgreementSnapshot.objects.filter(project_id=project_id, question=question, batch=None)
    return mine.order_by("-at").first()


def batches_of(project: Project) -> QuerySet[Batch]:
    """The project's batches, each with its newest α on the headline question."""
    snapshots = AgreementSnapshot.objects.filter(
        project_id=project.pk, question=headline(project), batch=OuterRef("pk")
    ).order_by("-at")
    rows = Batch.objects.filter(project_id=project.pk)
    return rows.annotate(alpha=Subquery(snapshots.values("alpha")[:1]))


def batch_rows(tally: Tally, batches: Iterable[Batch]) -> list[dict[str, Any]]:
    """The lines of the table of batches, for those of `batches_of`."""
    return [
        {
            "batch": batch,
            "done": tally.by_batch.get(batch.pk, Sum()).submitted,
            "total": batch.slots_count,
            "alpha": batch.alpha,  # type: ignore[attr-defined]  # annotated
        }
        for batch in batches
    ]


def annotator_rows(project: Project, tally: Tally, start: int, most: int) -> list[dict[str, Any]]:
    """The lines of the table of annotators from `start` on: the busiest first, then who has not begun, newest first."""
    sums = tally.by_enrollment
    busy = sorted(sums, key=lambda pk: (-sums[pk].submitted, pk))
    mine = Enrollment.objects.filter(project=project)
    known = mine.in_bulk(busy[start : start + most])
    rows = [known[pk] for pk in busy[start : start + most] if pk in known]
    if (left := start + most - len(busy)) > 0:
        idle = mine.exclude(pk__in=busy).order_by("-id")
        rows += idle[max(0, start - len(busy)) : left]
    return [_annotator(row, sums.get(row.pk, Sum())) for row in rows]


def _annotator(row: Enrollment, done: Sum) -> dict[str, Any]:
    return {
        "pseudonym": row.pseudonym,
        "state": row.state,
        "submitted": done.submitted,
        "accepted": done.accepted,
        "waiting": done.waiting,
        "last_at": done.last_at,
    }


def progress_of(batch: Batch, project: Project) -> dict[str, Any]:
    """The context of `_batch_progress.html`."""
    done = tally_of(project.pk).by_batch.get(batch.pk, Sum())
    total = batch.slots_count
    leased = leased_in(project_id=project.pk, slot__batch=batch) if total else 0
    work = {
        "total": total,
        "filled": done.submitted,
        "leased": leased,
        "open": max(0, total - done.submitted - leased)
        if batch.status not in {Batch.Status.CLOSED, Batch.Status.SIGNED_OFF}
        else 0,
        "accepted": done.accepted,
        "waiting": done.waiting,
    }
    return {
        "work": work,
        "consensus": remembered(f"votes:{batch.pk}", lambda: _votes(batch)) if total else None,
    }


def _votes(batch: Batch) -> dict[str, int]:
    """How many items were answered alike by all (two at least), and on how many no answer leads alone."""
    found = patterns.of_batch(batch.pk, headline(batch.project), "counted")
    twice = {rows: n for rows, n in found.items() if min(map(sum, rows)) >= 2}
    return {
        "items": sum(found.values()),
        "unanimous": sum(n for rows, n in twice.items() if all(max(r) == sum(r) for r in rows)),
        "contested": sum(n for rows, n in twice.items() if any(leading(r) is None for r in rows)),
    }


_PACE = """
    SELECT date_bin(%s::interval, submitted_at, '2000-01-01'), count(*) FROM projects_work_annotation
    WHERE project_id = %s AND id >= %s GROUP BY 1
"""


def pace(project_id: uuid.UUID, now: datetime) -> tuple[timedelta, list[tuple[datetime, int]]]:
    """(length of a step, [(its begin, answers)]): minutes, hours or days, as fits the project's age."""
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
    return step, [(begin, found.get(begin, 0)) for begin in begins]


def _step(age: timedelta) -> tuple[timedelta, int]:
    if age < timedelta(minutes=30):
        return timedelta(minutes=1), 30
    if age < timedelta(hours=36):
        return timedelta(hours=1), 24
    return timedelta(days=1), 14
