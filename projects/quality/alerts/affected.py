"""The answers that an alert is about. Workspace plane."""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.functions import NullIf

from projects.items.models import Batch
from projects.quality.alerts.evidence import AffectedCounts, Evidence
from projects.quality.alerts.models import Alert
from projects.quality.monitors.models import MonitorKind, Score
from projects.review.models import Flag
from projects.review.services import flags
from projects.work.models import Annotation, Purpose
from rlhfhub.ground.ids import first_id_since

#: At most so many of the newest answers are flagged at once, and so many items are offered for more answers.
MOST, MOST_ITEMS = 5000, 1000
REASONS = {
    Alert.Kind.GOLD: Flag.Reason.DRIFT,
    Alert.Kind.AGREEMENT: Flag.Reason.DRIFT,
    Alert.Kind.GUESSING: Flag.Reason.GUESSING,
    Alert.Kind.SIDE: Flag.Reason.HABIT,
    Alert.Kind.RUN: Flag.Reason.HABIT,
    Alert.Kind.SPEED: Flag.Reason.SPEED,
    Alert.Kind.PAIR: Flag.Reason.PAIR,
    Alert.Kind.COPIES: Flag.Reason.COPIES,
    Alert.Kind.PASTED: Flag.Reason.PASTED,
    Alert.Kind.MOVED: Flag.Reason.MOVED,
}
#: What an upheld alert weighs in the order of the reviews.
WEIGHT = 5


def answers(alert: Alert) -> QuerySet[Annotation]:
    """Return the affected answers: those that a search found, or all from the change until the decision.

    For an alert about the whole project these are everybody's answers for its data since the change, and for one about
    speed only those that were too fast.
    """
    rows = Annotation.objects.filter(project_id=alert.project_id)
    if alert.enrollment_id is None:
        rows = rows.filter(purpose=Purpose.DATA)
    else:
        rows = rows.filter(enrollment_id=alert.enrollment_id)
    if alert.decided_at:
        rows = rows.filter(pk__lt=first_id_since(alert.decided_at))
    since = Evidence.restore(alert.evidence).affected_id
    if since is not None and alert.kind == Alert.Kind.SPEED:
        return rows.filter(Exists(_times(value__lt=1)), pk__gte=since)
    if since is not None:
        return rows.filter(pk__gte=since)
    found = Alert.objects.filter(pk=alert.pk).values(
        found=Func(F("annotations"), function="unnest", output_field=UUIDField())
    )
    return rows.filter(pk__in=found)


def _times(**also: float) -> QuerySet[Score]:
    """The scores of time of an annotation of the outer query."""
    return Score.objects.filter(
        annotation=OuterRef("pk"), monitor__kind=MonitorKind.TIME, **also
    ).order_by()


def with_least_seconds(rows: QuerySet[Annotation]) -> QuerySet[Annotation]:
    """Return these annotations, each with the `least_seconds` that a careful answer takes."""
    share = Subquery(_times().values("value")[:1])
    return rows.annotate(least_seconds=F("seconds") / NullIf(share, Value(0.0)))


def for_data(alert: Alert) -> QuerySet[Annotation]:
    """Return the affected answers for the project's data."""
    return answers(alert).filter(purpose=Purpose.DATA)


def counts(alert: Alert) -> AffectedCounts:
    """Count the affected answers."""
    found = answers(alert).aggregate(
        data=Count("id", filter=Q(purpose=Purpose.DATA)),
        repeats=Count("id", filter=Q(purpose=Purpose.REPEAT)),
        keyed=Count("id", filter=Q(purpose__in=[Purpose.GOLD, Purpose.CALIBRATION])),
    )
    return AffectedCounts(**found)


def flag(alert: Alert) -> int:
    """Flag the affected answers for data for review. Returns how many are newly flagged."""
    ids = list(for_data(alert).order_by("-pk").values_list("pk", flat=True)[:MOST])
    reason = REASONS[Alert.Kind(alert.kind)]
    return flags.flag(annotation_ids=ids, reason=reason, weight=WEIGHT)


def names_of(batch_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of these batches as pages show them."""
    return {pk: str(batch) for pk, batch in Batch.objects.in_bulk(list(batch_ids)).items()}


def items_by_batch(alert: Alert) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Return the affected items by batch, the newest `MOST_ITEMS`: more answers to them can be asked for."""
    rows: Sequence[tuple[uuid.UUID, uuid.UUID]] = list(
        for_data(alert).order_by("-pk").values_list("batch_id", "item_id")[:MOST_ITEMS]
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    # Several people's answers to one item may be affected.
    for batch_id, item_id in dict.fromkeys(rows):
        found.setdefault(batch_id, []).append(item_id)
    return found
