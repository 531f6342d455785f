"""The event handlers of calibration: mark submitted answers, and decide attempts in closed rounds and batches."""

from collections.abc import Sequence

from projects.calibration.services import marking, sweeping
from projects.calibration.services.rounds import ROUND_CLOSED
from projects.items.services import BATCH_CLOSED
from projects.work.services.annotations import SUBMITTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy.planes import Plane


def on_submitted(facts: Sequence[Fact]) -> None:
    """Mark those of the submitted answers that belong to a calibration attempt."""
    marking.mark_answers(annotation_ids=[fact.subject_id for fact in facts])


def on_closed(facts: Sequence[Fact]) -> None:
    """Decide running attempts after a round or batch was closed, and begin the attempts of those who wait."""
    sweeping.decide_closed()
    sweeping.begin_waiting()


_MISSING = """
    SELECT a.workspace_id, a.id AS subject_id,
           jsonb_build_object('item_id', a.item_id, 'project_id', a.project_id) AS data
    FROM projects_work_annotation a
    JOIN projects_calibration_attempt t ON t.enrollment_id = a.enrollment_id AND t.batch_id = a.batch_id
    WHERE a.id > %(after)s AND a.id <= %(end)s AND a.purpose = 'calibration'
      AND NOT EXISTS (SELECT 1 FROM projects_calibration_mark m WHERE m.annotation_id = a.id)
"""
MARK_OWED = Debt(
    "an answer in a calibration attempt is marked",
    SUBMITTED,
    "projects_work_annotation",
    _MISSING,
)


def register() -> None:
    """Subscribe the handlers and register the check for missed events. Called once the apps are ready."""
    debts.register(MARK_OWED)
    outbox.subscribe(SUBMITTED, on_submitted, plane=Plane.SYSTEM)
    outbox.subscribe(ROUND_CLOSED, on_closed, plane=Plane.SYSTEM)
    outbox.subscribe(BATCH_CLOSED, on_closed, plane=Plane.SYSTEM)
