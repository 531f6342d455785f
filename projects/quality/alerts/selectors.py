"""Alerts as pages and REST show them. Workspace plane, but for those about the annotator who asks."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from projects.calibration.services import attempts
from projects.calibration.services.attempts import Recalibration
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from projects.quality.alerts import affected, drawings, words
from projects.quality.alerts.comparison import ComparedAnswer, compared
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from projects.quality.alerts.texts import ShownText, side_by_side
from projects.quality.monitors.models import Monitor
from projects.work.models import Annotation
from rlhfhub.web.charts import LineChart


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert with what it says. `who` is the annotator's pseudonym; empty if it is about the whole project."""

    alert: Alert
    who: str
    title: str
    chance: str
    what_to_do: str
    evidence: Evidence

    @property
    def is_open(self) -> bool:
        """Whether a person may decide."""
        return self.alert.state == Alert.State.OPEN


@dataclass(frozen=True, slots=True)
class ItemsOfBatch:
    """Affected items of one batch, to ask for more answers to."""

    batch_id: uuid.UUID
    name: str
    item_ids: list[uuid.UUID]


@dataclass(frozen=True, slots=True)
class AlertDetails:
    """What the page of an alert shows.

    The charts count each `counted`, an answer or an item. `times` is there for an alert about speed only, in place of
    `nearness`, and `shares` is None where there is no mean. `rests_on` says what the charts show, and `affected` which
    answers are in doubt. `texts` are groups of texts that are nearly the same.
    """

    counted: str
    times: LineChart | None
    nearness: LineChart | None
    shares: LineChart | None
    rests_on: str
    affected: str
    batches: list[ItemsOfBatch]
    texts: list[list[ShownText]]


def recalibration_of(alert: Alert) -> Recalibration | None:
    """Return whether upholding an alert can let its annotator recalibrate; None if it is decided or about nobody."""
    if alert.enrollment_id is None or alert.state != Alert.State.OPEN:
        return None
    return attempts.recalibration_of(alert.enrollment_id)


def shown(alert: Alert) -> ShownAlert:
    """Return an alert, which was read with its enrollment, with its words."""
    who = alert.enrollment.pseudonym if alert.enrollment else ""
    evidence = Evidence.restore(alert.evidence)
    kind = alert.kind
    return ShownAlert(
        alert=alert,
        who=who,
        title=words.title(kind, who, evidence),
        chance=words.chance(kind, evidence),
        what_to_do=words.what_to_do(kind),
        evidence=evidence,
    )


def details_of(alert: Alert) -> AlertDetails:
    """Return the charts of an alert, and what it puts in doubt."""
    evidence = Evidence.restore(alert.evidence)
    items = affected.items_by_batch(alert)
    names = affected.names_of(items)
    counted = drawings.counted(alert.kind)
    has_shares, is_of_time = alert.kind in drawings.SHARES, alert.kind == Alert.Kind.SPEED
    return AlertDetails(
        counted=counted,
        times=drawings.times(evidence) if is_of_time else None,
        nearness=None if is_of_time else drawings.nearness(evidence, of=counted),
        shares=drawings.shares(evidence, of=counted) if has_shares else None,
        rests_on=words.rests_on(alert.kind, evidence),
        affected=words.affected(evidence, affected.counts(alert)),
        batches=[ItemsOfBatch(pk, names[pk], ids) for pk, ids in items.items()],
        texts=side_by_side(evidence),
    )


def affected_rows(alert: Alert) -> QuerySet[Annotation]:
    """Return the affected answers with what `compared_with_others` needs, without the texts of their items."""
    rows = affected.with_least_seconds(affected.answers(alert))
    rows = rows.select_related("item", "lease", "enrollment")
    return rows.defer("item__prompt", "item__responses", "item__context", "item__metadata")


