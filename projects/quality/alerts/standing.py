"""What became of the answers that alerts are about, and the alerts that were upheld. Workspace plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from projects.plan.models import Project
from projects.quality.alerts import affected
from projects.quality.alerts.boards import AFFECTED, Exported
from projects.quality.alerts.models import Alert
from projects.quality.alerts.selectors import ShownAlert, shown
from projects.work.models import Annotation
from rlhfhub.web.costly import remembered

#: The newest upheld alerts that the quality page lists.
UPHELD = 5
_State = Annotation.State


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of an alert's affected answers for data are accepted, not decided yet, rejected, and in exports."""

    accepted: int
    undecided: int
    rejected: int
    exported: int

    @property
    def in_use(self) -> bool:
        """Whether any of them counts in results."""
        return bool(self.accepted or self.exported)


@dataclass(frozen=True, slots=True)
class Found:
    """An upheld alert, and what became of the answers that it is about."""

    alert: ShownAlert
    standing: Standing


def standing_of(alert: Alert) -> Standing:
    """Return what became of the answers that an alert is about."""
    counted = affected.for_data(alert).aggregate(
        accepted=Count("id", filter=Q(state=_State.ACCEPTED)),
        undecided=Count("id", filter=Q(state__in=[_State.SUBMITTED, _State.RETURNED])),
        rejected=Count("id", filter=Q(state=_State.REJECTED)),
    )
    exported = AFFECTED.panel("exports", alert)
    assert isinstance(exported, Exported), "the room of exports registers how many it has"
    return Standing(**counted, exported=exported.answers)


def found_in(project: Project) -> list[Found]:
    """Return the newest alerts of a project that were upheld."""
    rows = Alert.objects.filter(project=project, state=Alert.State.UPHELD)
    rows = rows.select_related("enrollment").defer("annotations").order_by("-pk")[:UPHELD]
    return remembered(
        f"alerts-upheld:{project.pk}", lambda: [Found(shown(row), standing_of(row)) for row in rows]
    )


# The union takes an answer once that several alerts are about.
_BY_PROJECT = "SELECT found.project_id, count(*) FROM ({each}) found GROUP BY found.project_id"


def in_doubt(project_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many accepted answers for data the upheld alerts of each project are about.

    An answer that several of them are about counts once. Projects without such an answer are left out.
    """
    rows = Alert.objects.filter(project__in=project_ids, state=Alert.State.UPHELD)
    each = [
        affected.for_data(row).filter(state=_State.ACCEPTED).values("project_id", "pk")
        for row in rows.defer("annotations")
    ]
    if not each:
        return {}
    query, parameters = each[0].union(*each[1:]).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_BY_PROJECT.format(each=query), parameters)
        return dict(cursor.fetchall())
