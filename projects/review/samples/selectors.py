"""How far a sample check is, what it says of the rest, and how many answers the rest is. Workspace plane."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from projects.plan.models import Project
from projects.review.samples.models import SampleCheck
from projects.stats.binomial import upper_limit
from projects.stats.planning import sample_size_of_bound

MOST_ANSWERS = 10_000
"""So many undecided answers a check can be about."""

# A returned answer is wrong, and so is a rejected one unless an appeal overturned the rejection: both count wherever
# they were decided, because to leave them out would make the rest look better than it is. An answer that was accepted
# counts as checked only if it was accepted in this check.
_PEOPLE = """
    SELECT e.id, e.pseudonym, count(*),
           count(*) FILTER (WHERE s.checked_at IS NOT NULL OR r.id IS NOT NULL OR d.verdict = 'rejected'),
           count(*) FILTER (WHERE r.id IS NOT NULL OR d.verdict = 'rejected' AND o.id IS NULL),
           count(*) FILTER (WHERE d.id IS NULL AND r.id IS NULL)
    FROM projects_review_sampleanswer s
    JOIN projects_work_annotation a ON a.id = s.annotation_id
    JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
    LEFT JOIN projects_review_decision d ON d.annotation_id = a.id AND d.stage = 1
    LEFT JOIN projects_review_decision o ON o.annotation_id = a.id AND o.verdict = 'overturned'
    LEFT JOIN projects_review_return r ON r.annotation_id = a.id AND r.returned_at > %(made_at)s
    WHERE s.sample_check_id = %(sample)s
    GROUP BY e.id, e.pseudonym ORDER BY e.pseudonym
"""

# Undecided answers of the scope that were there when the sample was drawn, are not in it, and did not change since.
# Those that waited in a bulk accept then could not be drawn, so the sample does not speak for them, even if it was
# undone. `n` is the bulk accept that one waits in now.
_SCOPE = """
    FROM projects_work_annotation a
    LEFT JOIN projects_review_bulkanswer n ON n.annotation_id = a.id AND n.outcome = ''
    WHERE a.project_id = %(project)s AND a.state = 'submitted' AND a.purpose = 'data' AND a.batch_id = %(batch)s
      AND (%(enrollment)s::uuid IS NULL OR a.enrollment_id = %(enrollment)s)
      AND a.submitted_at <= %(made_at)s AND a.annotator_id <> %(maker)s AND a.annotator_id <> %(reader)s
      AND NOT EXISTS (SELECT 1 FROM projects_review_sampleanswer s
                      WHERE s.sample_check_id = %(sample)s AND s.annotation_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM projects_review_return r
                      WHERE r.annotation_id = a.id AND COALESCE(r.answered_at, r.lapsed_at) > %(made_at)s)
      AND NOT EXISTS (SELECT 1 FROM projects_review_bulkanswer o
                      JOIN projects_review_bulkaccept b ON b.id = o.bulk_accept_id
                      WHERE o.annotation_id = a.id AND b.requested_at <= %(made_at)s
                        AND COALESCE(b.cancelled_at, b.done_at, 'infinity') > %(made_at)s)
"""
_REST = f"""
    SELECT a.id, a.enrollment_id, a.price_minor, a.fee_minor {_SCOPE} AND n.id IS NULL
    ORDER BY a.decide_by, a.id LIMIT %(limit)s
"""
_SUMS = f"""
    SELECT count(*) FILTER (WHERE bulk IS NULL), COALESCE(sum(price_minor) FILTER (WHERE bulk IS NULL), 0)::bigint,
           COALESCE(sum(fee_minor) FILTER (WHERE bulk IS NULL), 0)::bigint, count(bulk)
    FROM (SELECT a.price_minor, a.fee_minor, n.id AS bulk {_SCOPE} LIMIT %(limit)s) r
