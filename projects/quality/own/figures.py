"""Keeping the figures that annotators are shown of themselves, and reading them."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from django.db import connection
from django.db.models import Q

from projects.enrollment.models import Enrollment
from projects.quality.alerts.models import Alert
from projects.quality.gold.shown import ShownGold, shown_gold
from projects.quality.own.models import OwnFigures
from rlhfhub.tenancy import clock

#: A figure is shown from so many compared answers on, and moves after as many more.
BY = 10

_SHOW = """
    INSERT INTO projects_quality_ownfigures AS shown (id, workspace_id, project_id, enrollment_id, annotator_id,
        agreement, agreement_low, agreement_high, compared, shown_on)
    SELECT rlhfhub_uuid7(), f.workspace_id, f.project_id, f.enrollment_id, e.annotator_id,
        f.agreement, f.agreement_low, f.agreement_high, f.compared, (clock_timestamp() AT TIME ZONE 'UTC')::date
    FROM projects_quality_annotatorfigures f JOIN projects_enrollment_enrollment e ON e.id = f.enrollment_id
    WHERE f.project_id = %(project)s AND f.question = %(question)s AND f.compared >= %(by)s
    ON CONFLICT (enrollment_id) DO UPDATE SET agreement = EXCLUDED.agreement,
        agreement_low = EXCLUDED.agreement_low, agreement_high = EXCLUDED.agreement_high,
        compared = EXCLUDED.compared, shown_on = EXCLUDED.shown_on
    WHERE shown.shown_on < EXCLUDED.shown_on AND EXCLUDED.compared >= shown.compared + %(by)s
"""


def show(*, project_id: uuid.UUID, question: str) -> None:
    """Show a project's annotators their newest agreement on a question, where it is due to move. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_SHOW, {"project": project_id, "question": question, "by": BY})


_DONE = """
    SELECT count(*), count(*) FILTER (WHERE state = 'accepted'),
           count(*) FILTER (WHERE state IN ('submitted', 'returned')),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
    FROM projects_work_annotation WHERE enrollment_id = %s
"""


@dataclass(frozen=True, slots=True)
class Own:
    """What an annotator did in a project: all answers alike, whatever they are for.

    `median_seconds` is None without an answer, `figures` until ten answers could be compared. `gold` is by question, as
    of the last midnight. Both count all answers since the first one, so they would contradict an alert about the newest
    ones: they are left out, and said to be withheld, while such an alert is open, and after it was upheld until they
    have moved.
    """

    answers: int
    accepted: int
    waiting: int
    median_seconds: float | None
    figures: OwnFigures | None
    gold: list[ShownGold]
    agreement_withheld: bool
    gold_withheld: bool

    @property
    def next_compared(self) -> int | None:
        """How many answers must be comparable before the agreement moves; None before it is shown."""
        return self.figures.compared + BY if self.figures else None

    @property
    def next_on(self) -> date | None:
        """The first day (UTC) on which the agreement may move; None before it is shown."""
        return self.figures.shown_on + timedelta(days=1) if self.figures else None


_OF_AGREEMENT = {Alert.Kind.AGREEMENT, Alert.Kind.GUESSING}
_OF_GOLD = {Alert.Kind.GOLD, Alert.Kind.GUESSING}


def own_of(enrollment: Enrollment) -> Own:
    """Return how the annotator of an enrollment does. Annotator plane."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [enrollment.pk])
        answers, accepted, waiting, seconds = cursor.fetchone()
    figures = OwnFigures.objects.filter(enrollment=enrollment).first()
    doubts = _doubts(enrollment)
    is_withheld = _is_withheld(doubts, _OF_AGREEMENT, figures.shown_on if figures else None)
    has_gold = not _is_withheld(doubts, _OF_GOLD, clock.now().astimezone(UTC).date())
    return Own(
        *(answers, accepted, waiting, seconds),
        figures=None if is_withheld else figures,
        gold=shown_gold(enrollment) if has_gold else [],
        agreement_withheld=is_withheld,
        gold_withheld=not has_gold,
    )


def _doubts(enrollment: Enrollment) -> list[Alert]:
    """The alerts that were told to the annotator and are open or upheld, without their evidence."""
    rows = Alert.objects.filter(enrollment=enrollment, kind__in=_OF_AGREEMENT | _OF_GOLD)
    rows = rows.filter(Q(state=Alert.State.OPEN) | Q(state=Alert.State.UPHELD))
    return list(rows.only("id", "kind", "state", "decided_at"))


def _is_withheld(doubts: list[Alert], kinds: set[Alert.Kind], shown_on: date | None) -> bool:
    """Whether an alert of these kinds is open, or was upheld on the day of the figure or later."""
    of_kind = [alert for alert in doubts if alert.kind in kinds]
    if any(alert.state == Alert.State.OPEN for alert in of_kind):
        return True
    decided = [alert.decided_at.astimezone(UTC).date() for alert in of_kind if alert.decided_at]
    return shown_on is not None and any(shown_on <= day for day in decided)