def compared_with_others(alert: Alert, rows: Sequence[Annotation]) -> list[ComparedAnswer]:
    """Compare affected answers with those of the others; a pair's with those of everybody but the two.

    The alert was read with its project's form.
    """
    evidence = Evidence.restore(alert.evidence)
    pair = evidence.others if alert.kind == Alert.Kind.PAIR else ()
    return compared(alert.project, rows, besides=pair)


def alerts_of(project: Project, *, state: str = "", kind: str = "") -> QuerySet[Alert]:
    """Return a project's alerts with their enrollments, in a state and of a kind if these are given.

    The answers that a search found, of which there may be many, are not read.
    """
    rows = Alert.objects.filter(project=project).select_related("enrollment").defer("annotations")
    rows = rows.filter(state=state) if state else rows
    return rows.filter(kind=kind) if kind else rows


@dataclass(frozen=True, slots=True)
class Counts:
    """How many alerts of a project are open, and in all."""

    open: int
    all: int


def counts_of(project_id: uuid.UUID) -> Counts:
    """Return how many alerts a project has."""
    found = Alert.objects.filter(project_id=project_id).aggregate(
        open=Count("id", filter=Q(state=Alert.State.OPEN)), all=Count("id")
    )
    return Counts(**found)


def open_in(project_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many alerts are open in each of these projects; those without one are left out."""
    rows = Alert.objects.filter(project_id__in=project_ids, state=Alert.State.OPEN)
    return dict(rows.order_by().values_list("project_id").annotate(n=Count("id")))


def open_about(enrollment: OuterRef) -> Coalesce:
    """Return the number of open alerts about an enrollment of the outer query."""
    rows = Alert.objects.filter(enrollment=enrollment, state=Alert.State.OPEN).order_by()
    counted = rows.values("enrollment").annotate(count=Count("id")).values("count")
    return Coalesce(Subquery(counted), Value(0))


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched of one annotator: their newest alerts, and their monitors."""

    alerts: list[ShownAlert]
    monitors: list[Monitor]


def watch_of(enrollment: Enrollment, most: int = 10) -> Watch:
    """Return what is watched of an annotator."""
    rows = Alert.objects.filter(enrollment=enrollment).select_related("enrollment")
    rows = rows.defer("annotations")
    monitors = Monitor.objects.filter(enrollment=enrollment, seen__gt=0).select_related(
        "enrollment"
    )
    return Watch(
        alerts=[shown(alert) for alert in rows.order_by("-pk")[:most]],
        monitors=list(monitors.defer("state").order_by("-level", "pk")),
    )


def nearest(project_id: uuid.UUID) -> QuerySet[Monitor]:
    """Return the monitors of a project's annotators with their enrollments, the nearest to an alarm first."""
    rows = Monitor.objects.filter(project_id=project_id, enrollment__isnull=False, level__gt=0)
    return rows.select_related("enrollment").defer("state").order_by("-level", "pk")


@dataclass(frozen=True, slots=True)
class OwnAlert:
    """An alert as its annotator sees it: what it says to them, and what became of it."""

    id: uuid.UUID
    kind: str
    says: str
    state: str
    told_at: datetime
    is_swapped: bool
    reply: str
    by: str
    note: str
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether they may reply."""
        return self.state == Alert.State.OPEN


_OWN = ("id", "kind", "state", "told_at", "swapped_at", "reply", "by", "note", "decided_at")


def own_alerts(enrollment_id: uuid.UUID, most: int = 20) -> list[OwnAlert]:
    """Return the newest alerts about the annotator of an enrollment that they were told of. Annotator plane."""
    rows = Alert.objects.filter(enrollment_id=enrollment_id).only(*_OWN).order_by("-told_at")[:most]
    return [
        OwnAlert(
            id=row.pk,
            kind=row.kind,
            says=words.own(row.kind),
            state=row.state,
            told_at=row.told_at,
            is_swapped=row.swapped_at is not None,
            reply=row.reply,
            by=row.by,
            note=row.note,
            decided_at=row.decided_at,
        )
        for row in rows
    ]