"""  # noqa: S608  constants only


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the drawn answers were checked, and how many of those are wrong.

    `waiting` are still to check; the others were accepted outside this check. `upper` is the upper limit of the share
    wrong among all such answers, 0 to 1; None before one was checked.
    """

    drawn: int
    checked: int
    wrong: int
    waiting: int
    upper: float | None

    @property
    def unchecked(self) -> int:
        """How many were accepted outside this check: automatically, together with others, or one by one."""
        return self.drawn - self.checked - self.waiting


@dataclass(frozen=True, slots=True)
class PersonShare:
    """What was found of one annotator's answers."""

    enrollment_id: uuid.UUID
    pseudonym: str
    share: Share


@dataclass(frozen=True, slots=True)
class Rest:
    """The undecided answers that the sample speaks for, and what they cost; not those `in_bulk`, which a bulk accept is
    about to accept.
    """

    answers: int
    price_minor: int
    fee_minor: int
    in_bulk: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check is. `more` is how many further answers to check, so that the wished limit can still be reached;
    0 if it is reached or cannot be.
    """

    check: SampleCheck
    total: Share
    people: list[PersonShare]
    rest: Rest
    more: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to check."""
        return self.total.waiting == 0

    @property
    def is_supported(self) -> bool:
        """Whether the check shows that no more than the wished share is wrong."""
        upper = self.total.upper
        return self.is_done and upper is not None and upper <= self.check.bound_percent / 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """An undecided answer of a check's scope."""

    id: uuid.UUID
    enrollment_id: uuid.UUID
    price_minor: int
    fee_minor: int


def of_project(project: Project) -> QuerySet[SampleCheck]:
    """Return the sample checks of a project."""
    rows: QuerySet[SampleCheck] = SampleCheck.objects.filter(project=project)
    return rows.select_related("batch", "enrollment")


def rest_of(check: SampleCheck, reader_id: uuid.UUID) -> list[Waiting]:
    """Return the answers that the check speaks for and that `reader_id` may decide on: up to one more than the most."""
    with connection.cursor() as cursor:
        cursor.execute(_REST, _values(check, reader_id))
        return [Waiting(*row) for row in cursor.fetchall()]


def _rest(check: SampleCheck, reader_id: uuid.UUID) -> Rest:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, _values(check, reader_id))
        return Rest(*cursor.fetchone())


def _values(check: SampleCheck, reader_id: uuid.UUID) -> dict[str, Any]:
    return {
        "project": check.project_id,
        "batch": check.batch_id,
        "enrollment": check.enrollment_id,
        "made_at": check.made_at,
        "maker": check.made_by_id,
        "reader": reader_id,
        "sample": check.pk,
        "limit": MOST_ANSWERS + 1,
    }


def progress_of(check: SampleCheck, reader_id: uuid.UUID) -> Progress:
    """Return how far a check is, as `reader_id` may act on it."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"sample": check.pk, "made_at": check.made_at})
        rows = cursor.fetchall()
    confidence = check.confidence_percent / 100
    people = [PersonShare(key, name, _share(counts, confidence)) for key, name, *counts in rows]
    total = _share(
        [sum(column) for column in zip(*(row[2:] for row in rows), strict=True)], confidence
    )
    rest = _rest(check, reader_id)
    return Progress(check, total, people, rest, more=_more(check, total, rest.answers))


def _share(counts: list[int], confidence: float) -> Share:
    drawn, checked, wrong, waiting = counts
    upper = upper_limit(wrong, checked, confidence=confidence) if checked else None
    return Share(drawn, checked, wrong, waiting, upper)


def _more(check: SampleCheck, total: Share, rest: int) -> int:
    """Return how many more answers to draw: so many that the limit is reached if none of them is wrong."""
    needed = sample_size_of_bound(
        check.bound_percent / 100, wrong=total.wrong, confidence=check.confidence_percent / 100
    )
    if needed is None:
        return 0
    missing = needed - total.checked - total.waiting
    return missing if 0 < missing <= rest else 0
