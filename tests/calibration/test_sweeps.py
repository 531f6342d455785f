"""The sweeps reach everybody: whoever cannot be decided or recalibrated keeps nobody behind them from their turn."""

from collections.abc import Callable

import pytest

from projects.calibration import tasks
from projects.calibration.services import attempts, sweeping
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made
from tests.calibration.acts import a_day_passes, answer_until_decided, passed

Deliver = Callable[[], int]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 1)


def test_an_attempt_behind_one_that_goes_on_is_decided(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    goes_on, over = people.make_annotator(asking, "Ada"), people.make_annotator(asking, "Ben")
    made.answer(over, made.right, most=5)
    deliver()
    while (lease := over.lease()) is not None:
        over.client.post(f"/api/v1/desk/leases/{lease['id']}/return/", {"reason": "unclear"})
    tasks.sweep()
    assert made.attempt_of(goes_on).state == "running"
    assert made.attempt_of(over).state == "failed"


def test_a_pass_runs_out_behind_one_that_cannot_be_renewed(
    asking: Project, deliver: Deliver
) -> None:
    """Ada has had the items of both attempts, so that no round is open to her."""
    made.open_round(asking)
    ada = passed(asking, deliver)
    with planes.in_workspace(asking.workspace_id):
        attempts.recalibrate(enrollment_id=ada.enrollment.pk, why="It drifts.")
    assert answer_until_decided(ada, made.right, deliver).state == "passed"
    ben = passed(asking, deliver, "Ben")
    with planes.in_workspace(asking.workspace_id):
        Project.objects.filter(pk=asking.pk).update(recalibrate_days=1)
    a_day_passes()
    tasks.recalibrate_due()
    assert made.state_of(ada) == "active"
    assert made.state_of(ben) == "calibrating"
