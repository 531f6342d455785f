"""Celery tasks of quality."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.db import connection

from projects.quality import annotators, services, stale
from projects.quality.alerts.tasks import follow_alerts as follow_alerts
from projects.quality.gold import kept, retiring
from projects.quality.models import Stale
from projects.quality.pay import measuring
from rlhfhub.ground import locks
from rlhfhub.ground.ids import first_id_since
from rlhfhub.queues import LONG, in_a_turn, tried
from rlhfhub.tenancy import clock, planes
from rlhfhub.web.costly import unless_resting

EVERY = 2.0
_REFRESH: dict[str, Callable[..., object]] = {
    Stale.Figures.AGREEMENT: services.refresh_agreement,
    Stale.Figures.ANNOTATORS: annotators.refresh_annotators,
    Stale.Figures.KEYS: kept.refresh,
}


@LONG.task("quality.refresh")
def refresh() -> None:
    """Recompute the stale figures of the projects that have new answers or decisions.

    Only one worker at a time recomputes the same figures of a project. A project whose computation takes long is
    recomputed less often, and stays marked as stale in the meantime.
    """
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, project_id, figures FROM projects_quality_stale "
            "GROUP BY workspace_id, project_id, figures ORDER BY min(since) LIMIT 200"
        )
        waiting = cursor.fetchall()
    for workspace_id, project_id, figures in in_a_turn(waiting):
        refreshed = partial(_refresh, workspace_id, project_id, figures)
        tried(unless_resting, f"{figures}:{project_id}", refreshed, every=EVERY)


# Keys are checked where keyed items were answered since the check before.
_GOLD_ANSWERED = """
    SELECT DISTINCT workspace_id, project_id FROM projects_quality_goldanswer WHERE id > %s ORDER BY project_id
"""


@LONG.task("quality.check_keys")
def check_keys() -> None:
    """Retire the keys of items that measure nobody well any more, in projects with answers of the last two days."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_GOLD_ANSWERED, [first_id_since(clock.now() - timedelta(days=2))])
        answered = cursor.fetchall()
    for each in in_a_turn(answered):
        tried(_check_keys, *each)


@LONG.task("quality.measure_pay")
def measure_pay() -> None:
    """Measure the time and pay of projects' answers anew, for the market's listing and the floor."""
    measuring.measure_due()


def _check_keys(workspace_id: uuid.UUID, project_id: uuid.UUID) -> None:
    with planes.in_workspace(workspace_id):
        retiring.retire_unsound(project_id=project_id)
        stale.mark_stale(project_ids=[project_id], figures=[Stale.Figures.KEYS])


def _refresh(workspace_id: uuid.UUID, project_id: uuid.UUID, figures: str) -> None:
    with planes.in_workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))",
            [f"{project_id}:{figures}", locks.FIGURES_OF_A_PROJECT],
        )
        if not cursor.fetchone()[0]:
            return
        with stale.recomputed(project_id, figures):
            _REFRESH[figures](project_id=project_id)
