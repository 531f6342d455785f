"""What is still to come until the end of a batch, or of all batches of a project that are not closed."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any

from django.db import connection
from django.db.models import Sum

from billing.funding import selectors as funding
from billing.funding.reserve import OPEN_STATUSES
from billing.ledger.models import Account
from projects.items.models import Batch
from projects.plan.models import Project
from projects.stats.finish import days_to_finish
from projects.work.models import Annotation
from rlhfhub.tenancy import clock
from rlhfhub.web.costly import remembered

#: The pace is that of so many whole days (UTC) at most.
DAYS = 14
_FAR_DAYS = 36_500
_UNDECIDED = (Annotation.State.SUBMITTED, Annotation.State.RETURNED)

_BY_STATE = """
    SELECT a.batch_id, a.state, count(*), sum(a.price_minor + a.fee_minor)::bigint
    FROM projects_work_annotation a WHERE a.project_id = %(project)s AND a.batch_id = ANY(%(batches)s) GROUP BY 1, 2
"""
_BY_DAY = """
    SELECT (a.submitted_at AT TIME ZONE 'UTC')::date, count(*) FROM projects_work_annotation a
    WHERE a.project_id = %(project)s AND a.batch_id = ANY(%(batches)s)
      AND a.submitted_at >= %(since)s AND a.submitted_at < %(till)s GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Ending:
    """When the answers that are left are given, at the pace of the last `days` whole days.

    `latest` is None if the pace is too uneven for an upper end.
    """

    days: int
    per_day: float
    day: date
    earliest: date
    latest: date | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Money in minor units, and answers, until the end.

    `spent_minor` was paid for accepted answers. `reserved_minor` is set aside, and is the most that can still be spent;
    `rest_minor` of it is what the answers that are not accepted yet cost, with replacements at the rate of rejections
    so far. `left` answers are still to be given, and `undecided` wait. `ending` is None while there is not enough data.
    """

    currency: str
    spent_minor: int
    reserved_minor: int
    rest_minor: int
    left: int
    undecided: int
    ending: Ending | None

    @property
    def total_minor(self) -> int:
        """What all of it costs in the end, as expected."""
        return self.spent_minor + self.rest_minor


def forecast_of(project: Project, batch: Batch | None = None) -> Forecast | None:
    """Return the forecast of a batch, or of all batches of a project; None if none is funded and not closed."""
    about = batch or project
    return remembered(f"forecast:{about.pk}", lambda: _forecast(project, batch))


def _forecast(project: Project, batch: Batch | None) -> Forecast | None:
    rows = Batch.objects.filter(
        project=project, funding=Batch.Funding.FUNDED, status__in=OPEN_STATUSES
    )
    batches = list(rows.filter(pk=batch.pk) if batch else rows)
    if not batches:
        return None
    done = _done(project, batches)
    left = {one: max(0, one.slots_count - done.by_batch[one.pk]) for one in batches}
    undecided_minor = sum(done.minor[state] for state in _UNDECIDED)
    rest = undecided_minor + sum(number * _each(one) for one, number in left.items())
    return Forecast(
        currency=batches[0].currency or project.currency,
        spent_minor=done.minor[Annotation.State.ACCEPTED],
        reserved_minor=_reserved(batches),
        rest_minor=rest + _replacements(batches, rest, done.rejected_share),
        left=sum(left.values()),
        undecided=sum(done.answers[state] for state in _UNDECIDED),
        ending=_ending(project, batches, sum(left.values())),
    )


@dataclass(frozen=True, slots=True)
class _Done:
    """The answers of some batches so far, and their cost in minor units, by state; and the answers by batch."""

    answers: Counter[str]
    minor: Counter[str]
    by_batch: Counter[uuid.UUID]

    @property
    def rejected_share(self) -> float:
        rejected = self.answers[Annotation.State.REJECTED]
        decided = rejected + self.answers[Annotation.State.ACCEPTED]
        return rejected / decided if decided else 0.0


def _done(project: Project, batches: Sequence[Batch]) -> _Done:
    found = _Done(Counter(), Counter(), Counter())
    for batch_id, state, number, minor in _fetch(_BY_STATE, _values(project, batches)):
        found.answers[state] += number
        found.minor[state] += minor
        found.by_batch[batch_id] += number
    return found


def _replacements(batches: Sequence[Batch], rest_minor: int, rejected_share: float) -> int:
    """Return what replacements will cost if as many answers are rejected as so far; the reserve pays for no more."""
    if not rejected_share:
        return 0
    left = funding.reserves_left(batches)
    reserve = sum(left.get(one.pk, 0) * _each(one) for one in batches)
    return min(ceil(rest_minor * rejected_share), reserve)


def _reserved(batches: Sequence[Batch]) -> int:
    kinds = Account.Kind
    aside = Account.objects.filter(
        kind__in=[kinds.BATCH_BUDGET, kinds.BATCH_RESERVE, kinds.REJECTION_HOLD],
        workspace_id=batches[0].workspace_id,
        batch_id__in=[one.pk for one in batches],
    )
    return int(aside.aggregate(total=Sum("balance_minor"))["total"] or 0)


def _ending(project: Project, batches: Sequence[Batch], left: int) -> Ending | None:
    """Return when `left` answers are given. The days that count are whole ones since the first batch was opened."""
    today = clock.now().astimezone(UTC).date()
    opened = [one.opened_at.astimezone(UTC).date() for one in batches if one.opened_at]
    first = max(min(opened, default=today) + timedelta(days=1), today - timedelta(days=DAYS))
    values = _values(project, batches) | {"since": _midnight(first), "till": _midnight(today)}
    by_day = dict(_fetch(_BY_DAY, values))
    done = [by_day.get(first + timedelta(days=n), 0) for n in range((today - first).days)]
    found = days_to_finish(done, left)
    if found is None or not left:
        return None
    return Ending(
        days=len(done),
        per_day=found.per_day,
        day=_after(today, found.days),
        earliest=_after(today, found.earliest_days),
        latest=None if found.latest_days is None else _after(today, found.latest_days),
    )


def _after(today: date, days: float) -> date:
    return today + timedelta(days=min(ceil(days), _FAR_DAYS))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _each(batch: Batch) -> int:
    return (batch.price_minor or 0) + (batch.fee_minor or 0)


def _values(project: Project, batches: Sequence[Batch]) -> dict[str, Any]:
    return {"project": project.pk, "batches": [one.pk for one in batches]}


def _fetch(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
