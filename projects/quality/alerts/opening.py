"""Opening alerts for alarms, in the transaction in which the monitor reached its threshold. Workspace plane."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection

from projects.quality.alerts import notices
from projects.quality.alerts.evidence import (
    NEWEST,
    Evidence,
    Point,
    changed_after,
    means,
    thinned,
    too_fast_after,
)
from projects.quality.alerts.models import Alert
from projects.quality.monitors.models import Monitor, MonitorKind, Score
from projects.quality.monitors.signs import Alarm
from rlhfhub.ground.ids import first_id_since
from rlhfhub.tenancy import clock

#: A person decides within so many hours, or the alert lifts itself.
HOURS = 24
#: An annotator is told of an alert about keyed items so many minutes after it was opened, drawn at random.
TOLD_AFTER = (30, 120)
_DAYS = 7
_SHARES = {"gold", "agreement", "moved"}

_A_DAY = """
    SELECT count(*), count(DISTINCT item_id), extract(epoch FROM %s::timestamptz - min(submitted_at)) / 86400
    FROM projects_work_annotation WHERE project_id = %s AND id >= %s
"""


def open_for(alarms: Sequence[Alarm]) -> list[Alert]:
    """Open an alert for each alarm, unless one of its kind about the same annotator is open.

    Returns: the new alerts.
    """
    projects = {alarm.monitor.project_id for alarm in alarms}
    rows = Alert.objects.filter(project_id__in=projects, state=Alert.State.OPEN)
    known: set[tuple[uuid.UUID, uuid.UUID | None, str]] = set()
    if projects:
        known.update(rows.values_list("project_id", "enrollment_id", "kind"))
    opened = []
    for alarm in alarms:
        about = alarm.monitor.project_id, alarm.monitor.enrollment_id, alarm.kind
        if about not in known:
            known.add(about)
            opened.append(_open(alarm.monitor, alarm))
    return opened


def _open(monitor: Monitor, alarm: Alarm) -> Alert:
    now = clock.now()
    evidence = replace(_evidence(monitor, alarm), a_day=_a_day(monitor, now))
    return add(
        workspace_id=monitor.workspace_id,
        project_id=monitor.project_id,
        enrollment_id=monitor.enrollment_id,
        kind=alarm.kind,
        evidence=evidence,
        now=now,
        is_of_keyed=monitor.kind == MonitorKind.GOLD,
    )


def add(
    *,
    workspace_id: uuid.UUID,
    project_id: uuid.UUID,
    enrollment_id: uuid.UUID | None,
    kind: str,
    evidence: Evidence,
    now: datetime,
    annotations: Sequence[str] = (),
    is_of_keyed: bool = False,
) -> Alert:
    """Store a new alert, and tell the members who decide. `annotations` are the answers in question of a search.

    Its annotator is told of one that an answer to a keyed item raised (`is_of_keyed`) after a random wait.
    """
    wait = random.SystemRandom().uniform(*TOLD_AFTER) if is_of_keyed else 0
    alert = Alert.objects.create(
        workspace_id=workspace_id,
        project_id=project_id,
        enrollment_id=enrollment_id,
        kind=kind,
        evidence=evidence.as_json(),
        annotations=list(annotations),
        opened_at=now,
        told_at=now + timedelta(minutes=wait),
        lifts_at=now + timedelta(hours=HOURS),
    )
    notices.tell_members(alert)
    return alert


def _evidence(monitor: Monitor, alarm: Alarm) -> Evidence:
    newest = _newest(monitor, alarm)
    series = [point for point, _ in newest]
    if alarm.kind == "speed":
        since = too_fast_after(series, alarm.since)
    else:
        since = changed_after(series, alarm.since, is_share=alarm.kind in _SHARES)
    affected = next((pk for point, pk in newest if point.number > since), alarm.annotation_id)
    before, after = means(series, since)
    return Evidence(
        at=alarm.at,
        since=since,
        affected_from=str(affected),
        before=before,
        after=after,
        signs=alarm.signs,
        fast=alarm.fast,
        points=thinned(series),
    )


def _newest(monitor: Monitor, alarm: Alarm) -> list[tuple[Point, uuid.UUID]]:
    """The newest scores of the monitor until the alarm, oldest first."""
    scores = Score.objects.filter(monitor=monitor, number__lte=alarm.at).order_by("-number")
    rows = scores.values_list("number", "value", "level", "annotation_id")[:NEWEST]
    return [(Point(*row[:3]), row[3]) for row in list(rows)[::-1]]


def _a_day(monitor: Monitor, now: datetime) -> float:
    """What the project got a day in the last week, from the first answer in it on, but at least over one day.

    These are answers for whatever purpose, or answered items for the project's own monitor.
    """
    with connection.cursor() as cursor:
        since = first_id_since(now - timedelta(days=_DAYS))
        cursor.execute(_A_DAY, [now, monitor.project_id, since])
        answers, items, days = cursor.fetchone()
        return float(answers if monitor.enrollment_id else items) / max(1.0, float(days or 0.0))
