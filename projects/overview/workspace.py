"""The projects of a workspace as its page shows them, read from stored figures only. Workspace plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone

from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import selectors
from projects.quality.alerts import selectors as alerts
from projects.quality.signals import signals_of
from projects.quality.trust import Measured, Signals, Trust, trust_of, with_signals
from projects.work import measured
from rlhfhub.ground.ids import first_id_since
from rlhfhub.tenancy.models import Workspace
from rlhfhub.web.charts import Sparkline, sparkline
from rlhfhub.web.costly import remembered

PAGE_SIZE = 30
_LATEST = """
    SELECT p.id, s.alphas, s.lows[1], s.highs[1], s.done[1], s.items[1]
    FROM unnest(%s::uuid[], %s::text[]) AS p(id, question)
    CROSS JOIN LATERAL (
        SELECT array_agg(alpha ORDER BY at DESC) AS alphas, array_agg(low ORDER BY at DESC) AS lows,
               array_agg(high ORDER BY at DESC) AS highs, array_agg(annotations ORDER BY at DESC) AS done,
               array_agg(items ORDER BY at DESC) AS items
        FROM (SELECT at, alpha, low, high, annotations, items FROM projects_quality_agreementsnapshot
              WHERE project_id = p.id AND question = p.question AND batch_id IS NULL
              ORDER BY at DESC LIMIT 40) newest) s
"""


@dataclass(frozen=True, slots=True)
class Card:
    """One project.

    `done` of `total` funded answers are given. `alpha` is the newest Krippendorff's α on the first question that has
    judgments, `low` to `high` its confidence interval, and `spark` a chart of its history. `trust` says how far the
    answers to that question can be relied on; None if no question has judgments. `open_alerts` wait for a decision.
    """

    project: Project
    open_batches: int
    open_alerts: int
    annotators: int
    done: int
    total: int
    alpha: float | None
    low: float | None
    high: float | None
    spark: Sparkline | None
    trust: Trust | None


def cards(projects: Sequence[Project]) -> list[Card]:
    """These projects as the workspace's page shows them."""
    ids = [project.pk for project in projects]
    batches = _batches(ids)
    annotators = dict(
        Enrollment.objects.filter(project_id__in=ids)
        .values_list("project_id")
        .annotate(n=Count("id"))
        .order_by()
    )
    headlines = {project.pk: selectors.headline(project) for project in projects}
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [ids, list(headlines.values())])
        latest = {row[0]: row[1:] for row in cursor.fetchall()}
    signals = signals_of(headlines, alerts.open_in(ids))
    return [
        _card(
            *(p, batches.get(p.pk, (0, 0)), signals[p.pk]),
            *(annotators.get(p.pk, 0), latest[p.pk]),
        )
        for p in projects
    ]


def _batches(ids: list[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """The number of open batches and of funded slots for data, by project."""
    rows = Batch.objects.filter(project_id__in=ids).values("project_id").order_by()
    sums = rows.annotate(
        open=Count("id", filter=Q(status=Batch.Status.OPEN)),
        slots=Sum("slots_count"),
    )
    others = measured.slots_by_project(ids)
    return {
        row["project_id"]: (row["open"], (row["slots"] or 0) - others.get(row["project_id"], 0))
        for row in sums
    }


def _card(
    project: Project,
    batches: tuple[int, int],
    signals: Signals,
    annotators: int,
    latest: tuple[Any, ...],
) -> Card:
    alphas, low, high, done, items = latest
    alpha = alphas[0] if alphas else None
    found = Measured(items or 0, alpha, low, high)
    return Card(
        project=project,
        open_batches=batches[0],
        open_alerts=signals.open_alerts,
        annotators=annotators,
        done=done or 0,
        total=batches[1],
        alpha=alpha,
        low=low,
        high=high,
        spark=sparkline(reversed(alphas), title="Agreement α") if alphas else None,
        trust=_trust(project, found, signals),
    )


def _trust(project: Project, found: Measured, signals: Signals) -> Trust | None:
    headline = selectors.headline(project)
    if not headline:
        return None
    return with_signals(trust_of(found, is_taste=selectors.is_taste(project, headline)), signals)


_LATELY = """
    SELECT count(*) FILTER (WHERE submitted_at >= %s), count(DISTINCT annotator_id)
    FROM projects_work_annotation WHERE workspace_id = %s AND purpose = 'data' AND id >= %s
"""


@dataclass(frozen=True, slots=True)
class Lately:
    """The number of answers since midnight UTC, and of people who gave any in the last seven days."""

    answers_today: int
    annotators_this_week: int


def lately(workspace: Workspace) -> Lately:
    """The recent activity in the workspace."""
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)

    def read() -> Lately:
        with connection.cursor() as cursor:
            since = first_id_since(now - timedelta(days=7))
            cursor.execute(_LATELY, [midnight, workspace.pk, since])
            return Lately(*cursor.fetchone())

    return remembered(f"lately:{workspace.pk}", read)
