"""Celery task of alerts: replace main work where asked for, lift what nobody decided on in time, tell annotators."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from projects.quality.alerts import actions, notices, services
from projects.quality.alerts.models import Alert
from rlhfhub.ground.refusals import Refused
from rlhfhub.queues import SHORT, in_a_turn, tried
from rlhfhub.tenancy import planes

_AT_ONCE = 200
# An alert whose annotator cannot be recalibrated now is tried again until it is decided or lifted.
_TO_SWAP = """
    SELECT a.workspace_id, a.id FROM projects_quality_alert a
    JOIN projects_plan_project p ON p.id = a.project_id AND p.on_alarm = 'swap'
    WHERE a.state = 'open' AND a.swapped_at IS NULL AND a.told_at <= statement_timestamp() AND a.kind = ANY(%s)
    ORDER BY a.lifts_at LIMIT %s
"""
_DUE = """
    SELECT workspace_id, id FROM projects_quality_alert
    WHERE state = 'open' AND lifts_at <= statement_timestamp() ORDER BY lifts_at LIMIT %s
"""


@SHORT.task("quality.follow_alerts")
def follow_alerts() -> None:
    """Act on open alerts, and tell annotators of them and of decisions, each in a transaction of its own."""
    _each(_DUE, [_AT_ONCE], lambda alert_id: services.lift_due(alert_id=alert_id))
    _each(_TO_SWAP, [list(actions.SWAPPING), _AT_ONCE], _swap)
    _each(notices.TO_TELL, [_AT_ONCE], lambda pk: notices.tell_annotator(alert_id=pk))
    _each(notices.TO_TELL_DECIDED, [_AT_ONCE], lambda pk: notices.tell_decision(alert_id=pk))


def _each(query: str, values: list[Any], act: Callable[[uuid.UUID], object]) -> None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(query, values)
        found = cursor.fetchall()
    for workspace_id, alert_id in in_a_turn(found):
        tried(_in, workspace_id, alert_id, act)


def _in(workspace_id: uuid.UUID, alert_id: uuid.UUID, act: Callable[[uuid.UUID], object]) -> None:
    with planes.in_workspace(workspace_id):
        act(alert_id)


def _swap(alert_id: uuid.UUID) -> None:
    rows = Alert.objects.select_for_update(of=("self",)).filter(state=Alert.State.OPEN)
    alert = rows.filter(pk=alert_id, swapped_at=None).first()
    if alert is None:
        return
    try:
        with transaction.atomic():
            actions.recalibrate(alert=alert)
    except Refused:
        # Without a round, or for somebody who calibrates already, the decision is left to a person.
        return
